"""Lengths that one note can be written for; longer ones are split and tied.

Lengths are in eighths.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from seqapps.tasks.music.notation.bars import TupletRatio
from seqapps.tasks.music.notation.meter import bar_length, metric_units
from seqapps.tasks.music.notation.parsed import Element, ParsedNote
from seqapps.tasks.music.notation.unusable import Unusable

# of the lengths, in lowest terms, of notes with up to two dots
NUMERATORS = {1, 2, 3, 4, 6, 7, 8, 12, 14, 16}
DENOMINATORS = (1, 2, 4, 8)


def is_note_value(length: Fraction) -> bool:
    """Whether one note, with up to two dots, can have a length."""
    return length.numerator in NUMERATORS and length.denominator in DENOMINATORS


def split_at_beats(
    start: Fraction, end: Fraction, units: list[Fraction]
) -> Iterator[tuple[Fraction, Fraction]]:
    """Splits a span that one note cannot fill, at the strongest beats.

    Args:
        start: eighths from the beginning of a bar.
        end: likewise.
        units: as `metric_units` returns them.

    Yields:
        Start and end of each part.

    Raises:
        Unusable: the span is finer than every unit.
    """
    if is_note_value(end - start):
        yield start, end
        return
    for unit in units:
        cut = (-(-end // unit) - 1) * unit
        if cut > start:
            yield from split_at_beats(start, cut, units)
            yield from split_at_beats(cut, end, units)
            return
    raise Unusable("unusual duration")


def tie_long_notes(
    meter: str, elements: list[Element], start: Fraction
) -> list[Element]:
    """Writes notes without a note value as several tied ones.

    Args:
        meter: such as "6/8".
        elements: of one measure; its tuplets are all canonical.
        start: where in the bar they begin.

    Raises:
        Unusable: a note is longer than a bar, or too fine.
    """
    tied: list[Element] = []
    tuplet = TupletRatio()
    for e in elements:
        if isinstance(e, int):
            tuplet.open(e)
            tied.append(e)
            continue
        assert isinstance(e, ParsedNote)  # tuplets.rewrite_tuplets has run
        in_tuplet = tuplet.remaining > 0
        duration = tuplet.scale(e.length)
        if in_tuplet or is_note_value(e.length):
            tied.append(e)
        else:
            too_long = duration > bar_length(meter)
            if too_long or e.length.denominator not in DENOMINATORS:
                raise Unusable("unusual duration")
            tied += _tied_parts(
                e, split_at_beats(start, start + duration, metric_units(meter))
            )
        start += duration
    return tied


def _tied_parts(
    note: ParsedNote, spans: Iterator[tuple[Fraction, Fraction]]
) -> list[ParsedNote]:
    parts = [
        note_part(replace(note, accidental=""), end - start, last=False)
        for start, end in spans
    ]
    parts[0].accidental = note.accidental
    parts[-1].tied = note.tied
    return parts


def note_part(note: ParsedNote, length: Fraction, last: bool) -> ParsedNote:
    """Returns a part of a note, tied to the next part unless it is the last."""
    tied = note.tied if last else note.pitch != "z"
    return replace(note, length=length, tied=tied)
