"""Tuplets that canonical ABC lacks, in those that it has or without any."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import gcd

from seqapps.tasks.music.notation.bars import TUPLETS
from seqapps.tasks.music.notation.header import Unusable
from seqapps.tasks.music.notation.lengths import SAYABLE, sayable
from seqapps.tasks.music.notation.measure import Measure, Note, Tuplet

_GRID = Fraction(1, 4)  # of an eighth
_UNUSUAL = "unusual tuplet"


def written_out(m: Measure) -> bool:
    """Writes the tuplets of a measure as canonical ABC can say them.

    What three notes in the time of two can say becomes triplets with ties,
    what needs no tuplet is written plainly, and the rest is put on the grid.

    Args:
        m: is changed.

    Returns:
        Whether notes were moved to the grid.

    Raises:
        Unusable: a tuplet is not complete, or too fast for the grid.
    """
    if not any(_needs(m.notes, i) for i in range(len(m.notes))):
        return False
    notes: list[Note | Tuplet | int] = []
    places = {}  # where what stood at a place stands now
    moved, i = False, 0
    while i < len(m.notes):
        places[i] = len(notes)
        n = m.notes[i]
        i += 1
        if not _needs(m.notes, i - 1):
            notes.append(n)
            continue
        opener = n if isinstance(n, Tuplet) else Tuplet(n, TUPLETS[n], n)
        group = m.notes[i : i + opener.r]
        if len(group) < opener.r or not all(isinstance(x, Note) for x in group):
            raise Unusable(_UNUSUAL)
        i += opener.r
        new, off = _written(group, Fraction(opener.q, opener.p))
        notes += new
        moved |= off
    places[i] = len(notes)
    m.breaks = [places[b] for b in m.breaks if b in places]
    m.notes = notes
    return moved


def _needs(notes: list[Note | Tuplet | int], i: int) -> bool:
    """Whether a tuplet opens there that cannot stay as it is."""
    p = notes[i]
    if not isinstance(p, int):
        return isinstance(p, Tuplet)
    group = [n for n in notes[i + 1 : i + 1 + p] if isinstance(n, Note)]
    return len(group) == p and any(
        n.length.denominator in SAYABLE and not sayable(n.length) for n in group
    )


def _written(group: list[Note], rate: Fraction) -> tuple[list, bool]:
    """A group of notes, and whether any of them was moved."""
    real = [n.length * rate for n in group]
    if all(length.denominator in SAYABLE for length in real):
        pairs = zip(group, real, strict=True)
        return [replace(n, length=length) for n, length in pairs], False
    unit = _common(real)
    whole = sum(real, Fraction(0))
    if (
        (unit * 3).denominator in (1, 2, 4, 8)
        and (unit * 3 / 2).denominator in SAYABLE
        and whole % (3 * unit) == 0
    ):
        return list(_triplets(group, real, unit)), False
    return list(_on_grid(group, real)), True


def _common(lengths: list[Fraction]) -> Fraction:
    """The longest length of which all are multiples."""
    under = 1
    for length in lengths:
        under = under * length.denominator // gcd(under, length.denominator)
    return Fraction(gcd(*(int(x * under) for x in lengths)), under)


def _triplets(
    group: list[Note], real: list[Fraction], unit: Fraction
) -> Iterator[Note | int]:
    """Cut at every third unit, with ties over the cuts."""
    span = 3 * unit
    inside: list[Note] = []  # lengths as they sound
    left = span
    for n, length in zip(group, real, strict=True):
        while length > left:
            inside.append(_part(n, left, False))
            length -= left
            yield from _triplet(inside, unit)
            inside, left = [], span
        inside.append(_part(n, length, True))
        left -= length
        if not left:
            yield from _triplet(inside, unit)
            inside, left = [], span


def _triplet(inside: list[Note], unit: Fraction) -> Iterator[Note | int]:
    if len(inside) == 1:
        yield inside[0]
        return
    yield 3
    for n in inside:
        if len(inside) == 2 and n.length == 2 * unit:
            yield _part(n, unit * 3 / 2, False)
            yield _part(n, unit * 3 / 2, True)
        else:
            yield replace(n, length=n.length * 3 / 2)


def _on_grid(group: list[Note], real: list[Fraction]) -> Iterator[Note]:
    whole = sum(real, Fraction(0))
    if whole % _GRID:
        raise Unusable(_UNUSUAL)
    time = Fraction(0)
    for n, length in zip(group, real, strict=True):
        start = round(time / _GRID) * _GRID
        time += length
        end = round(time / _GRID) * _GRID
        if end <= start:
            raise Unusable(_UNUSUAL)
        yield replace(n, length=end - start)


def _part(n: Note, length: Fraction, last: bool) -> Note:
    """A part of a note; a tie leads on from all but the last."""
    tied = n.tied if last else n.pitch != "z"
    return replace(n, length=length, tied=tied)
