"""Splits without duplicates in common, and a check of their labels."""

import hashlib

from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers.text_files import LabelledText

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
