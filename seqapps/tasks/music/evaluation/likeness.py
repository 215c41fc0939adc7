"""Which tunes are near-identical: the same run of notes, wherever it lies."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.measure import height

RUN = 20  # notes in a row that two tunes do not share by chance
FIGURE = 12  # about a bar and a half of a reel
SHARE = 0.2  # of the shorter tune's figures

Contour = tuple[int, ...]


def contour(body: str) -> Contour:
    """The steps on the staff from each note to the next.

    It is the same in every key and mode, and for halved or doubled lengths.

    Args:
        body: canonical tokens. Rests are passed over.

    Example:
        >>> contour("G2 A B- | B2 z G, |]")
        (1, 1, -9)
    """
    heights = []
    before = None
    for token in body.split():
        note = bars.note(token)
        if note is None or note.pitch == "z":
            continue
        held = before and before.tied and before.pitch == note.pitch
        if not held:
            heights.append(height(note.pitch))
        before = note
    return tuple(b - a for a, b in zip(heights, heights[1:], strict=False))


def pieces(steps: Contour, notes: int) -> set[Contour]:
    """Every run of so many notes; a shorter tune is one run, whole."""
    n = notes - 1
    return {steps[i : i + n] for i in range(max(1, len(steps) - n + 1))}


def clusters(contours: Sequence[Contour]) -> list[int]:
    """Put near-identical tunes together.

    Two tunes belong together when they share a run of `RUN` notes, or when
    `SHARE` of the figures of `FIGURE` notes of the one with fewer are in the
    other; and so do those that a chain of such pairs connects.

    Args:
        contours: one a tune.

    Returns:
        For every tune the index of the first tune of its cluster.
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

    first: dict[Contour, int] = {}
    having: dict[Contour, list[int]] = defaultdict(list)
    figures = []
    for i, steps in enumerate(contours):
        for run in pieces(steps, RUN):
            join(i, first.setdefault(run, i))
        figures.append(pieces(steps, FIGURE))
        for figure in figures[-1]:
            having[figure].append(i)
    shared = Counter(
        pair for tunes in having.values() for pair in combinations(tunes, 2)
    )
    for (i, j), n in shared.items():
        if n >= SHARE * min(len(figures[i]), len(figures[j])):
            join(i, j)
    return [root(i) for i in range(len(contours))]
