"""Reliability and confusion, drawn."""

import io
from collections.abc import Sequence

import numpy as np

from seqapps.tasks.sentiment.evaluation import calibration


def reliability(sure: np.ndarray, right: np.ndarray) -> bytes:
    """A PNG of how often labels are right, by how sure they are.

    Args:
        sure: `(texts,)` probabilities of the labels.
        right: `(texts,)` whether they are right.
    """
    share, said, true = calibration.bins(sure, right)
    figure, (above, below) = _figure(2, height_ratios=[3, 1], sharex=True)
    above.plot([0, 1], [0, 1], color="grey", linewidth=0.7)
    above.plot(said, true, marker="o")
    error = calibration.error(sure, right)
    above.set(ylabel="share that is right", title=f"error {error:.3f}")
    edges = np.linspace(0, 1, len(share) + 1)
    below.bar(edges[:-1], share, width=edges[1], align="edge", alpha=0.6)
    below.set(xlabel="probability of the label", ylabel="share of texts")
    below.set_xlim(max(0.0, float(np.nanmin(said)) - 0.1), 1)
    return _png(figure)


def confusion(counts: np.ndarray, names: Sequence[str]) -> bytes:
    """A PNG of how often each class was called each.

    Args:
        counts: `(classes, classes)`, right ones in rows.
        names: of the classes.
    """
    figure, axes = _figure(1)
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(
            column, row, f"{count:,}", ha="center", va="center", color=colour
        )
    axes.set_xticks(range(len(names)), names, rotation=30)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="said", ylabel="right")
    return _png(figure)


def _figure(rows: int, **kwargs):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    sharex = kwargs.pop("sharex", False)
    return figure, figure.subplots(rows, sharex=sharex, gridspec_kw=kwargs)


def _png(figure) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    return picture.getvalue()
