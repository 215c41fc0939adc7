"""Class probabilities of many texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqapps.console import terminal
from seqapps.text.strings import batches_by_length

_BATCH_SIZE = 64


def predict_probabilities(
    classifier: Any, texts: Sequence[str]
) -> tuple[list[str], np.ndarray]:
    """Classifies texts in batches of similar length.

    Args:
        classifier: a `Classifier`, or a loaded saved model.
        texts: any number.

    Returns:
        The labels, and their probabilities `(texts, labels)`.
    """
    rows: list[Any] = [None] * len(texts)
    labels: list[str] = []
    for batch in terminal.track(
        batches_by_length(texts, _BATCH_SIZE), "reading"
    ):
        result = classifier.classify([texts[i] for i in batch])
        labels = result["labels"]
        for i, row in zip(batch, result["probabilities"], strict=True):
            rows[i] = row
    return labels, np.array(rows)
