"""From measures as they were read to measures that canonical ABC can say."""

from collections.abc import Iterator
from fractions import Fraction

from seqapps.tasks.music import bars
from seqapps.tasks.music.header import Unusable
from seqapps.tasks.music.scanner import Bar, Measure, Note, height

LOWEST, HIGHEST = height("C,"), height("c'''")
# eighths that one sign can be written for, with up to two dots
_LENGTHS = {1, 2, 3, 4, 6, 7, 8, 12, 14, 16}


def mend(
    meter: str, measures: list[Measure], complete: bool = True
) -> list[Measure]:
    """Mend what can be mended without a guess.

    Ties between different notes are dropped, others joined; bar lines that go
    without saying, and repeats that close of themselves, are written out.

    Args:
        meter: such as "6/8".
        measures: as the scanner read them; they are changed in place.
        complete: whether it is a whole tune. If not, a repeat or an ending
            that is open at the end stays so.

    Returns:
        The measures; the first has no notes, only the opening bar line.

    Raises:
        Unusable: for what is left.
    """
    whole = Fraction(meter) * 8
    if measures[0].notes:
        measures.insert(0, Measure())
    if not measures[-1].notes:
        measures.pop()
    if len(measures) < 2:
        raise Unusable("no notes")
    measures = [part for m in measures for part in _at_breaks(whole, m)]
    notes = [n for m in measures for n in m.notes if isinstance(n, Note)]
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        note.tied = note.tied and _same(note, following)
        if note.pitch != "z" and not (LOWEST <= height(note.pitch) <= HIGHEST):
            raise Unusable("out of range")
        if not sayable(note.length):
            raise Unusable("unusual duration")
    for m in measures:
        m.notes = _merge(m.notes)
    _balance(measures, complete)
    _open(measures)
    return measures


def sayable(length: Fraction) -> bool:
    """Whether one sign can be written for a length, in eighths."""
    return length.numerator in _LENGTHS and length.denominator in (1, 2, 4)


def _same(note: Note, following: Note | None) -> bool:
    """Whether a tie holds: the others are slurs in disguise."""
    return (
        following is not None
        and note.pitch == following.pitch != "z"
        and following.accidental in ("", note.accidental)
    )


def _at_breaks(whole: Fraction, m: Measure) -> list[Measure]:
    """Where a line ends on a full bar, the bar line went without saying."""
    for place in m.breaks:
        before, after = m.notes[:place], m.notes[place:]
        if before and after and _held(before) == whole:
            breaks = [b - place for b in m.breaks if b > place]
            rest = Measure(after, breaks, m.bar)
            return [Measure(before), *_at_breaks(whole, rest)]
    return [m]


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
        elif joins and (before.length + n.length).numerator in _LENGTHS:
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
