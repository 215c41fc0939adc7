"""Quantizes played notes to one line of notes on the grid.

Times are in eighths; 0 is a bar line.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from seqapps.tasks.music.importers import grid
from seqapps.tasks.music.importers.grid import STEP, round_to
from seqapps.tasks.music.importers.skyline import skyline

_FINE = Fraction(1, 12)  # 32nds and sixteenth triplets are multiples
_EXACT = Fraction(1, 100)  # the rounding error of programs
_EARLY = Fraction(1, 8)  # how much too early a player may let go


class PlayedNote(NamedTuple):
    """A note as played.

    Args:
        start: when it begins.
        end: when it ends.
        pitch: the MIDI number.
    """

    start: Fraction
    end: Fraction
    pitch: int


class QuantizedLine(NamedTuple):
    """A line of notes on the grid.

    Args:
        notes: one at a time.
        start: when the first bar begins: before the first note, or with it
            if that is a pick-up.
        end: when the last bar ends if it is full, or full together with the
            pick-up.
        moved: the largest shift of the beginning of a note.
        chords: whether lower notes were left out.
        short: whether notes too short for the grid were left out.
    """

    notes: list[PlayedNote]
    start: Fraction
    end: Fraction
    moved: Fraction
    chords: bool
    short: bool


def quantize(
    notes: list[PlayedNote], full_bar: Fraction, pick_up: Fraction
) -> QuantizedLine:
    """Puts the top line of played notes on the grid.

    The grid has sixteenths, and triplets of eighths and quarters where all
    three notes begin. Exact finer values, 32nds and triplets of sixteenths,
    stay if a program wrote all notes exactly.

    Args:
        notes: in any order.
        full_bar: the length of a bar.
        pick_up: its length, 0 if the file gives none.
    """
    time_grid = _Grid([n.start for n in notes], full_bar)
    by_start: dict[Fraction, list[PlayedNote]] = defaultdict(list)
    for n in notes:
        by_start[time_grid.snap(n.start)].append(n)
    kept: list[PlayedNote] = []
    shifts: dict[PlayedNote, Fraction] = {}
    for start, group in by_start.items():
        latest = max(n.start for n in group)
        for n in group:
            if n.start == latest or n.end > latest + _EXACT:
                kept.append(n._replace(start=start))
                shifts[kept[-1]] = abs(start - n.start)
    top = skyline(kept, slack=STEP)
    moved = max(shifts.get(n, Fraction(0)) for n in top)
    first = _first_bar(top[0].start, full_bar, pick_up)
    last = _last_bar(time_grid.snap(top[-1].end), full_bar, -first % full_bar)
    following = [n.start for n in top[1:]] + [last]
    on_grid = [
        n._replace(end=time_grid.ending(n, after))
        for n, after in zip(top, following, strict=True)
    ]
    last = _last_bar(on_grid[-1].end, full_bar, -first % full_bar)
    return QuantizedLine(
        on_grid,
        first,
        last,
        moved if moved > _EXACT else Fraction(0),
        len(top) < len(kept),
        len(kept) < len(notes),
    )


def _first_bar(
    first: Fraction, full_bar: Fraction, pick_up: Fraction
) -> Fraction:
    bar = first // full_bar * full_bar
    if pick_up and bar == 0:
        return min(first, full_bar - pick_up)
    # after a silence of half a bar or more the note is a pick-up
    return first if first - bar >= full_bar / 2 else bar


def _last_bar(end: Fraction, full_bar: Fraction, pick_up: Fraction) -> Fraction:
    full = -(-end // full_bar) * full_bar
    return full - pick_up if end <= full - pick_up else full


class _Grid:
    """Where notes may begin and end.

    Args:
        starts: when notes begin.
        full_bar: the length of a bar.
    """

    def __init__(self, starts: Iterable[Fraction], full_bar: Fraction):
        starts = set(starts)
        self.exact = all(map(_is_exact, starts))  # no player is
        self.step = STEP
        if self.exact:
            starts = {round_to(start, _FINE) for start in starts}
            if any(s % STEP == grid.FINEST for s in starts):
                self.step = grid.FINEST
            self.triplets = list(_exact_triplets(starts, full_bar))
        else:
            self.triplets = grid.find_played_triplets(starts, full_bar)
        self.triplet_starts = [triplet.start for triplet in self.triplets]

    def _triplet(self, time: Fraction) -> grid.Triplet | None:
        i = bisect_right(self.triplet_starts, time) - 1
        if i >= 0 and time < self.triplets[i].end:
            return self.triplets[i]
        return None

    def snap(self, time: Fraction) -> Fraction:
        """Returns the time on the grid that is meant."""
        triplet = self._triplet(time)
        if triplet:
            part = Fraction(triplet.span, 3)
            return triplet.start + round_to(time - triplet.start, part)
        return round_to(time, self.step)

    def ending(self, note: PlayedNote, after: Fraction) -> Fraction:
        """Returns when a note ends.

        Args:
            note: it begins on the grid and ends as it was played.
            after: when the next note begins.
        """
        exact = self.exact and _is_exact(note.end)
        end = self.snap(note.end) if exact else self._meant_end(note)
        end = min(end, after)
        if exact:
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

    def _meant_end(self, note: PlayedNote) -> Fraction:
        """Returns when a player meant a note to end: rather on the beat."""
        for beat in (2, 1):
            end = round_to(note.end, Fraction(beat))
            triplet = self._triplet(end)
            if triplet and triplet.start < end:
                continue
            if 5 * abs(end - note.end) <= end - note.start:
                return end
        return self.snap(note.end)


def _is_exact(time: Fraction) -> bool:
    return abs(time - round_to(time, _FINE)) <= _EXACT


def _exact_triplets(
    points: set[Fraction], full_bar: Fraction
) -> Iterator[grid.Triplet]:
    """Yields the triplets of notes that a program wrote."""
    bars = defaultdict(list)
    for point in points:
        bars[point // full_bar * full_bar].append(point)
    for bar, inside in sorted(bars.items()):
        for triplet in grid.find_triplets(
            [p - bar for p in inside], full_bar, True
        ):
            yield triplet._replace(start=bar + triplet.start)
