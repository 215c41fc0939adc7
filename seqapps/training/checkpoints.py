"""Checkpoints of a run: the state to resume from, best weights, logs."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from seqapps import extras, private
from seqapps.console import interrupt
from seqapps.devices import Workers
from seqapps.errors import InputError
from seqapps.files import atomic_file
from seqapps.training import state
from seqapps.training.average import Average
from seqapps.training.best_epoch import Judge
from seqapps.training.log_files import LogFiles
from seqapps.training.metric_state import MetricState

_Logs = dict[str, Any] | None

_array = keras.ops.convert_to_numpy


class Checkpoints(keras.callbacks.Callback):
    """Saves all there is to a training, so that it can go on from any step.

    The state is every variable of model, optimizer and metrics, the number of
    steps done and the log. It is written whole or not at all, and the one
    before it is kept. With an optimizer that averages the weights (`use_ema`)
    the mean is validated, and saved as the best. Of several workers the chief
    writes; all read.

    When a signal asks for the end, it saves and raises `interrupt.Stopped`.

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
        self.step = 0
        self.log: dict[str, list[float]] = {}
        self._judge = Judge(best, mode, model)
        self._fitted = model
        self._metrics: dict[str, Any] = {}  # of an epoch that was cut short
        self._trained: dict[str, Any] = {}  # metrics, while it validates
        self._newest_is_whole = True
        self._average = Average(model)
        self._metric_state = MetricState(model)
        self._workers = Workers(model.distribute_strategy)
        with model.distribute_strategy.scope():
            model.optimizer.build(model.trainable_variables)
        self._log_files = LogFiles(run, steps)

    @property
    def finished(self) -> bool:
        """Whether validation has got no better for `patience` epochs."""
        losses = self._judge.losses(self.log)
        waited = len(losses) - 1 - int(np.argmin(losses)) if losses else 0
        return 0 < self.patience <= waited

    @property
    def _epochs(self) -> int:
        """How many epochs are in the log."""
        return max(map(len, self.log.values()), default=0)

    @property
    def was_validating(self) -> bool:
        """Whether the run was stopped in the middle of a validation."""
        return self.step > 0 and self.step == self.steps * (self._epochs + 1)

    def validate(self, data: Any) -> None:
        """Does the validation that was stopped, and ends its epoch.

        Args:
            data: validation batches.
        """
        model = self._fitted
        self.on_epoch_begin(self._epochs)
        logs = dict(model.get_metrics_result())
        held_out = model.evaluate(
            data, callbacks=[self], return_dict=True, verbose=0
        )
        logs |= {f"val_{name}": value for name, value in held_out.items()}
        self.on_epoch_end(self._epochs, logs)

    @property
    def line(self) -> str:
        """How to go on with the run, when it is stopped."""
        return f"stopped: go on with train --resume {self.run}"

    def restore(self) -> None:
        """Restores the newest whole state in the folder, if there is one.

        Raises:
            InputError: the run was trained, but no state is whole; or it is of
                another model, or not the same for all workers.
        """
        with self._workers.together():
            self._restore()
        steps = self._workers.gather(self.step)
        if len(set(steps)) > 1:
            raise InputError(
                f"the workers find the steps {steps} in {self.run}: give all "
                "of them one folder"
            )

    def _restore(self) -> None:
        if (found := state.find_state(self.run)) is None:
            return
        variables = self._variables()
        state.require_same_shapes(found, variables)
        if found.damage and self._newest_is_whole:  # said once
            if self._workers.is_chief:
                print(found.damage, file=sys.stderr)
            self._newest_is_whole = False
        kept = found.state
        self.step, self.log = kept.step, kept.log
        self._judge.falls = kept.falls
        for variable, array in zip(variables, kept.arrays, strict=False):
            variable.assign(array)
        old = kept.arrays[len(variables) :]  # metrics of an older version
        self._metrics = kept.metrics | {str(i): a for i, a in enumerate(old)}
        if kept.steps not in (0, self.steps):  # forced: count in its epochs
            self.step = self.steps * self._epochs
            self._metrics = {}

    def on_epoch_begin(self, epoch: int, logs: _Logs = None) -> None:
        # Keras has just reset the metrics: give a cut epoch its first half
        if self._metrics:
            self._metric_state.set(self._metrics)
        self._metrics = {}

    def on_train_batch_end(self, batch: int, logs: _Logs = None) -> None:
        self.step += 1
        if self.step % self.steps == 0:
            return  # the epoch's end saves
        stops = self._requested()
        if stops or self.step % self.save_every == 0:
            self._save(self._metric_state.get())
        if stops:
            raise interrupt.Stopped(self.line, stops)

    def on_test_begin(self, logs: _Logs = None) -> None:
        # Keras resets the metrics next: keep those of training
        self._trained = self._metric_state.get()
        self._average.put()

    def on_test_batch_end(self, batch: int, logs: _Logs = None) -> None:
        if stops := self._requested():
            self._average.take_away()
            self._save(self._trained)
            raise interrupt.Stopped(self.line, stops)

    def on_test_end(self, logs: _Logs = None) -> None:
        self._average.take_away()

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        for name, value in (logs or {}).items():
            self.log.setdefault(name, []).append(float(value))
        losses = self._judge.losses(self.log)
        self._on_chief(lambda: self._write_epoch(losses))
        self._save({})
        if stops := self._requested():
            raise interrupt.Stopped(self.line, stops)
        if self.finished:
            self._fitted.stop_training = True

    def _variables(self) -> list[Any]:
        return [*self._fitted.variables, *self._fitted.optimizer.variables]

    def _requested(self) -> int:
        """The signal that asked any of the workers for the end; 0 if none."""
        return max(self._workers.gather(interrupt.requested()))

    def _write_epoch(self, losses: list[float]) -> None:
        any_best = (self.run / "best.weights.h5").exists()
        finite = bool(np.isfinite(losses[-1]))
        if losses[-1] == min(losses) and (finite or not any_best):
            self._save_best()
        self._log_files.write(self.log, self._judge.name, losses)

    def _save_best(self) -> None:
        self._average.put()
        weights = private.weights_as_h5(self._fitted)
        self._average.take_away()
        best = self.run / "best.weights.h5"
        with atomic_file(best, durable=True) as file:
            file.write(weights)

    def _save(self, metrics: dict[str, Any]) -> None:
        self._on_chief(lambda: self._write_state(metrics))
        self._newest_is_whole = True

    def _write_state(self, metrics: dict[str, Any]) -> None:
        whole = state.State(
            [_array(v) for v in self._variables()],
            self.step,
            self.log,
            self._judge.falls,
            metrics,
            self.steps,
        )
        state.write_state(self.run, whole, keep=self._newest_is_whole)

    def _on_chief(self, write: Callable[[], None]) -> None:
        """Writes files in the chief; all go on when they are on the disk.

        Raises:
            InputError: a disk is full or read-only; nothing is lost.
        """

        def naming() -> None:
            try:
                write()
            except OSError as error:
                reason = error.strerror or error
                raise InputError(
                    f"{error.filename or self.run}: {reason}; what was saved "
                    "before is whole: mend this, then go on with train "
                    f"--resume {self.run}"
                ) from error

        self._workers.on_chief(naming)
