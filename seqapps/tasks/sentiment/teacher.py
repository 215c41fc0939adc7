"""Texts with class probabilities from a teacher: a file or a classifier."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import soft_labels
from seqapps.tasks.sentiment.importers.text_files import LabelledText

if TYPE_CHECKING:
    import numpy as np

SoftTexts = tuple[list[str], "np.ndarray"]  # probabilities: (texts, classes)


def soft_texts(
    teacher: Path, unlabelled: list[str], labels: Sequence[str]
) -> SoftTexts:
    """Texts and a teacher's probabilities for them.

    Args:
        teacher: a file (see `soft_labels.read_soft_labels`), a run or a saved
            model.
        unlabelled: texts for a run or a saved model to classify.
        labels: the names of the classes, in order.

    Returns:
        The texts, and their float32 probabilities `(texts, classes)`.

    Raises:
        InputError: the file cannot be used, or the teacher has other classes.
    """
    if soft_labels.is_soft_labels(teacher):
        texts, probabilities = soft_labels.read_soft_labels(teacher, labels)
    else:
        texts = unlabelled
        probabilities = _predict(teacher, texts, labels)
    print(f"{teacher} gives {len(texts)} texts", file=sys.stderr)
    return texts, probabilities


def sure_labels(
    soft: SoftTexts, labels: Sequence[str], sure: float
) -> list[LabelledText]:
    """The likeliest class of each text whose probability is at least `sure`."""
    texts, probabilities = soft
    rows = [
        (text, labels[p.argmax()])
        for text, p in zip(texts, probabilities, strict=True)
        if p.max() >= sure
    ]
    print(f"{len(rows)} of them have a sure class", file=sys.stderr)
    return rows


def _predict(
    teacher: Path, texts: list[str], labels: Sequence[str]
) -> "np.ndarray":
    """Probabilities of a trained classifier, in the order of the labels."""
    import numpy as np

    from seqapps.tasks.sentiment.decode import Classifier
    from seqapps.tasks.sentiment.evaluation import predictions
    from seqapps.tasks.sentiment.model import build_model
    from seqapps.training import load_predictor

    if not texts:
        raise InputError(
            "--data.teacher needs --data.unlabelled, unless it is a .jsonl of "
            "texts with probabilities"
        )
    classifier = load_predictor(teacher, "sentiment", build_model, Classifier)
    names, found = predictions.predict_probabilities(classifier, texts)
    if unknown := sorted(set(names) - set(labels)):
        raise InputError(
            f"{teacher} has the class {unknown[0]!r}; training has "
            f"{', '.join(labels[:20])}"
        )
    probabilities = np.zeros((len(texts), len(labels)), np.float32)
    probabilities[:, [labels.index(name) for name in names]] = found
    return probabilities
