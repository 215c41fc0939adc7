"""Whether the lowest or the highest number of a metric is the best."""

import contextlib
from collections.abc import Iterable

import keras
import numpy as np

from seqapps.errors import InputError
from seqapps.private import metric_direction


class Judge:
    """Tells epochs apart by a number of their log.

    Args:
        name: of the number.
        mode: "min", "max", or "auto", which finds out.
        model: compiled.
    """

    def __init__(self, name: str, mode: str, model: keras.Model):
        self.name, self._mode, self._model = name, mode, model
        self.falls: bool | None = None  # whether the lowest is best, if known

    def losses(self, log: dict[str, list[float]]) -> list[float]:
        """The number of each epoch, its sign such that the lowest is best.

        Raises:
            InputError: nothing of that name is logged, or it is not known
                whether less of it is better.
        """
        if not log:
            return []
        if self.name not in log and self.name != "val_loss":
            names = ", ".join(log)
            raise InputError(f"--fit.best is one of {names}; not {self.name}")
        if self.falls is None:
            metrics = self._model.metrics
            self.falls = lowest_is_best(self.name, self._mode, metrics)
        values = np.array(log.get(self.name, log["loss"]))
        values = values if self.falls else -values
        return [float(v) if np.isfinite(v) else np.inf for v in values]


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
