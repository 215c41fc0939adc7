"""Texts with the probability of each class, from a file of JSON lines."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import json_objects
from seqapps.text import textfile

SUFFIXES = (".jsonl", ".ndjson")
_TOLERANCE = 0.01  # of the sum of the probabilities, which are rounded
_FORM = '{"text": "...", "probabilities": {"neg": 0.1, "pos": 0.9}}'


def is_soft_labels(path: Path) -> bool:
    """Whether a path is a file of JSON lines."""
    return textfile.suffix(path) in SUFFIXES and not path.is_dir()


def read_soft_labels(
    path: Path, labels: Sequence[str]
) -> tuple[list[str], np.ndarray]:
    """Reads texts and their probabilities, which are scaled to sum to 1.

    A line is {"text": "...", "probabilities": {"neg": 0.1, "pos": 0.9}}; a
    class that a line leaves out has probability 0.

    Args:
        path: a .jsonl, or one compressed by gzip, .jsonl.gz.
        labels: the names of the classes, in order.

    Returns:
        The texts, and float32 probabilities `(texts, classes)`.

    Raises:
        InputError: a line is no such object, has another class, or its
            probabilities do not sum to 1; the message names the line.
    """
    class_ids = {label: k for k, label in enumerate(labels)}
    texts: list[str] = []
    classes, values, counts = [], [], []  # of each class that a line names
    lines = textfile.read_lines(path, any_end=True)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path} line {number}"
        text, given = _parse(where, line)
        for label in given:
            if label not in class_ids:
                raise InputError(
                    f"{where} has the class {label[:60]!r}; training has "
                    f"{', '.join(labels[:20])}"
                )
        texts.append(text)
        classes += [class_ids[label] for label in given]
        values += given.values()
        counts.append(len(given))
    if not texts:
        raise InputError(f"{path} has no texts")
    probabilities = np.zeros((len(texts), len(labels)), np.float32)
    rows = np.repeat(np.arange(len(texts)), counts)
    probabilities[rows, classes] = values
    return texts, probabilities / probabilities.sum(1, keepdims=True)


def _parse(where: str, line: str) -> tuple[str, dict[str, float]]:
    """The text and the probabilities of a line."""
    row = json_objects.parse(where, line.strip())
    text, given = row.get("text"), row.get("probabilities")
    if not isinstance(text, str) or not isinstance(given, dict) or not given:
        raise InputError(f"{where} must be like {_FORM}")
    for label, value in given.items():
        if not _is_probability(value):
            raise InputError(
                f"{where}: the probability of {label[:60]!r} must be a number "
                "from 0 to 1"
            )
    total = sum(given.values())
    if abs(total - 1) > _TOLERANCE:
        raise InputError(
            f"{where}: the probabilities sum to {total:.4g}, not to 1"
        )
    return text, given


def _is_probability(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= 1
