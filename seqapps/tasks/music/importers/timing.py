"""From notes as they are played to one line of notes on the grid.

All times are in eighths; 0 is a bar line.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from seqapps.tasks.music.importers import grid
from seqapps.tasks.music.importers.grid import STEP, nearest
from seqapps.tasks.music.importers.skyline import skyline

_FINE = Fraction(1, 12)  # 32nds and sixteenth triplets are multiples
_EXACT = Fraction(1, 100)  # what a program that writes notes may be off
_EARLY = Fraction(1, 8)  # what a player may be off


class Played(NamedTuple):
    """A note as played.

    Args:
        start: when it begins.
        end: when it ends.
        pitch: as MIDI numbers it.
    """

    start: Fraction
    end: Fraction
    pitch: int


class Line(NamedTuple):
    """One note at a time.

    Args:
        notes: on the grid.
        start: where the first bar begins: before the first note, or with it
            where that is a pick-up.
        end: where the last bar ends if it is to be a full one, or to be full
            together with the pick-up.
        moved: the most that the beginning of a note moved.
        together: whether notes under others were left out.
        short: whether notes too short for the grid were left out.
    """

    notes: list[Played]
    start: Fraction
    end: Fraction
    moved: Fraction
    together: bool
    short: bool


def line(notes: list[Played], whole: Fraction, upbeat: Fraction) -> Line:
    """Take the top line and put it on the grid.

    That has sixteenths, and triplets of quavers and crotchets where all three
    notes begin. What a program wrote exactly on finer values, 32nds and
    triplets of sixteenths, stays there.

    Args:
        notes: in any order.
        whole: the length of a bar.
        upbeat: the length of the pick-up, 0 where the file gives none.
    """
    places = _Grid([n.start for n in notes], whole)
    together: dict[Fraction, list[Played]] = defaultdict(list)
    for n in notes:
        together[places.place(n.start)].append(n)
    heard, off = [], {}
    for start, group in together.items():
        latest = max(n.start for n in group)
        for n in group:
            if n.start == latest or n.end > latest + _EXACT:
                heard.append(n._replace(start=start))
                off[heard[-1]] = abs(start - n.start)
    top = skyline(heard, slack=STEP)
    moved = max(off.get(n, Fraction(0)) for n in top)
    first = _first_bar(top[0].start, whole, upbeat)
    last = _last_bar(places.place(top[-1].end), whole, -first % whole)
    following = [n.start for n in top[1:]] + [last]
    on_grid = [
        n._replace(end=places.ending(n, after))
        for n, after in zip(top, following, strict=True)
    ]
    last = _last_bar(on_grid[-1].end, whole, -first % whole)
    return Line(
        on_grid,
        first,
        last,
        moved if moved > _EXACT else Fraction(0),
        len(top) < len(heard),
        len(heard) < len(notes),
    )


def _first_bar(first: Fraction, whole: Fraction, upbeat: Fraction) -> Fraction:
    bar = first // whole * whole
    if upbeat and bar == 0:
        return min(first, whole - upbeat)
    # silence of half a bar or more: nobody counts it, the note is a pick-up
    return first if first - bar >= whole / 2 else bar


def _last_bar(end: Fraction, whole: Fraction, upbeat: Fraction) -> Fraction:
    full = -(-end // whole) * whole
    return full - upbeat if end <= full - upbeat else full


class _Grid:
    """Where notes may begin and end.

    Args:
        starts: when notes begin.
        whole: the length of a bar.
    """

    def __init__(self, starts: Iterable[Fraction], whole: Fraction):
        starts = set(starts)
        self.written = all(map(_exact, starts))
        self.step = STEP
        if self.written:
            starts = {nearest(start, _FINE) for start in starts}
            if any(s % STEP == grid.FINEST for s in starts):
                self.step = grid.FINEST
            self.triplets = list(_written(starts, whole))
        else:
            self.triplets = grid.played_triplets(starts, whole)
        self.begins = [triplet.start for triplet in self.triplets]

    def _triplet(self, time: Fraction) -> grid.Triplet | None:
        place = bisect_right(self.begins, time) - 1
        if place >= 0 and time < self.triplets[place].end:
            return self.triplets[place]
        return None

    def place(self, time: Fraction) -> Fraction:
        """Where it falls."""
        triplet = self._triplet(time)
        if triplet:
            part = Fraction(triplet.span, 3)
            return triplet.start + nearest(time - triplet.start, part)
        return nearest(time, self.step)

    def ending(self, note: Played, after: Fraction) -> Fraction:
        """Where a note ends that has begun on the grid.

        Args:
            note: it ends as it was played.
            after: when the next one begins.
        """
        written = self.written and _exact(note.end)
        end = self.place(note.end) if written else self._let_go(note)
        end = min(end, after)
        if written:
            silence, short = after - end, self.step
        else:  # players let go of a note before the next
            silence = after - note.end
            short = max(STEP, (after - note.start) / 5) + _EARLY
        if silence < short:
            return after
        if end > note.start:
            return end
        triplet = self._triplet(note.start)
        part = Fraction(triplet.span, 3) if triplet else self.step
        return min(note.start + part, after)

    def _let_go(self, note: Played) -> Fraction:
        """Where a note was meant to end: on the beat rather than off it."""
        for beat in (2, 1):
            end = nearest(note.end, Fraction(beat))
            triplet = self._triplet(end)
            if triplet and triplet.start < end:
                continue
            if 5 * abs(end - note.end) <= end - note.start:
                return end
        return self.place(note.end)


def _exact(time: Fraction) -> bool:
    return abs(time - nearest(time, _FINE)) <= _EXACT


def _written(points: set[Fraction], whole: Fraction) -> Iterator[grid.Triplet]:
    """The triplets of a file that no human being played."""
    bars = defaultdict(list)
    for point in points:
        bars[point // whole * whole].append(point)
    for bar, inside in sorted(bars.items()):
        for triplet in grid.triplets([p - bar for p in inside], whole, True):
            yield triplet._replace(start=bar + triplet.start)
