"""Splits few tunes so that no split is empty."""

from collections import Counter

from seqapps import likeness
from seqapps.tasks.music.evaluation.contours import contour
from seqapps.tasks.music.notation import abc

TuneRow = dict[str, str]  # "abc", "key", "mode", "meter"
Splits = dict[str, list[TuneRow]]


def fill_splits(tunes: Splits) -> Splits:
    """Gives each held-out split a tune in a mode and a metre of training.

    A split without one gives its tunes to training, and takes the last
    training tune that is like no other and whose mode and metre remaining
    tunes have. If there is none, the split keeps its tunes.

    Args:
        tunes: by split, "train", "validation" and "test".

    Returns:
        The same tunes, by split.
    """
    tunes = dict(tunes)
    for name in ("validation", "test"):
        if _usable(tunes["train"], tunes[name]):
            continue
        pool = [*tunes["train"], *tunes[name]]
        bodies = [abc.parse_canonical(t["abc"]).body for t in pool]
        clusters = likeness.cluster([contour(body) for body in bodies])
        sizes = Counter(clusters)
        for i in reversed(range(len(pool))):
            rest = pool[:i] + pool[i + 1 :]
            if sizes[clusters[i]] == 1 and _usable(rest, [pool[i]]):
                tunes |= {"train": rest, name: [pool[i]]}
                break
    return tunes


def _usable(train: list[TuneRow], held_out: list[TuneRow]) -> bool:
    """Returns whether a held-out tune has a mode and a metre of training."""
    modes = {tune["mode"] for tune in train}
    meters = {tune["meter"] for tune in train}
    return any(t["mode"] in modes and t["meter"] in meters for t in held_out)
