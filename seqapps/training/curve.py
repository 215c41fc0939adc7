"""The learning curve of a run, as a picture."""

import io

import numpy as np


def curve_png(
    log: dict[str, list[float]], best: str, losses: list[float]
) -> bytes:
    """Draws the learning curve of a log, as a PNG.

    Args:
        log: one number an epoch, by name.
        best: which of them the best epoch is chosen by.
        losses: the same number, the best of them the lowest.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    epochs = range(1, len(log["loss"]) + 1)
    axes.plot(epochs, log["loss"], marker=".", label="training")
    if "val_loss" in log:
        axes.plot(epochs, log["val_loss"], marker=".", label="validation")
        chosen = int(np.argmin(losses))
        axes.axvline(chosen + 1, color="grey", linewidth=0.5)
        axes.set_title(f"best {best}: {log[best][chosen]:.3f}")
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend(frameon=False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    return picture.getvalue()
