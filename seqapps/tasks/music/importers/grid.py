"""The grid of note times: sixteenths, and triplets of equal notes.

Times are in eighths, as `L:1/8` says.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from seqapps.tasks.music.notation.unusable import Unusable

STEP = Fraction(1, 2)  # a sixteenth
FINEST = Fraction(1, 4)  # a 32nd, which canonical ABC can write
_SPANS = (2, 1, 4)  # lengths of a triplet, in the order they are tried
# by how much a triplet must fit better than a short, a long and a short note
_SYNCOPATION = Fraction(1, 10)
_MAX_INSIDE = 16  # notes in a triplet: more are noise, and slow to try


class Triplet(NamedTuple):
    """Three equal notes, or rests.

    Args:
        start: when the first begins.
        span: how long they last together.
    """

    start: Fraction
    span: int

    @property
    def end(self) -> Fraction:
        """When the third note ends."""
        return self.start + self.span

    @property
    def inner(self) -> set[Fraction]:
        """The times when the second and the third note begin."""
        return {self.start + Fraction(self.span * k, 3) for k in (1, 2)}

    def overlaps(self, others: Iterable["Triplet"]) -> bool:
        """Whether it shares time with one of the others."""
        return any(o.start < self.end and self.start < o.end for o in others)


def find_triplets(
    points: Iterable[Fraction], end: Fraction, complete_only: bool = False
) -> list[Triplet]:
    """Returns the triplets with which every point can be written.

    Args:
        points: where notes begin and end, from the bar line on.
        end: where the bar ends.
        complete_only: take a triplet only where all its notes begin, and
            ignore the other points.

    Raises:
        Unusable: there is a point that they cannot reach.
    """
    ordered = sorted(set(points))
    off_grid = [p for p in ordered if p % FINEST]
    triplets: list[Triplet] = []
    for complete in (True,) if complete_only else (True, False):
        for point in off_grid:
            for span in _SPANS:
                for k in (1, 2):
                    new = Triplet(point - Fraction(span * k, 3), span)
                    if new.start % FINEST or new.start < 0 or new.end > end:
                        continue
                    begin = bisect_right(ordered, new.start)
                    inside = ordered[begin : bisect_left(ordered, new.end)]
                    fits = new.inner.issuperset(inside)
                    if complete:
                        fits = fits and len(inside) == 2
                    if fits and not new.overlaps(triplets):
                        triplets.append(new)
    reached = {point for triplet in triplets for point in triplet.inner}
    missed = [] if complete_only else sorted(set(off_grid) - reached)
    if missed:
        binary = missed[0].denominator & (missed[0].denominator - 1) == 0
        raise Unusable("unusual duration" if binary else "unusual tuplet")
    return sorted(triplets)


def find_played_triplets(
    points: Iterable[Fraction], full_bar: Fraction
) -> list[Triplet]:
    """Returns the triplets that a player seems to have meant.

    Args:
        points: where notes begin, not quite on the beat; 0 is a bar line.
        full_bar: the length of a bar.
    """
    ordered = sorted(set(points))
    triplets: list[Triplet] = []
    occupied: set[Fraction] = set()  # eighths
    for span in _SPANS[::2]:  # no player is exact to a sixteenth triplet
        third = Fraction(span, 3)
        for point in ordered:
            start = round_to(point - third, Fraction(span, 2))
            new = Triplet(start, span)
            begin = bisect_right(ordered, start + third / 2)
            end = bisect_left(ordered, new.end - third / 2)
            if end - begin > _MAX_INSIDE:
                continue
            inside = ordered[begin:end]
            thirds = [start + round_to(p - start, third) for p in inside]
            eighths = {start + k for k in range(span)}
            if set(thirds) != new.inner or eighths & occupied:
                continue
            if start % full_bar + span > full_bar:
                continue
            straight = [round_to(p, STEP) for p in inside]
            syncopated = {start + Fraction(span * k, 4) for k in (1, 3)}
            bonus = _SYNCOPATION if set(straight) == syncopated else 0
            if _error(inside, thirds) < _error(inside, straight) + bonus:
                triplets.append(new)
                occupied |= eighths
    return sorted(triplets)


def _error(points: list[Fraction], rounded: list[Fraction]) -> Fraction:
    pairs = zip(points, rounded, strict=True)
    return sum((abs(a - b) for a, b in pairs), Fraction(0))


def round_to(time: Fraction, step: Fraction) -> Fraction:
    """Returns the nearest multiple of a step; from two, the later one."""
    return (time / step + Fraction(1, 2)) // 1 * step
