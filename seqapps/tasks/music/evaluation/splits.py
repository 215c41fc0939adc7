"""Splits of few tunes, none of them empty."""

from collections import Counter

from seqapps.tasks.music.evaluation import likeness
from seqapps.tasks.music.notation import abc


def filled(tunes: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Gives each held-out split a tune in a mode and a metre of training.

    A split that has none gives its tunes to training, and takes the last
    training tune that others share the mode and the metre of, and that is
    like no other. Where there is none, the split keeps what it has.

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
        bodies = [abc.read(t["abc"]).body for t in pool]
        roots = likeness.clusters([likeness.contour(body) for body in bodies])
        alike = Counter(roots)
        for i in reversed(range(len(pool))):
            rest = pool[:i] + pool[i + 1 :]
            if alike[roots[i]] == 1 and _usable(rest, [pool[i]]):
                tunes |= {"train": rest, name: [pool[i]]}
                break
    return tunes


def _usable(train: list[dict], held: list[dict]) -> bool:
    """Whether a held-out tune is in a mode and a metre of training."""
    modes = {tune["mode"] for tune in train}
    meters = {tune["meter"] for tune in train}
    return any(t["mode"] in modes and t["meter"] in meters for t in held)
