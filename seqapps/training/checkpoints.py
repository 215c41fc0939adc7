"""What a run leaves behind: its state to go on from, its best weights, logs."""

import contextlib
import csv
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from seqapps import extras
from seqapps.errors import InputError
from seqapps.files import write_file
from seqapps.private import metric_direction
from seqapps.training import curve

_array = keras.ops.convert_to_numpy


class State(NamedTuple):
    """What `state.npz` holds: variables, steps done, one number an epoch.

    And whether less of the number that the best epoch is chosen by is better;
    None where it is not known yet, or the run is of an older version.
    """

    arrays: list[np.ndarray]
    step: int
    log: dict[str, list[float]]
    falls: bool | None = None


def read(run: Path) -> State | None:
    """Reads the newest state of a run; None if there is none yet.

    Raises:
        InputError: the file is damaged.
    """
    path = run / "state.npz"
    if not path.exists():
        return None
    try:
        # numpy itself leaves a damaged file open
        with path.open("rb") as file:
            state = np.load(file, allow_pickle=False)
            about = json.loads(state["about"].item())
            arrays = [state[f"v{i}"] for i in range(about["variables"])]
        return State(arrays, about["step"], about["log"], about.get("falls"))
    except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
    except (zipfile.BadZipFile, zlib.error) as error:
        reason = str(error)
    raise InputError(
        f"{path} is damaged ({reason}): train a new run, or remove it to begin "
        "this one again"
    )


