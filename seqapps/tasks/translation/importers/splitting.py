"""Splits that share no sentence."""

import hashlib
import sys

import numpy as np

from seqapps.errors import InputError
from seqapps.tasks.translation.importers.pair_files import Pair

_LARGE = 0.01  # share of all pairs; a larger component is for training


def pair_components(pairs: list[Pair]) -> np.ndarray:
    """Finds the connected components of pairs that share sentences.

    The sentences are the nodes of a bipartite graph, source sentences on one
    side and target sentences on the other; the pairs are its edges.

    Args:
        pairs: texts normalised by `pair_files.normalise`; two sentences are
            equal if all their characters are.

    Returns:
        `(pairs,)`, the component of each pair, numbered from 0 in the order of
        first occurrence.

    Example:
        >>> pairs = [("Ve.", "Go."), ("Sí.", "Yes."), ("Vete.", "Go.")]
        >>> pair_components(pairs).tolist()
        [0, 1, 0]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    source_ids: dict[str, int] = {}
    target_ids: dict[str, int] = {}
    tails = np.array(
        [source_ids.setdefault(source, len(source_ids)) for source, _ in pairs],
        int,
    )  # (pairs,)
    heads = np.array(
        [target_ids.setdefault(target, len(target_ids)) for _, target in pairs],
        int,
    )  # (pairs,)
    nodes = len(source_ids) + len(target_ids)
    edges = (np.ones(len(pairs)), (tails, heads + len(source_ids)))
    graph = coo_array(edges, shape=(nodes, nodes))
    _, numbers = connected_components(graph, directed=False)  # (nodes,)
    return numbers[tails]


def split_pairs(
    pairs: list[Pair], validation: float, test: float, seed: int
) -> dict[str, list[Pair]]:
    """Assigns whole components to splits, so that no sentence is in two.

    A component is assigned by a hash of the seed and its smallest sentence, of
    either side: the order of the pairs, the other components and the direction
    of translation do not matter. A component of more than one pair that has
    over 1 % of all pairs goes to training. A split that would be empty gets
    the smallest component of the split that has the most.

    Args:
        pairs: texts normalised by `pair_files.normalise`.
        validation: the share of components; 0 leaves the split out.
        test: the share of components; 0 leaves the split out.
        seed: of the hash.

    Returns:
        Pairs by split, "train", "validation" and "test", in their old order.

    Raises:
        InputError: the shares are invalid, or a split would be empty.
    """
    shares = {"validation": validation, "test": test}
    if min(shares.values()) < 0 or not sum(shares.values()) < 1:
        raise InputError(
            "the shares of validation and test are 0 or more, and less than 1 "
            f"together: not {validation:g} and {test:g}"
        )
    numbers = pair_components(pairs)
    sizes = np.bincount(numbers)
    smallest: dict[int, str] = {}  # sentence of each component
    for number, pair in zip(numbers, pairs, strict=True):
        smallest[number] = min(*pair, smallest.get(number, pair[0]))
    wanted = ["train", *(name for name, share in shares.items() if share)]
    if len(sizes) < len(wanted):
        raise InputError(
            f"{len(pairs)} pairs, {len(sizes)} without a sentence in "
            f"common, are too few for {', '.join(wanted)}"
        )
    large = max(_LARGE * len(pairs), 1)
    draws = {n: _uniform(seed, sentence) for n, sentence in smallest.items()}
    assigned: dict[int, str] = {}
    for number in smallest:
        if sizes[number] > large or draws[number] >= test + validation:
            assigned[number] = "train"
        else:
            assigned[number] = "test" if draws[number] < test else "validation"
    for name in sorted(set(wanted) - set(assigned.values())):
        groups = [[n for n in assigned if assigned[n] == w] for w in wanted]
        fullest = max(groups, key=len)
        choose = max if name == "train" else min
        assigned[choose(fullest, key=lambda n: (sizes[n], draws[n]))] = name
    parts: dict[str, list[Pair]] = {name: [] for name in wanted}
    for number, pair in zip(numbers, pairs, strict=True):
        parts[assigned[number]].append(pair)
    return parts


def complete_splits(
    splits: dict[str, list[Pair]], validation: float, test: float, seed: int
) -> dict[str, list[Pair]]:
    """Splits validation and test off training, if they are missing.

    Raises:
        InputError: a share is out of range, or there are too few pairs.
    """
    for share in (validation, test):
        if not 0 < share < 0.5:
            raise InputError(
                "--data.validation and --data.test are shares between 0 and 0.5"
            )
    parts = split_pairs(
        splits["train"],
        0.0 if "validation" in splits else validation,
        0.0 if "test" in splits else test,
        seed,
    )
    return {**splits, **parts}


def count_overlap(train: list[Pair], held_out: list[Pair]) -> int:
    """Counts the held-out pairs that share a sentence with training.

    A pair counts if its source is a source of `train`, or its target a target.
    """
    sources = {source for source, _ in train}
    targets = {target for _, target in train}
    return sum(s in sources or t in targets for s, t in held_out)


def report(
    splits: dict[str, list[Pair]],
    left_out: dict[str, int],
    more: list[Pair],
    held_out: dict[str, list[Pair]],
) -> None:
    """Says on standard error what a data set is made of.

    Args:
        splits: of the data set.
        left_out: the number of training pairs left out, by the reason.
        more: other pairs to train on.
        held_out: others, by the names of their files.
    """
    sizes = ", ".join(
        f"{len(splits[name])} {name}"
        for name in ("train", "validation", "test")
    )
    reasons = ", ".join(f"{n} {reason}" for reason, n in left_out.items() if n)
    print(
        f"pairs: {sizes}; left out of training: {reasons or 'none'}",
        file=sys.stderr,
    )
    if more:
        sizes = ", ".join(f"{len(held_out[n])} {n}" for n in held_out)
        print(f"more: {len(more)} train; held out: {sizes}", file=sys.stderr)
    for name in ("validation", "test"):
        shared = count_overlap(splits["train"], splits[name])
        if shared:
            print(
                f"of the {name} pairs {shared} share a sentence with training: "
                "their measures are too good",
                file=sys.stderr,
            )


def _uniform(seed: int, sentence: str) -> float:
    """A hash of seed and sentence, uniform in [0, 1)."""
    text = f"{seed}:{sentence}".encode("utf-8", "replace")
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
