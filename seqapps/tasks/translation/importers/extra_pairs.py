"""Pairs of other kinds beside those of a data set."""

from pathlib import Path

from seqapps.errors import InputError
from seqapps.tasks.translation.importers import pair_files, splitting
from seqapps.tasks.translation.importers.pair_files import Pair

_SEPARATOR = ";"


def read_extra(
    files: str,
    table_format: tuple[int, int, str, str],
    splits: dict[str, list[Pair]],
    share: float,
    seed: int,
) -> tuple[list[Pair], dict[str, list[Pair]]]:
    """Reads more pairs, and holds some of each file out.

    No pair shares a sentence with one that is held out: what shares one with
    a held-out pair of the data set is left out, and what shares one with its
    training is trained on.

    Args:
        files: tables of pairs, with semicolons between.
        table_format: see `pair_files.read_table`.
        splits: of the data set.
        share: of components that is held out.
        seed: of the split.

    Returns:
        Pairs to train on; and those held out, by the names of the files.

    Raises:
        InputError: a file cannot be read, or two have one name.
    """
    paths = [Path(name.strip()) for name in files.split(_SEPARATOR)]
    paths = [path for path in paths if path.name]
    tables = {
        path.stem: [
            pair
            for pair in pair_files.read_table(path, *table_format)
            if all(pair)
        ]
        for path in paths
    }
    if len(tables) < len(paths) or set(tables) & set(splits):
        raise InputError(
            "the files of --data.extra have names of their own, other than "
            f"{', '.join(splits)}"
        )
    if not paths:
        return [], {}
    of = {pair: name for name, pairs in tables.items() for pair in pairs}
    parts = splitting.split_pairs(list(of), 0.0, share, seed)
    held = [pair for name in splits if name != "train" for pair in splits[name]]
    train = _without(parts["train"], held)
    test = _without(_without(parts["test"], held), splits["train"])
    held_out: dict[str, list[Pair]] = {name: [] for name in tables}
    for pair in test:
        held_out[of[pair]].append(pair)
    return train, {name: pairs for name, pairs in held_out.items() if pairs}


def _without(pairs: list[Pair], others: list[Pair]) -> list[Pair]:
    """The pairs that share no sentence with others."""
    sides = [{pair[i] for pair in others} for i in range(2)]
    return [p for p in pairs if p[0] not in sides[0] and p[1] not in sides[1]]
