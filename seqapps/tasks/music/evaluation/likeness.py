"""Finds near-identical tunes: those that share runs of notes."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.pitch import diatonic_step

RUN = 20  # notes: so long a run two tunes do not share by chance
FIGURE = 12  # notes: about a bar and a half of a reel
SHARE = 0.2  # of the figures of the tune with fewer

Contour = tuple[int, ...]


def contour(body: str) -> Contour:
    """Returns the steps on the staff from each note to the next.

    They are the same in every key and mode, and for halved or doubled lengths.

    Args:
        body: canonical tokens. Rests are ignored.

    Example:
        >>> contour("G2 A B- | B2 z G, |]")
        (1, 1, -9)
    """
    heights: list[int] = []
    before: bars.AbcNote | None = None
    for token in body.split():
        note = bars.parse_note(token)
        if note is None or note.pitch == "z":
            continue
        continues_tie = (
            before is not None and before.tied and before.pitch == note.pitch
        )
        if not continues_tie:
            heights.append(diatonic_step(note.pitch))
        before = note
    return tuple(b - a for a, b in zip(heights, heights[1:], strict=False))


def runs(contour: Contour, notes: int) -> set[Contour]:
    """Returns all runs of so many notes; a shorter tune is one run, whole."""
    steps = notes - 1
    starts = range(max(1, len(contour) - steps + 1))
    return {contour[i : i + steps] for i in starts}


def cluster(contours: Sequence[Contour]) -> list[int]:
    """Clusters near-identical tunes.

    Two tunes are near-identical if they share a run of `RUN` notes, or if the
    other has `SHARE` of the figures (runs of `FIGURE` notes) of the one with
    fewer. Tunes that a chain of such pairs connects are one cluster.

    Args:
        contours: one a tune.

    Returns:
        For each tune, the index of the first tune of its cluster.
    """
    parent = list(range(len(contours)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(i: int, j: int) -> None:
        i, j = sorted((root(i), root(j)))
        parent[j] = i

    first_with: dict[Contour, int] = {}
    all_with: dict[Contour, list[int]] = defaultdict(list)
    figures = []
    for i, steps in enumerate(contours):
        for run in runs(steps, RUN):
            join(i, first_with.setdefault(run, i))
        figures.append(runs(steps, FIGURE))
        for figure in figures[-1]:
            all_with[figure].append(i)
    shared = Counter(
        pair for tunes in all_with.values() for pair in combinations(tunes, 2)
    )
    for (i, j), n in shared.items():
        if n >= SHARE * min(len(figures[i]), len(figures[j])):
            join(i, j)
    return [root(i) for i in range(len(contours))]
