"""Checkpoints of a run: the state to resume from, best weights, logs."""

import csv
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from seqapps import extras
from seqapps.errors import InputError
from seqapps.files import write_file
from seqapps.training import curve
from seqapps.training.best_epoch import lowest_is_best

_Logs = dict[str, Any] | None

_array = keras.ops.convert_to_numpy


class State(NamedTuple):
    """What `state.npz` holds.

    Args:
        arrays: every variable.
        step: how many steps are done.
        log: one number an epoch, by name.
        falls: whether the best epoch is that with the lowest number; None
            where it is not known yet, or the run is of an older version.
    """

    arrays: list[np.ndarray[Any, Any]]
    step: int
    log: dict[str, list[float]]
    falls: bool | None = None


def read_state(run: Path) -> State | None:
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
    With an optimizer that averages the weights (`use_ema`) the mean is
    validated, and saved as the best.

    Args:
        run: the folder.
        model: the model that will be fitted, compiled and built.
        steps: of an epoch.
        patience: epochs without a better validation loss before it stops; 0
            never does.
        save_every: steps between two saved states.
        best: which of the logged numbers the best epoch is chosen by.
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
        self._lowest: bool | None = None  # the best number, once known
        self._fitted = model
        # of an epoch that was cut short
        self._metrics: list[np.ndarray[Any, Any]] = []
        # variables that hold their average, and their values
        self._weights: list[tuple[Any, Any]] = []
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
        """Restores the state in the folder, if there is one."""
        if (state := read_state(self.run)) is None:
            return
        variables = self._variables()
        shapes = [tuple(variable.shape) for variable in variables]
        if [a.shape for a in state.arrays[: len(variables)]] != shapes:
            raise InputError(
                f"{self.run / 'state.npz'} is of another model; train a new run"
            )
        self.step, self.log = state.step, state.log
        self._lowest = state.falls
        for variable, array in zip(variables, state.arrays, strict=False):
            variable.assign(array)
        self._metrics = state.arrays[len(variables) :]

    def on_epoch_begin(self, epoch: int, logs: _Logs = None) -> None:
        # Keras has just reset the metrics: give a cut epoch its first half
        variables = self._fitted.metrics_variables
        if len(variables) == len(self._metrics):
            for variable, array in zip(variables, self._metrics, strict=True):
                variable.assign(array)
        self._metrics = []

    def on_train_batch_end(self, batch: int, logs: _Logs = None) -> None:
        self.step += 1
        if self.step % self.save_every == 0 and self.step % self.steps:
            self._save(self._fitted.metrics_variables)

    def on_test_begin(self, logs: _Logs = None) -> None:
        self._take_average()

    def on_test_end(self, logs: _Logs = None) -> None:
        self._give_back()

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        for name, value in (logs or {}).items():
            self.log.setdefault(name, []).append(float(value))
        losses = self._losses()
        any_best = (self.run / "best.weights.h5").exists()
        finite = bool(np.isfinite(losses[-1]))
        if losses[-1] == min(losses) and (finite or not any_best):
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
        """The number of each epoch, its sign such that the lowest is best.

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
        values = values if self._lowest_is_best() else -values
        return [float(v) if np.isfinite(v) else np.inf for v in values]

    def _lowest_is_best(self) -> bool:
        if self._lowest is None:
            self._lowest = lowest_is_best(
                self.best, self.mode, self._fitted.metrics
            )
        return self._lowest

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

    def _variables(self) -> list[Any]:
        return [*self._fitted.variables, *self._fitted.optimizer.variables]

    def _save(self, metrics: list[Any]) -> None:
        variables = [*self._variables(), *metrics]
        arrays = {f"v{i}": _array(v) for i, v in enumerate(variables)}
        about = {"step": self.step, "log": self.log, "falls": self._lowest}
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
        picture = curve.curve_png(self.log, self.best, self._losses())
        write_file(self.run / "curve.png", picture)
        with self._writer.as_default(step=self.step):
            for name, values in self.log.items():
                tf.summary.scalar(name, values[-1])
        self._writer.flush()
