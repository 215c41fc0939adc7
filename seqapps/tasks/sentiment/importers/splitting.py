"""Splits without duplicates in common, and a check of their labels."""

import hashlib
import math
from typing import TYPE_CHECKING

from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers.text_files import LabelledText

if TYPE_CHECKING:
    import numpy as np

_MAX_LISTED = 20  # labels that a message lists


def split_texts(
    rows: list[LabelledText], share: float, seed: int
) -> dict[str, list[LabelledText]]:
    """Splits rows by a hash of their texts, so that duplicates stay together.

    Args:
        rows: texts and labels; texts that differ in case or white space alone
            are duplicates.
        share: of the distinct texts, for validation.
        seed: of the hash.

    Returns:
        "train", which has at least one text of every class, and "validation",
        which has at least one text.

    Raises:
        InputError: there are too few texts.
    """
    keys = [" ".join(text.lower().split()) for text, _ in rows]
    draws = {key: _uniform(f"{seed}:{key}") for key in keys}
    reserved: dict[str, str] = {}  # a key of each label, for training
    for key, (_, label) in zip(keys, rows, strict=True):
        current = reserved.get(label, key)
        reserved[label] = max(key, current, key=draws.__getitem__)
    free = sorted(draws.keys() - set(reserved.values()), key=draws.__getitem__)
    if not free:
        raise InputError(
            f"{len(rows)} texts of {len(reserved)} classes are too few to set "
            f"{share:.0%} of them apart"
        )
    held_out = {key for key in free if draws[key] < share} or {free[0]}
    parts: dict[str, list[LabelledText]] = {"train": [], "validation": []}
    for key, row in zip(keys, rows, strict=True):
        parts["validation" if key in held_out else "train"].append(row)
    return parts


def _uniform(text: str) -> float:
    """A hash of the text, uniform in [0, 1)."""
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") / 2**64


def check_labels(splits: dict[str, list[LabelledText]]) -> list[str]:
    """The sorted labels of the training texts.

    Raises:
        InputError: they are too few or too many, or another split has others.
    """
    labels = sorted({label for _, label in splits["train"]})
    if len(labels) < 2:
        raise InputError(
            f"all training texts are of one class, {labels[0]!r}; it takes two"
        )
    if len(labels) > max(2, len(splits["train"]) // 2):
        raise InputError(
            f"{len(labels)} classes in {len(splits['train'])} training texts: "
            "is this the column of the label?"
        )
    for name in set(splits) - {"train"}:
        for _, label in splits[name]:
            if label not in labels:
                listed = ", ".join(labels[:_MAX_LISTED])
                raise InputError(
                    f"{name} has the class {label!r}; training has {listed}"
                )
    return labels


def order_labels(labels: list[str], order: str) -> tuple[list[str], bool]:
    """The labels from the lowest to the highest, and whether that is known.

    Numbers are in the order of their values.

    Args:
        labels: the names of the classes.
        order: them, separated by commas; "" if none is given.

    Raises:
        InputError: the order has other labels, or one twice.
    """
    if order:
        ordered = [label.strip() for label in order.split(",")]
        if sorted(ordered) != sorted(labels):
            raise InputError(
                f"--data.class-order {order!r} must have each class once: "
                f"{','.join(labels[:_MAX_LISTED])}"
            )
        return ordered, True
    try:
        values = {label: float(label) for label in labels}
    except ValueError:
        return labels, False
    if not all(map(math.isfinite, values.values())):
        return labels, False
    return sorted(labels, key=values.__getitem__), True


def balanced_weights(targets: "np.ndarray") -> "np.ndarray":
    """Weights of texts that give each class the same weight in all.

        v_i = sum_c y_ic n / (k n_c),  n_c = sum_i y_ic

    as scikit-learn's "balanced". (King and Zeng, Logistic Regression in Rare
    Events Data, 2001, section 4.2.)

    Args:
        targets: probabilities y of the k classes, `(n texts, classes)`.

    Returns:
        `(texts,)`.
    """
    counts = targets.sum(0, dtype=float)  # (classes,)
    weights = len(targets) / (len(counts) * counts)
    return (targets @ weights).astype("float32")
