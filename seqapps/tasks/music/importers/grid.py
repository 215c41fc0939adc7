"""Where notes may begin and end: sixteenths, and triplets of equal notes.

All times are in eighths, as `L:1/8` says.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from seqapps.tasks.music.notation.header import Unusable

STEP = Fraction(1, 2)  # a sixteenth
FINEST = Fraction(1, 4)  # what canonical ABC can write
_SPANS = (2, 1, 4)  # the time that three equal notes may share
# how much nearer than a triplet a short, a long and a short note must be
_RARE = Fraction(1, 10)
_MOST = 16  # notes within a triplet: more are noise, and slow to try


class Triplet(NamedTuple):
    """Three equal notes, or rests.

    Args:
        start: when the first begins.
        span: the time they share.
    """

    start: Fraction
    span: int

    @property
    def end(self) -> Fraction:
        return self.start + self.span

    @property
    def inner(self) -> set[Fraction]:
        """When the second and the third begin."""
        return {self.start + Fraction(self.span * k, 3) for k in (1, 2)}

    def meets(self, others: Iterable["Triplet"]) -> bool:
        return any(o.start < self.end and self.start < o.end for o in others)


def triplets(
    points: Iterable[Fraction], end: Fraction, whole_only: bool = False
) -> list[Triplet]:
    """The triplets with which every point can be written.

    Args:
        points: where notes begin and end, from the bar line on.
        end: where the bar ends.
        whole_only: take a triplet only where all its notes begin, and leave
            the other points alone.

    Raises:
        Unusable: if there is a point that they cannot reach.
    """
    points = set(points)
    ordered = sorted(points)
    odd = [p for p in ordered if p % FINEST]
    found: list[Triplet] = []
    for whole in (True,) if whole_only else (True, False):
        for point in odd:
            for span in _SPANS:
                for k in (1, 2):
                    new = Triplet(point - Fraction(span * k, 3), span)
                    if new.start % FINEST or new.start < 0 or new.end > end:
                        continue
                    begin = bisect_right(ordered, new.start)
                    inside = ordered[begin : bisect_left(ordered, new.end)]
                    fits = new.inner.issuperset(inside)
                    if whole:
                        fits = fits and len(inside) == 2
                    if fits and not new.meets(found):
                        found.append(new)
    reached = {point for triplet in found for point in triplet.inner}
    missed = [] if whole_only else sorted(set(odd) - reached)
    if missed:
        binary = missed[0].denominator & (missed[0].denominator - 1) == 0
        raise Unusable("unusual duration" if binary else "unusual tuplet")
    return sorted(found)


def played_triplets(
    points: Iterable[Fraction], whole: Fraction
) -> list[Triplet]:
    """The triplets that somebody seems to have played.

    Args:
        points: where notes begin, not quite on the beat; 0 is a bar line.
        whole: the length of a bar.
    """
    points = sorted(set(points))
    found: list[Triplet] = []
    taken: set[Fraction] = set()
    for span in _SPANS[::2]:  # no player is exact to a sixteenth triplet
        third = Fraction(span, 3)
        for point in points:
            start = nearest(point - third, Fraction(span, 2))
            new = Triplet(start, span)
            begin = bisect_right(points, start + third / 2)
            end = bisect_left(points, new.end - third / 2)
            if end - begin > _MOST:
                continue
            inside = points[begin:end]
            thirds = [start + nearest(p - start, third) for p in inside]
            eighths = {start + k for k in range(span)}
            if set(thirds) != new.inner or eighths & taken:
                continue
            if start % whole + span > whole:
                continue
            straight = [nearest(p, STEP) for p in inside]
            unusual = {start + Fraction(span * k, 4) for k in (1, 3)}
            rare = _RARE if set(straight) == unusual else 0
            if _off(inside, thirds) < _off(inside, straight) + rare:
                found.append(new)
                taken |= eighths
    return sorted(found)


def _off(points: list[Fraction], places: list[Fraction]) -> Fraction:
    pairs = zip(points, places, strict=True)
    return sum((abs(a - b) for a, b in pairs), Fraction(0))


def nearest(time: Fraction, step: Fraction) -> Fraction:
    """The multiple of a step that is nearest; of two, the later."""
    return (time / step + Fraction(1, 2)) // 1 * step
