"""Finds near-identical melodies: those that share runs of notes."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

RUN = 20  # notes: so long a run two melodies do not share by chance
FIGURE = 12  # notes: about a bar and a half of a reel
SHARE = 0.2  # of the figures of the melody with fewer

Contour = tuple[int, ...]


def runs(contour: Contour, notes: int) -> set[Contour]:
    """Returns all runs of so many notes; a shorter melody is one run, whole."""
    steps = notes - 1
    starts = range(max(1, len(contour) - steps + 1))
    return {contour[i : i + steps] for i in starts}


def cluster(contours: Sequence[Contour]) -> list[int]:
    """Clusters near-identical melodies.

    Two melodies are near-identical if they share a run of `RUN` notes, or if
    one has `SHARE` of the figures (runs of `FIGURE` notes) of the one with
    fewer. Melodies that a chain of such pairs connects are one cluster.

    Args:
        contours: the steps from each note of a melody to the next.

    Returns:
        For each melody, the index of the first one of its cluster.
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
        pair
        for sharing in all_with.values()
        for pair in combinations(sharing, 2)
    )
    for (i, j), n in shared.items():
        if n >= SHARE * min(len(figures[i]), len(figures[j])):
            join(i, j)
    return [root(i) for i in range(len(contours))]
