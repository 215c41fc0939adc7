"""A task with toy arguments, and what the checks of it share."""

import contextlib
import io
import pickle
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from seqapps import export, training
from seqapps.console import arguments
from seqapps.task import Data, Task
from seqapps.testing import children
from seqapps.testing.children import Calls, Tables, Trained


class ContractError(AssertionError):
    """A task breaks the contract; the message says what to do."""


def demand(right: object, message: str) -> None:
    """Raises a `ContractError` with the message unless `right` is true."""
    if not right:
        raise ContractError(message)


@dataclass
class Trial:
    """A task with small arguments, trained and exported when first needed.

    Use it as a context: it works in a temporary folder.

    Args:
        task: the task. Its functions belong to a module that can be imported.
        data: toy arguments of `load_data`, for a handful of small batches.
        model: toy arguments of `build_model`.
        fit: toy arguments of `fit`: at least two epochs.
        calls: methods of the predictor to compare, each with its arguments by
            name: `[("classify", {"texts": ["good", "bad"]})]`.
        bad: further command lines that are wrong, each a list of words.
        without_noise: arguments, by table, that switch off dropout and all
            else that is drawn at random in training:
            `{"model": {"dropout": 0.0}}`.
        by_steps: `by_steps(model, x)` computes one step at a time what
            `model(x)` computes at once. Needed where the model has a `step`
            but no `initial_states(batch)`.
        replicas: how many replicas are compared with one device.
        workers: how many workers are, processes of this machine.
        files: contents, by name, of files in the folder where bad command
            lines are run.
    """

    task: Task
    data: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    fit: Mapping[str, Any] = field(default_factory=dict)
    calls: Calls = ()
    bad: Sequence[Sequence[str]] = ()
    without_noise: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    by_steps: Callable[[Any, Any], Any] | None = None
    replicas: Sequence[int] = (2,)
    workers: Sequence[int] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        demand(
            self.calls,
            "name at least one method of the predictor and its arguments: "
            'calls=[("classify", {"texts": ["good", "bad"]})]',
        )
        try:
            pickle.dumps(self.task)
        except Exception as error:
            raise ContractError(
                f"a function of the task cannot be imported by name ({error}): "
                "define it at the top of a module"
            ) from None
        self._temporary = tempfile.TemporaryDirectory(
            ignore_cleanup_errors=True
        )
        self.folder = Path(self._temporary.name).resolve()
        self._pool = ThreadPoolExecutor(2)
        self._futures: dict[int | str, Future[Trained]] = {}

    def __enter__(self) -> "Trial":
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._temporary.cleanup()

    @cached_property
    def loaded(self) -> Data:
        """The toy data."""
        return self.task.load_data(**self.tables["data"])

    @property
    def tables(self) -> Tables:
        """The toy arguments by table of the recipe; paths are absolute."""
        return self._tables()

    @cached_property
    def trained(self) -> Trained:
        """A run that was trained in this process without a break."""
        with self.inside("whole"):
            trained = children.train(self.task, self.tables)
        if self._futures:
            self._futures["cut"] = self._pool.submit(self._cut, trained)
        return trained

    @cached_property
    def restored(self) -> tuple[Any, dict[str, Any]]:
        """The predictor of that run's best weights, and what is known of it."""
        return training.restore(self.task, self.trained.run)

    @property
    def predictor(self) -> Any:
        """The predictor of that run's best weights."""
        return self.restored[0]

    @cached_property
    def answers(self) -> list[Any]:
        """What the predictor answers to `calls`."""
        return children.answer(self.predictor, self.calls)

    @cached_property
    def saved(self) -> Path:
        """Where the predictor was exported."""
        predictor, about = self.restored
        return export.save(predictor, self.folder / "saved" / "1", about)

    @cached_property
    def exported(self) -> export.Loaded:
        """That model, loaded."""
        return export.load(self.saved, task=self.task.name)

    @cached_property
    def cut(self) -> Trained:
        """A run of another process that was killed in its last epoch."""
        trained = self.trained
        cut = self._futures.get("cut")
        return cut.result() if cut else self._cut(trained)

    @cached_property
    def resumed(self) -> Trained:
        """That run, resumed in this process."""
        cut = self.cut.run
        with self.inside("cut"):
            return children.train(self.task, self.tables, cut)

    @cached_property
    def without_replicas(self) -> Trained:
        """A run without noise on one device, a CPU."""
        import tensorflow as tf

        if tf.config.list_physical_devices("GPU"):
            return self._replicated(1)
        if not self.without_noise:
            return self.trained
        with self.inside("one"):
            tables = self._tables(self.without_noise)
            return children.train(self.task, tables)

    def replicated(self, count: int) -> Trained:
        """A run without noise on so many logical CPU devices."""
        future = self._futures.get(count)
        return future.result() if future else self._replicated(count)

    def of_workers(self, count: int) -> Trained:
        """A run without noise of so many workers, each with one CPU."""
        tables = self._tables(self.without_noise)
        tables["devices"] = {"name": "multiworker"}
        folder = self.folder / f"{count}-workers"
        job = children.train, self.task, tables
        return children.run_workers(*job, count=count, folder=folder)

    def begin(self) -> None:
        """Begins with the work of other processes."""
        for count in self.replicas:
            self._futures[count] = self._pool.submit(self._replicated, count)

    @contextlib.contextmanager
    def inside(self, name: str) -> Iterator[Path]:
        """Works in a folder of the trial; returns to the current one."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        sink = contextlib.redirect_stdout(io.StringIO())
        with contextlib.chdir(folder), sink:
            yield folder

    def _cut(self, trained: Trained) -> Trained:
        epochs = max(map(len, trained.state.log.values()))
        steps = trained.state.step // epochs
        step = trained.state.step - steps + max(steps // 2, 1)
        tables = self._tables()
        if "save_every" in arguments.flags(self.task.fit):
            tables["fit"]["save_every"] = 1
        folder = self.folder / "cut"
        died = children.run(
            children.train_and_die, self.task, tables, step, folder=folder
        )
        demand(
            died is None,
            f"`fit` never came to step {step}: let it call training.fit",
        )
        (run,) = (folder / "runs" / self.task.name).iterdir()
        return children.trained(run)

    def _replicated(self, count: int) -> Trained:
        tables = self._tables(self.without_noise)
        if count > 1:
            tables["devices"] = {"name": "mirrored", "cpus": count}
        return children.run(
            children.train,
            self.task,
            tables,
            folder=self.folder / f"{count}-replicas",
            cpu_only=True,
        )

    def _tables(
        self, more: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, Any]:
        tables = {"data": self.data, "model": self.model, "fit": self.fit}
        return {"devices": {}} | {
            name: {
                key: value.absolute() if isinstance(value, Path) else value
                for key, value in {
                    **table,
                    **(more or {}).get(name, {}),
                }.items()
            }
            for name, table in tables.items()
        }
