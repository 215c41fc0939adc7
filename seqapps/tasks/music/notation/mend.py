"""From measures as they were read to measures that canonical ABC can say."""

from collections.abc import Iterator
from fractions import Fraction

from seqapps.tasks.music.notation import bars, endings, tuplets
from seqapps.tasks.music.notation.fields import GRID, OCTAVES, Fields
from seqapps.tasks.music.notation.header import Unusable
from seqapps.tasks.music.notation.lengths import SIGNS, sayable, tied
from seqapps.tasks.music.notation.measure import (
    MOST,
    Bar,
    Measure,
    Note,
    height,
    raised,
)

_FINE = 4  # parts of an eighth that the published collections have
LOWEST, HIGHEST = height("C,"), height("c'''")


def mend(
    fields: Fields, measures: list[Measure], complete: bool = True
) -> list[Measure]:
    """Mend what can be mended without a guess.

    Ties between different notes are dropped, others joined; bar lines that go
    without saying, and repeats that close of themselves, are written out.

    Args:
        fields: of the tune; what is lost is noted there.
        measures: as the scanner read them; they are changed in place.
        complete: whether it is a whole tune. If not, a repeat or an ending
            that is open at the end stays so.

    Returns:
        The measures; the first has no notes, only the opening bar line.

    Raises:
        Unusable: for what is left.
    """
    whole = Fraction(fields.meter) * 8
    if measures[0].notes:
        measures.insert(0, Measure())
    if not measures[-1].notes:
        measures.pop()
    if not any(isinstance(n, Note) for m in measures for n in m.notes):
        raise Unusable("no notes")
    for m in measures:
        if tuplets.written_out(m):
            fields.lost[GRID] = 0
    measures = [part for m in measures for part in _at_breaks(whole, m)]
    _few(measures)
    _tie(measures)
    _into_range(fields, measures)
    for i, m in enumerate(measures):
        _split(fields, m, whole, first=i == 1)
    for m in measures:
        m.notes = _merge(m.notes)
    measures = endings.written_out(measures)
    _few(measures)
    _balance(measures, complete)
    _open(measures)
    return measures


def _few(measures: list[Measure]) -> None:
    if len(measures) > MOST:
        raise Unusable(f"more than {MOST} bars")


def _tie(measures: list[Measure]) -> None:
    """Keep the ties that hold."""
    notes = [n for m in measures for n in m.notes if isinstance(n, Note)]
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        note.tied = note.tied and _same(note, following)


