"""Whether the lowest or the highest number of a metric is the best."""

import contextlib
from collections.abc import Iterable

import keras

from seqapps.errors import InputError
from seqapps.private import metric_direction


def lowest_is_best(
    best: str, mode: str, metrics: Iterable[keras.metrics.Metric]
) -> bool:
    """Whether the best epoch is that with the lowest number.

    Args:
        best: the number of the log that the best epoch is chosen by.
        mode: "min", "max", or "auto", which finds out.
        metrics: of the compiled model.

    Raises:
        InputError: it is not known.
    """
    if mode != "auto":
        return mode == "min"
    name = best.removeprefix("val_")
    if name == "loss" or name.endswith("_loss"):
        return True
    for group in metrics:
        for metric in getattr(group, "metrics", [group]):
            if name == metric.name or name.endswith(f"_{metric.name}"):
                direction = metric_direction(metric)
                if direction:
                    return direction == "down"
    direction = _direction(name)  # no metric of an older run is built yet
    if direction:
        return direction == "down"
    raise InputError(
        f"whether less or more of {best} is better is not known: set "
        "--fit.mode min or --fit.mode max"
    )


def _direction(name: str) -> str | None:
    """The direction, "up" or "down", of a metric that Keras has by this name.

    Or by the end of the name.
    """
    parts = name.split("_")
    for start in range(len(parts)):
        with contextlib.suppress(ValueError, TypeError):
            metric = keras.metrics.get("_".join(parts[start:]))
            return metric_direction(metric)
    return None
