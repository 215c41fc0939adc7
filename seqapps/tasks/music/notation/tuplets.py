"""Rewrites tuplets that canonical ABC lacks by those it has, or without any.

Lengths are in eighths.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import gcd

from seqapps.tasks.music.notation.bars import TUPLETS
from seqapps.tasks.music.notation.note_values import (
    DENOMINATORS,
    is_note_value,
    note_part,
)
from seqapps.tasks.music.notation.parsed import (
    Element,
    ParsedMeasure,
    ParsedNote,
    TupletOpener,
)
from seqapps.tasks.music.notation.unusable import Unusable

_GRID = Fraction(1, 4)  # a 32nd note
_UNUSUAL = "unusual tuplet"


def rewrite_tuplets(m: ParsedMeasure) -> bool:
    """Rewrites the tuplets of a measure as canonical ABC can write them.

    What three notes in the time of two can write becomes triplets with ties,
    what needs no tuplet is written plainly, and the rest is rounded to a grid.

    Args:
        m: is changed in place.

    Returns:
        Whether notes were rounded.

    Raises:
        Unusable: a tuplet is not complete, or too fast for the grid.
    """
    if not any(_needs_rewriting(m.elements, i) for i in range(len(m.elements))):
        return False
    elements: list[Element] = []
    new_index = {}  # by the index before
    any_rounded, i = False, 0
    while i < len(m.elements):
        new_index[i] = len(elements)
        opener = m.elements[i]
        i += 1
        if isinstance(opener, ParsedNote) or not _needs_rewriting(
            m.elements, i - 1
        ):
            elements.append(opener)
            continue
        if isinstance(opener, int):
            opener = TupletOpener(opener, TUPLETS[opener], opener)
        following = m.elements[i : i + opener.r]
        group = [e for e in following if isinstance(e, ParsedNote)]
        if len(following) < opener.r or len(group) < len(following):
            raise Unusable(_UNUSUAL)
        i += opener.r
        rewritten, rounded = _rewrite(group, Fraction(opener.q, opener.p))
        elements += rewritten
        any_rounded |= rounded
    new_index[i] = len(elements)
    m.line_breaks = [new_index[b] for b in m.line_breaks if b in new_index]
    m.elements = elements
    return any_rounded


def _needs_rewriting(elements: list[Element], i: int) -> bool:
    """Whether a tuplet opens at an index that cannot stay as it is."""
    p = elements[i]
    if not isinstance(p, int):
        return isinstance(p, TupletOpener)
    group = [
        n for n in elements[i + 1 : i + 1 + p] if isinstance(n, ParsedNote)
    ]
    return len(group) == p and any(
        n.length.denominator in DENOMINATORS and not is_note_value(n.length)
        for n in group
    )


def _rewrite(
    group: list[ParsedNote], ratio: Fraction
) -> tuple[list[Element], bool]:
    """Returns the notes of a tuplet, rewritten, and whether any was rounded."""
    lengths = [n.length * ratio for n in group]  # as they sound
    if all(length.denominator in DENOMINATORS for length in lengths):
        pairs = zip(group, lengths, strict=True)
        return [replace(n, length=length) for n, length in pairs], False
    unit = _common_unit(lengths)
    total = sum(lengths, Fraction(0))
    if (
        (unit * 3).denominator in DENOMINATORS
        and (unit * 3 / 2).denominator in DENOMINATORS
        and total % (3 * unit) == 0
    ):
        return list(_as_triplets(group, lengths, unit)), False
    return list(_on_grid(group, lengths)), True


def _common_unit(lengths: list[Fraction]) -> Fraction:
    """Returns the longest length that divides all of them."""
    under = 1
    for length in lengths:
        under = under * length.denominator // gcd(under, length.denominator)
    return Fraction(gcd(*(int(x * under) for x in lengths)), under)


def _as_triplets(
    group: list[ParsedNote], lengths: list[Fraction], unit: Fraction
) -> Iterator[Element]:
    """Cuts at every third unit, with ties over the cuts."""
    span = 3 * unit
    inside: list[ParsedNote] = []  # of one triplet; lengths as they sound
    left = span
    for n, length in zip(group, lengths, strict=True):
        while length > left:
            inside.append(note_part(n, left, last=False))
            length -= left
            yield from _triplet(inside, unit)
            inside, left = [], span
        inside.append(note_part(n, length, last=True))
        left -= length
        if not left:
            yield from _triplet(inside, unit)
            inside, left = [], span


def _triplet(inside: list[ParsedNote], unit: Fraction) -> Iterator[Element]:
    if len(inside) == 1:
        yield inside[0]
        return
    yield 3
    for n in inside:
        if len(inside) == 2 and n.length == 2 * unit:
            yield note_part(n, unit * 3 / 2, last=False)
            yield note_part(n, unit * 3 / 2, last=True)
        else:
            yield replace(n, length=n.length * 3 / 2)


def _on_grid(
    group: list[ParsedNote], lengths: list[Fraction]
) -> Iterator[ParsedNote]:
    if sum(lengths, Fraction(0)) % _GRID:
        raise Unusable(_UNUSUAL)
    time = Fraction(0)
    for n, length in zip(group, lengths, strict=True):
        start = round(time / _GRID) * _GRID
        time += length
        end = round(time / _GRID) * _GRID
        if end <= start:
            raise Unusable(_UNUSUAL)
        yield replace(n, length=end - start)