def _into_range(fields: Fields, measures: list[Measure]) -> None:
    """Move the whole tune by octaves, where it lies too low or too high."""
    notes = [n for m in measures for n in m.notes if isinstance(n, Note)]
    heights = [height(n.pitch) for n in notes if n.pitch != "z"]
    low, high = min(heights, default=0), max(heights, default=0)
    if LOWEST <= low and high <= HIGHEST:
        return
    fields.need("out of range")
    move = -((low - LOWEST) // 7) if low < LOWEST else 0
    move -= -((HIGHEST - high) // 7) if high > HIGHEST else 0
    if not LOWEST <= low + 7 * move <= high + 7 * move <= HIGHEST:
        raise Unusable("out of range")
    fields.lost[OCTAVES] = move
    for n in notes:
        if n.pitch != "z":
            n.pitch = raised(n.pitch, move)


def _split(fields: Fields, m: Measure, whole: Fraction, first: bool) -> None:
    """Write long notes as several; a pick-up ends on the bar line."""
    notes = [n for n in m.notes if isinstance(n, Note)]
    if any(n.length.denominator > _FINE for n in notes):
        fields.need("unusual duration")
    if all(sayable(n.length) for n in notes):
        return
    fields.need("unusual duration")
    held = _held(m.notes) if first else whole
    m.notes = tied(fields.meter, m.notes, max(whole - held, Fraction(0)))


def _same(note: Note, following: Note | None) -> bool:
    """Whether a tie holds: the others are slurs in disguise."""
    return (
        following is not None
        and note.pitch == following.pitch != "z"
        and following.accidental in ("", note.accidental)
    )


def _at_breaks(whole: Fraction, m: Measure) -> list[Measure]:
    """Where a line ends on a full bar, the bar line went without saying."""
    parts, start = [], 0
    total, scale, left = Fraction(0), Fraction(1), 0
    breaks = set(m.breaks)
    for place, n in enumerate(m.notes):
        if place > start and place in breaks and total == whole:
            parts.append(Measure(m.notes[start:place]))
            start, total, scale, left = place, Fraction(0), Fraction(1), 0
        if isinstance(n, int):
            scale, left = Fraction(bars.TUPLETS[n], n), n
        else:
            total += n.length * (scale if left > 0 else 1)
            left -= 1
    return [*parts, Measure(m.notes[start:], [], m.bar)]


def _held(notes: list[Note | int]) -> Fraction:
    total, scale, left = Fraction(0), Fraction(1), 0
    for n in notes:
        if isinstance(n, int):
            scale, left = Fraction(bars.TUPLETS[n], n), n
            continue
        total += n.length * (scale if left > 0 else 1)
        left -= 1
    return total


def _merge(notes: list[Note | int]) -> list[Note | int]:
    """Write two tied notes as one, where one sign can be written."""
    merged: list[Note | int] = []
    left = 0  # notes of a tuplet still to come; below 0, the last was in none
    for n in notes:
        before = merged[-1] if merged else 0
        joins = isinstance(before, Note) and before.tied and left < 0
        if isinstance(n, int):
            left = n
        elif joins and (before.length + n.length).numerator in SIGNS:
            before.length += n.length
            before.tied = n.tied
            continue
        else:
            left -= 1
        merged.append(n)
    return merged


def _balance(measures: list[Measure], complete: bool) -> None:
    """See that every repeat and ending opens and closes."""
    first, last = measures[0].bar, measures[-1].bar
    if complete:
        final = last
        last.start = False
    else:
        final = None  # it goes on after the last bar line
        last.ending, last.double = "", False
    if first.ending or last.ending:
        raise Unusable("unbalanced repeats")
    first.end = first.double = False
    opened, since, ending = first.start, True, ""
    for m in measures[1:]:
        bar = m.bar
        if ending == "1":
            bar.end |= bar.ending == "2"
            closes = bar.ending == "2" or bar is last and not complete
            if bar.start or bar.end and not closes or bar.ending == "1":
                raise Unusable("unbalanced repeats")
            if bar.end:
                bar.double, opened = False, False
                ending = "2"
            elif bar.double or bar is final:
                raise Unusable("unbalanced repeats")
            continue
        if bar.ending == "2" or bar.ending and (bar.start or bar.end):
            raise Unusable("unbalanced repeats")
        if bar.ending:
            if ending:
                raise Unusable("unbalanced repeats")
            bar.double, ending = False, "1"
            continue
        if ending == "2":
            if bar.end:  # nothing is left to go back for
                bar.end, bar.double = False, True
            if bar.double or bar.start:
                ending = ""
        if opened and (bar.start or bar is final) and not bar.end:
            if not since:
                raise Unusable("unbalanced repeats")
            bar.end = True
        if bar.end or bar.start:
            opened, since = bar.start, True
        elif bar.double:
            since = False


def _open(measures: list[Measure]) -> None:
    """Open every repeat where it goes back to; the first needs no sign."""
    since, opened = measures[0], True  # the bar line that begins the section
    held = since.bar.start  # by a sign: a double bar line ends no section
    since.bar.start = False
    for m in measures[1:]:
        bar = m.bar
        if (bar.end or bar.ending == "1") and not opened:
            since.bar.start, since.bar.double = True, False
        if bar.end and bar.ending == "2":
            held = False
        elif bar.end or bar.start or bar.double and not held:
            since, opened, held = m, bar.start, bar.start
        elif since is measures[0]:
            bar.double = False  # without the sign it would be gone back to


def write(measures: list[Measure]) -> Iterator[str]:
    """Canonical tokens; the first measure is only the opening bar line."""
    if measures[0].bar.start:
        yield "|:"
    for m in measures[1:]:
        for n in m.notes:
            yield f"({n}" if isinstance(n, int) else _token(n)
        yield _line(m.bar, m is measures[-1])
        if m.bar.ending:
            yield f"[{m.bar.ending}"


def _token(n: Note) -> str:
    over, under = n.length.numerator, n.length.denominator
    size = ("" if over == 1 else str(over)) + (f"/{under}" if under > 1 else "")
    return n.accidental + n.pitch + size + "-" * n.tied


def _line(bar: Bar, last: bool) -> str:
    if bar.end or bar.start:
        return {(1, 1): "::", (1, 0): ":|", (0, 1): "|:"}[bar.end, bar.start]
    return "|]" if last else "||" if bar.double else "|"