class Checkpoints(keras.callbacks.Callback):
    """Saves all there is to a training, so that it can go on from any step.

    The state is every variable of model, optimizer and metrics, the number of
    steps done and the log; it is written to a temporary file and renamed.
    With an optimizer that averages the weights (`use_ema`) the mean is what is
    validated, and what is kept as the best.

    Args:
        run: the folder.
        model: the model that will be fitted, compiled and built.
        steps: the steps of an epoch.
        patience: epochs without a better validation loss before it stops; 0
            never does.
        save_every: steps between two states.
        best: which of the logged numbers an epoch is best by.
        mode: "min" or "max", whether the lowest or the highest is the best;
            "auto" is the lowest of a loss, and what Keras knows of a metric.
    """

    def __init__(
        self,
        run: Path,
        model: keras.Model,
        steps: int,
        patience: int,
        save_every: int,
        best: str = "val_loss",
        mode: str = "auto",
    ):
        extras.require("training", "tensorboard", "matplotlib")
        super().__init__()
        run.mkdir(parents=True, exist_ok=True)
        self.run, self.steps = run, steps
        self.patience, self.save_every = patience, save_every
        self.best, self.mode = best, mode
        self.step = 0
        self.log: dict[str, list[float]] = {}
        self._known: bool | None = None  # what `_falls` found
        self._fitted = model
        self._metrics: list[np.ndarray] = []  # of an epoch that was cut short
        self._weights: list[tuple] = []  # variables that hold their average
        with model.distribute_strategy.scope():
            model.optimizer.build(model.trainable_variables)
        self._writer = tf.summary.create_file_writer(str(run))

    @property
    def finished(self) -> bool:
        """Whether validation has got no better for `patience` epochs."""
        losses = self._losses()
        waited = len(losses) - 1 - int(np.argmin(losses)) if losses else 0
        return 0 < self.patience <= waited

    def restore(self) -> None:
        """Takes up the state in the folder, if there is one."""
        if (state := read(self.run)) is None:
            return
        kept = self._variables()
        shapes = [tuple(variable.shape) for variable in kept]
        if [a.shape for a in state.arrays[: len(kept)]] != shapes:
            raise InputError(
                f"{self.run / 'state.npz'} is of another model; train a new run"
            )
        self.step, self.log = state.step, state.log
        self._known = state.falls
        for variable, array in zip(kept, state.arrays, strict=False):
            variable.assign(array)
        self._metrics = state.arrays[len(kept) :]

    def on_epoch_begin(self, epoch, logs=None):
        # Keras has just reset the metrics: give a cut epoch its first half
        variables = self._fitted.metrics_variables
        if len(variables) == len(self._metrics):
            for variable, array in zip(variables, self._metrics, strict=True):
                variable.assign(array)
        self._metrics = []

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        if self.step % self.save_every == 0 and self.step % self.steps:
            self._save(self._fitted.metrics_variables)

    def on_test_begin(self, logs=None):
        self._take_average()

    def on_test_end(self, logs=None):
        self._give_back()

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            self.log.setdefault(name, []).append(float(value))
        losses = self._losses()
        kept = (self.run / "best.weights.h5").exists()
        if losses[-1] == min(losses) and (np.isfinite(losses[-1]) or not kept):
            path = self.run / "new.weights.h5"
            self._take_average()
            self._fitted.save_weights(path)
            self._give_back()
            path.replace(self.run / "best.weights.h5")
        self._write_log()
        self._save([])
        if self.finished:
            self._fitted.stop_training = True

    def _losses(self) -> list[float]:
        """What is lowest in the best epoch; inf for what is no number.

        Raises:
            InputError: nothing of that name is logged, or it is not known
                whether less of it is better.
        """
        log, best = self.log, self.best
        if not log:
            return []
        if best not in log and best != "val_loss":
            names = ", ".join(log)
            raise InputError(f"--fit.best is one of {names}; not {best}")
        values = np.array(log.get(best, log["loss"]))
        values = values if self._falls() else -values
        return np.where(np.isfinite(values), values, np.inf).tolist()

    def _falls(self) -> bool:
        """Whether less of the number is better."""
        if self._known is None:
            self._known = self._found_to_fall()
        return self._known

    def _found_to_fall(self) -> bool:
        if self.mode != "auto":
            return self.mode == "min"
        name = self.best.removeprefix("val_")
        if name == "loss" or name.endswith("_loss"):
            return True
        for group in self._fitted.metrics:
            for metric in getattr(group, "metrics", [group]):
                if name == metric.name or name.endswith(f"_{metric.name}"):
                    way = metric_direction(metric)
                    if way:
                        return way == "down"
        way = _direction(name)  # of an older run no metric is built yet
        if way:
            return way == "down"
        raise InputError(
            f"whether less or more of {self.best} is better is not known: set "
            "--fit.mode min or --fit.mode max"
        )

    def _take_average(self) -> None:
        """Replaces the weights by their moving averages, if there are any."""
        weights = self._fitted.trainable_variables
        if (optimizer := self._fitted.optimizer).use_ema:
            self._weights = [(w, _array(w)) for w in weights]
            optimizer.finalize_variable_values(weights)

    def _give_back(self) -> None:
        """Undoes `_take_average`."""
        for weight, value in self._weights:
            weight.assign(value)
        self._weights = []

    def _variables(self) -> list:
        return [*self._fitted.variables, *self._fitted.optimizer.variables]

    def _save(self, metrics: list) -> None:
        variables = [*self._variables(), *metrics]
        arrays = {f"v{i}": _array(v) for i, v in enumerate(variables)}
        about = {"step": self.step, "log": self.log, "falls": self._known}
        about["variables"] = len(variables)
        new = self.run / ".state.new"
        with new.open("wb") as file:
            np.savez(file, about=np.array(json.dumps(about)), **arrays)
        new.replace(self.run / "state.npz")

    def _write_log(self) -> None:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["epoch", *self.log])
        for epoch, row in enumerate(zip(*self.log.values(), strict=True)):
            rows.writerow([epoch, *row])
        write_file(self.run / "log.csv", text.getvalue())
        picture = curve.png(self.log, self.best, self._losses())
        write_file(self.run / "curve.png", picture)
        with self._writer.as_default(step=self.step):
            for name, values in self.log.items():
                tf.summary.scalar(name, values[-1])
        self._writer.flush()


def _direction(name: str) -> str | None:
    """What Keras knows of a metric by its name, or by the end of it."""
    parts = name.split("_")
    for start in range(len(parts)):
        with contextlib.suppress(ValueError, TypeError):
            metric = keras.metrics.get("_".join(parts[start:]))
            return metric_direction(metric)
    return None
