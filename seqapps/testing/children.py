"""Jobs of a trial that need a process of their own."""

import contextlib
import json
import os
import pickle
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from seqapps import training
from seqapps.task import Task
from seqapps.testing import plain_tensorflow
from seqapps.training import checkpoints
from seqapps.training.state import State, read_state

_KILLED = 9  # exit code of a process that ends in the middle of training
_CHILD = """
import pickle, sys
sys.path[:] = {path!r}
with open("job", "rb") as file:
    function, arguments = pickle.load(file)
result = function(*arguments)
with open(sys.argv[1] if sys.argv[1:] else "result", "wb") as file:
    pickle.dump(result, file)
"""

Tables = Mapping[
    str, dict[str, Any]
]  # arguments by table of the recipe: "model", ...
Calls = Sequence[tuple[str, Mapping[str, Any]]]  # a method, its arguments


class ChildError(Exception):
    """A process ended with an error; the message is its last lines."""


class Trained(NamedTuple):
    """What a training left in its run.

    Args:
        run: the folder of the run.
        state: its newest state.
    """

    run: Path
    state: State


def train(task: Task, tables: Tables, resume: Path | None = None) -> Trained:
    """Trains a task in the current folder, or resumes a run.

    Args:
        task: the task.
        tables: arguments of its functions: "data", "model", "fit", "devices".
        resume: the folder of a run.
    """
    run = training.train(
        task,
        str(resume) if resume else None,
        *(dict(tables[name]) for name in ("data", "model", "fit", "devices")),
    ).absolute()
    return trained(run)


def trained(run: Path) -> Trained:
    """A run and its newest state."""
    state = read_state(run)
    if state is None:
        raise ValueError(
            f"`fit` left no state in {run}: let it call seqapps.training.fit"
        )
    return Trained(run, state)


def answer(predictor: Any, calls: Calls) -> list[Any]:
    """Calls methods of a predictor or a loaded model."""
    return [getattr(predictor, name)(**kwargs) for name, kwargs in calls]


def train_and_die(task: Task, tables: Tables, step: int) -> Trained:
    """Trains a task and ends the process, as `kill -9` does, after a step."""
    go_on: Any = checkpoints.Checkpoints.on_train_batch_end

    def go_on_or_die(self: Any, batch: int, logs: Any = None) -> None:
        go_on(self, batch, logs)
        if self.step == step:
            os._exit(_KILLED)

    checkpoints.Checkpoints.on_train_batch_end = go_on_or_die  # type: ignore
    return train(task, tables)


def run(
    function: Callable[..., Any],
    *arguments: Any,
    folder: Path,
    cpu_only: bool = False,
) -> Any:
    """Calls a function in a new process.

    Args:
        function: one of this module.
        *arguments: can be pickled.
        folder: the process's current folder; it is made.
        cpu_only: whether GPUs are hidden from the process.

    Returns:
        What the function returns; None if it ended the process as if killed.

    Raises:
        ChildError: the function raised an error.
    """
    environment = {"CUDA_VISIBLE_DEVICES": "-1"} if cpu_only else {}
    words = _job(folder, function, arguments)
    if _finish(words, folder, environment) == _KILLED:
        return None
    return pickle.loads((folder / "result").read_bytes())


def run_workers(
    function: Callable[..., Any], *arguments: Any, count: int, folder: Path
) -> Any:
    """Calls a function in several new processes, the workers of a TF_CONFIG.

    Args:
        function: one of this module.
        *arguments: can be pickled.
        count: how many workers there are, each with one CPU device.
        folder: the current folder of all; it is made.

    Returns:
        What the function returns in the chief.

    Raises:
        ChildError: the function raised an error in one of them.
    """
    addresses = free_addresses(count)
    words = _job(folder, function, arguments)
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(count))
        processes: list[subprocess.Popen[str]] = []
        futures = []
        for index in range(count):
            config = tf_config(addresses, index)
            environment = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CONFIG": config}
            process = _start([*words, f"result{index}"], folder, environment)
            stack.callback(process.kill)
            processes.append(process)
            futures.append(pool.submit(_end, process))
        for future in as_completed(futures):
            try:
                future.result()
            except ChildError:
                for process in processes:
                    process.kill()
                raise
    return pickle.loads((folder / "result0").read_bytes())


def tf_config(addresses: Sequence[str], index: int) -> str:
    """The TF_CONFIG of one of the workers at these addresses."""
    task = {"type": "worker", "index": index}
    return json.dumps({"cluster": {"worker": list(addresses)}, "task": task})


def free_addresses(count: int) -> list[str]:
    """Addresses of this machine at which nobody listens."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]


def _job(
    folder: Path, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> list[str]:
    """Writes what a process is to do; returns the words that start it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job").write_bytes(pickle.dumps((function, arguments)))
    code = _CHILD.format(path=[os.path.abspath(p) for p in sys.path])
    return [sys.executable, "-c", code]


def call_plain_tensorflow(saved: Path, calls: Calls) -> list[dict[str, Any]]:
    """Calls methods of a SavedModel in a process without Keras and seqapps.

    Args:
        saved: the folder of the SavedModel.
        calls: methods, and their arguments as JSON has them.

    Returns:
        The outputs of each call, by name.

    Raises:
        ChildError: the model cannot be loaded or called there.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "calls").write_text(json.dumps(calls), "utf-8")
        script = str(plain_tensorflow.__file__)
        words = [sys.executable, script, str(saved), "calls", "answers"]
        _finish(words, folder, {})
        answers = json.loads((folder / "answers").read_text("utf-8"))
    return list(answers)


def _finish(words: list[str], folder: Path, more: Mapping[str, str]) -> int:
    """Runs a command to its end; returns 0 or `_KILLED`."""
    return _end(_start(words, folder, more))


def _start(
    words: list[str], folder: Path, more: Mapping[str, str]
) -> "subprocess.Popen[str]":
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return subprocess.Popen(
        words,
        cwd=folder,
        env={**environment, **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )


def _end(process: "subprocess.Popen[str]") -> int:
    """Waits for a process; returns 0 or `_KILLED`."""
    with process:
        _, errors = process.communicate()
    if process.returncode not in (0, _KILLED):
        lines = errors.strip().splitlines()[-4:]
        raise ChildError("\n".join(lines) or f"exit code {process.returncode}")
    return process.returncode
