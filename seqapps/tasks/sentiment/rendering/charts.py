"""Charts: the reliability diagram and the confusion matrix."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from seqapps.tasks.sentiment.evaluation import calibration


def reliability_diagram(confidence: np.ndarray, correct: np.ndarray) -> bytes:
    """Draws accuracy against confidence, as a PNG.

    Args:
        confidence: `(texts,)` probabilities of the predicted labels.
        correct: `(texts,)` whether the predictions are right.
    """
    share, mean, accuracy = calibration.reliability_bins(confidence, correct)
    figure, (above, below) = _figure(2, height_ratios=[3, 1], sharex=True)
    above.plot([0, 1], [0, 1], color="grey", linewidth=0.7)
    above.plot(mean, accuracy, marker="o")
    error = calibration.expected_calibration_error(confidence, correct)
    above.set(ylabel="share that is right", title=f"error {error:.3f}")
    edges = np.linspace(0, 1, len(share) + 1)
    below.bar(edges[:-1], share, width=edges[1], align="edge", alpha=0.6)
    below.set(xlabel="probability of the label", ylabel="share of texts")
    below.set_xlim(max(0.0, float(np.nanmin(mean)) - 0.1), 1)
    return _png(figure)


def confusion_matrix(counts: np.ndarray, labels: Sequence[str]) -> bytes:
    """Draws a confusion matrix, as a PNG.

    Args:
        counts: `(classes, classes)`, right classes in rows, predicted ones in
            columns.
        labels: the names of the classes.
    """
    figure, axes = _figure(1)
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(
            column, row, f"{count:,}", ha="center", va="center", color=colour
        )
    axes.set_xticks(range(len(labels)), labels, rotation=30)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="predicted", ylabel="right")
    return _png(figure)


def _figure(rows: int, **kwargs: Any) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    sharex = kwargs.pop("sharex", False)
    return figure, figure.subplots(rows, sharex=sharex, gridspec_kw=kwargs)


def _png(figure: Any) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    return picture.getvalue()
