"""Splits in which no sentence of one is in another."""

import hashlib

import numpy as np

from seqapps.errors import InputError
from seqapps.tasks.translation.importers.pair_files import Pair

_LARGE = 0.01  # of all pairs


def components(pairs: list[Pair]) -> np.ndarray:
    """Finds which pairs hang together.

    Sentences are the nodes of a graph, source and target sentences apart, and
    every pair is an edge. Two pairs of one connected component share a
    sentence, or share one each with a third, and so on.

    Args:
        pairs: texts as `source.tidy` leaves them; they are the same when all
            their characters are.

    Returns:
        For every pair the number of its component, `(pairs,)`; numbered from 0
        as they first come up.

    Example:
        >>> pairs = [("Ve.", "Go."), ("Sí.", "Yes."), ("Vete.", "Go.")]
        >>> components(pairs).tolist()
        [0, 1, 0]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sources, targets = {}, {}
    tails = [sources.setdefault(one, len(sources)) for one, _ in pairs]
    heads = [targets.setdefault(other, len(targets)) for _, other in pairs]
    tails, heads = np.array(tails, int), np.array(heads, int)  # (pairs,)
    nodes = len(sources) + len(targets)
    edges = (np.ones(len(pairs)), (tails, heads + len(sources)))
    graph = coo_array(edges, shape=(nodes, nodes))
    _, numbers = connected_components(graph, directed=False)  # (nodes,)
    return numbers[tails]


def split(
    pairs: list[Pair], validation: float, test: float, seed: int
) -> dict[str, list[Pair]]:
    """Sets whole components apart, so that no sentence is in two splits.

    A component is drawn by a hash of the seed and its smallest sentence, be
    that of the source or the target: neither the order of the pairs nor other
    components nor the direction matter. A component trains that has more than
    a hundredth of all pairs, and more than one. A split that no component was
    drawn for gets the smallest one of the fullest.

    Args:
        pairs: texts as `source.tidy` leaves them.
        validation: the share of components; 0 leaves the split out.
        test: the share of components; 0 leaves the split out.
        seed: draws other ones.

    Returns:
        Pairs by split, "train", "validation" and "test", in their old order.

    Raises:
        InputError: the shares make no sense, or a split would be empty.
    """
    shares = {"validation": validation, "test": test}
    if min(shares.values()) < 0 or not sum(shares.values()) < 1:
        raise InputError(
            "the shares of validation and test are 0 or more, and less than 1 "
            f"together: not {validation:g} and {test:g}"
        )
    numbers = components(pairs)
    sizes = np.bincount(numbers)
    smallest = {}
    for number, pair in zip(numbers, pairs, strict=True):
        smallest[number] = min(*pair, smallest.get(number, pair[0]))
    wanted = ["train", *(name for name, share in shares.items() if share)]
    if len(sizes) < len(wanted):
        raise InputError(
            f"{len(pairs)} pairs, {len(sizes)} without a sentence in "
            f"common, are too few for {', '.join(wanted)}"
        )
    kept = max(_LARGE * len(pairs), 1)
    drawn = {n: _drawn(seed, sentence) for n, sentence in smallest.items()}
    names = {}
    for number in smallest:
        if sizes[number] > kept or drawn[number] >= test + validation:
            names[number] = "train"
        else:
            names[number] = "test" if drawn[number] < test else "validation"
    for name in sorted(set(wanted) - set(names.values())):
        by_name = [[n for n in names if names[n] == each] for each in wanted]
        most = max(by_name, key=len)
        choose = max if name == "train" else min
        names[choose(most, key=lambda n: (sizes[n], drawn[n]))] = name
    parts = {name: [] for name in wanted}
    for number, pair in zip(numbers, pairs, strict=True):
        parts[names[number]].append(pair)
    return parts


def shared(train: list[Pair], others: list[Pair]) -> int:
    """Counts which of the other pairs share a sentence with training.

    Args:
        train: texts as `source.tidy` leaves them.
        others: held-out pairs.

    Returns:
        How many of `others` have a source that is a source of `train`, or a
        target that is a target there.
    """
    sources, targets = {one for one, _ in train}, {two for _, two in train}
    return sum(one in sources or two in targets for one, two in others)


def _drawn(seed: int, sentence: str) -> float:
    """A number from 0 to 1."""
    text = f"{seed}:{sentence}".encode("utf-8", "replace")
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
