"""Turns measures as parsed into measures that canonical ABC can write."""

from collections.abc import Iterator
from fractions import Fraction

from seqapps.tasks.music.notation import endings, losses, repeats, tuplets
from seqapps.tasks.music.notation.bars import TupletRatio
from seqapps.tasks.music.notation.fields import Fields
from seqapps.tasks.music.notation.meter import bar_length
from seqapps.tasks.music.notation.note_values import (
    NUMERATORS,
    is_note_value,
    tie_long_notes,
)
from seqapps.tasks.music.notation.parsed import (
    MAX_BARS,
    BarLine,
    Element,
    ParsedMeasure,
    ParsedNote,
)
from seqapps.tasks.music.notation.pitch import (
    HIGHEST,
    LOWEST,
    diatonic_step,
    octaves_into_range,
    shift_octaves,
)
from seqapps.tasks.music.notation.unusable import Unusable

_STRICT_DENOMINATOR = 4  # an eighth is divided no finer in strict parsing


def repair(
    fields: Fields, measures: list[ParsedMeasure], complete: bool = True
) -> list[ParsedMeasure]:
    """Repairs what can be repaired without a guess.

    Ties between different notes are dropped and other tied notes joined;
    missing bar lines at the ends of lines, and the signs of repeats that are
    only implied, are written out.

    Args:
        fields: of the tune; losses are added to it.
        measures: as the scanner returns them; changed in place.
        complete: whether it is a whole tune. If not, a repeat or an ending
            that is open at the end stays open.

    Returns:
        The measures; the first has no notes, only the opening bar line.

    Raises:
        Unusable: for what cannot be repaired.
    """
    full_bar = bar_length(fields.meter)
    if measures[0].elements:
        measures.insert(0, ParsedMeasure())
    if not measures[-1].elements:
        measures.pop()
    if not any(m.notes for m in measures):
        raise Unusable("no notes")
    for m in measures:
        if tuplets.rewrite_tuplets(m):
            fields.losses[losses.GRID] = 0
    measures = [part for m in measures for part in _split_lines(full_bar, m)]
    _check_count(measures)
    _drop_false_ties(measures)
    _move_into_range(fields, measures)
    for i, m in enumerate(measures):
        _tie_long_notes(fields, m, full_bar, first=i == 1)
    for m in measures:
        m.elements = _join_tied(m.elements)
    measures = endings.expand_endings(measures)
    _check_count(measures)
    repeats.close_repeats(measures, complete)
    repeats.open_repeats(measures)
    return measures


def _check_count(measures: list[ParsedMeasure]) -> None:
    if len(measures) > MAX_BARS:
        raise Unusable(f"more than {MAX_BARS} bars")


def _split_lines(full_bar: Fraction, m: ParsedMeasure) -> list[ParsedMeasure]:
    """Splits a measure where a line of the source ends on a full bar."""
    parts, start = [], 0
    total, tuplet = Fraction(0), TupletRatio()
    line_breaks = set(m.line_breaks)
    for i, e in enumerate(m.elements):
        if i > start and i in line_breaks and total == full_bar:
            parts.append(ParsedMeasure(m.elements[start:i]))
            start, total, tuplet = i, Fraction(0), TupletRatio()
        if isinstance(e, int):
            tuplet.open(e)
        elif isinstance(e, ParsedNote):
            total += tuplet.scale(e.length)
    return [*parts, ParsedMeasure(m.elements[start:], [], m.bar_line)]


def _drop_false_ties(measures: list[ParsedMeasure]) -> None:
    """Drops ties between different notes: they are slurs."""
    notes = [note for m in measures for note in m.notes]
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        note.tied = (
            note.tied
            and following is not None
            and note.pitch == following.pitch != "z"
            and following.accidental in ("", note.accidental)
        )


def _move_into_range(fields: Fields, measures: list[ParsedMeasure]) -> None:
    """Moves a tune that lies too low or too high by octaves."""
    notes = [n for m in measures for n in m.notes if n.pitch != "z"]
    steps = [diatonic_step(n.pitch) for n in notes]
    low, high = min(steps, default=0), max(steps, default=0)
    octaves = octaves_into_range(low, high)
    if LOWEST <= low and high <= HIGHEST:
        return
    fields.refuse_if_strict("out of range")
    low, high = low + 7 * octaves, high + 7 * octaves
    if not LOWEST <= low <= high <= HIGHEST:
        raise Unusable("out of range")
    fields.losses[losses.OCTAVES] = octaves
    for note in notes:
        note.pitch = shift_octaves(note.pitch, octaves)


def _tie_long_notes(
    fields: Fields, m: ParsedMeasure, full_bar: Fraction, first: bool
) -> None:
    """Writes notes without a note value as several tied ones.

    Args:
        fields: of the tune.
        m: is changed in place.
        full_bar: length of a bar in eighths.
        first: whether it may be a pick-up, which ends on the bar line.
    """
    if any(n.length.denominator > _STRICT_DENOMINATOR for n in m.notes):
        fields.refuse_if_strict("unusual duration")
    if all(is_note_value(n.length) for n in m.notes):
        return
    fields.refuse_if_strict("unusual duration")
    duration = _duration(m.elements) if first else full_bar
    start = max(full_bar - duration, Fraction(0))
    m.elements = tie_long_notes(fields.meter, m.elements, start)


def _duration(elements: list[Element]) -> Fraction:
    total, tuplet = Fraction(0), TupletRatio()
    for e in elements:
        if isinstance(e, int):
            tuplet.open(e)
        elif isinstance(e, ParsedNote):
            total += tuplet.scale(e.length)
    return total


def _join_tied(elements: list[Element]) -> list[Element]:
    """Joins two tied notes if one note can be written for both."""
    joined: list[Element] = []
    remaining = 0  # notes of a tuplet still to come; below 0, the last had none
    for e in elements:
        before = joined[-1] if joined else None
        if isinstance(e, int):
            remaining = e
        elif (
            isinstance(e, ParsedNote)
            and isinstance(before, ParsedNote)
            and before.tied
            and remaining < 0
            and (before.length + e.length).numerator in NUMERATORS
        ):
            before.length += e.length
            before.tied = e.tied
            continue
        else:
            remaining -= 1
        joined.append(e)
    return joined


def to_tokens(measures: list[ParsedMeasure]) -> Iterator[str]:
    """Yields canonical tokens.

    Args:
        measures: the first has no notes, only the opening bar line.
    """
    if measures[0].bar_line.starts_repeat:
        yield "|:"
    for m in measures[1:]:
        for e in m.elements:
            yield _note_token(e) if isinstance(e, ParsedNote) else f"({e}"
        yield _bar_line_token(m.bar_line, m is measures[-1])
        if m.bar_line.ending:
            yield f"[{m.bar_line.ending}"


def _note_token(note: ParsedNote) -> str:
    over, under = note.length.numerator, note.length.denominator
    size = ("" if over == 1 else str(over)) + (f"/{under}" if under > 1 else "")
    return note.accidental + note.pitch + size + "-" * note.tied


def _bar_line_token(line: BarLine, last: bool) -> str:
    if line.ends_repeat:
        return "::" if line.starts_repeat else ":|"
    if line.starts_repeat:
        return "|:"
    return "|]" if last else "||" if line.double else "|"
