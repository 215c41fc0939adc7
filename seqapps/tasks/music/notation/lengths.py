"""Lengths that one sign can be written for, and the others cut at beats."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from seqapps.tasks.music.notation.bars import TUPLETS
from seqapps.tasks.music.notation.header import Unusable
from seqapps.tasks.music.notation.measure import Note, Tuplet

# eighths that one sign can be written for, with up to two dots
SIGNS = {1, 2, 3, 4, 6, 7, 8, 12, 14, 16}
SAYABLE = (1, 2, 4, 8)  # denominators


def sayable(length: Fraction) -> bool:
    """Whether one sign can be written for a length, in eighths."""
    return length.numerator in SIGNS and length.denominator in SAYABLE


def beats(meter: str) -> list[Fraction]:
    """Lengths of the parts of a bar in eighths, from the longest on."""
    over, under = map(int, meter.split("/"))
    finer = [Fraction(1, 2**k) for k in range(3)]
    if under >= 8 and over % 3 == 0:
        return [Fraction(24, under), *finer]
    halves = [Fraction(4)] if over % 2 == 0 else []
    return [*halves, Fraction(2), *finer]


def parts(
    start: Fraction, end: Fraction, beats: list[Fraction]
) -> Iterator[tuple[Fraction, Fraction]]:
    """Cuts what one sign cannot be written for, at the beat.

    Args:
        start: in eighths from the beginning of a bar.
        end: the same.
        beats: as `beats` gives them.

    Raises:
        Unusable: it is finer than any of the beats.
    """
    if sayable(end - start):
        yield start, end
        return
    for beat in beats:
        cut = (-(-end // beat) - 1) * beat
        if cut > start:
            yield from parts(start, cut, beats)
            yield from parts(cut, end, beats)
            return
    raise Unusable("unusual duration")


def tied(
    meter: str, notes: list[Note | Tuplet | int], start: Fraction
) -> list[Note | Tuplet | int]:
    """Writes long notes as several that are tied.

    Args:
        meter: such as "6/8".
        notes: of one measure.
        start: where it begins in the bar, in eighths.
    """
    done: list[Note | Tuplet | int] = []
    scale, left = Fraction(1), 0
    for n in notes:
        if not isinstance(n, Note):
            scale, left = Fraction(TUPLETS[n], n), n
            done.append(n)
            continue
        inside = left > 0
        length = n.length * (scale if inside else 1)
        left -= 1
        if inside or sayable(n.length):
            done.append(n)
        else:
            longer = length > Fraction(meter) * 8
            if longer or n.length.denominator not in SAYABLE:
                raise Unusable("unusual duration")
            cuts = list(parts(start, start + length, beats(meter)))
            for k, (begin, end) in enumerate(cuts):
                last = k == len(cuts) - 1
                leads = n.tied if last else n.pitch != "z"
                sign = "" if k else n.accidental
                done.append(
                    replace(n, accidental=sign, length=end - begin, tied=leads)
                )
        start += length
    return done
