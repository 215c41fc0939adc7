"""One training step of every task, on the devices of this process.

    python -m seqapps.testing.steps JOB

It is what `python -m seqapps.devices` runs, in a process for each choice of
devices: a crash of one loses nothing else, and logical devices and visible
GPUs are set before TensorFlow starts. JOB is JSON, the fields of `Job`; each
line of the output is JSON, a `Step`.
"""

import contextlib
import functools
import importlib
import json
import os
import pkgutil
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from seqapps import export
from seqapps.console import terminal
from seqapps.errors import reason
from seqapps.task import Task

TF32 = "tf32"
_LOSS_SCALE = 1024.0  # of float16: the first step must not overflow


@dataclass(frozen=True)
class Job:
    """What a process shall do.

    Args:
        name: of the strategy: "one", "mirrored", "multiworker".
        cpus: logical CPU devices.
        precisions: dtype policies, and "tf32".
        folder: where gradients are written.
        tasks: their names; none for all that have rows in tasks/check.
        seconds: for each measurement of the speed, unless `steps` is given.
        steps: how many are measured; workers have to take as many.
    """

    name: str
    cpus: int
    precisions: list[str]
    folder: str
    tasks: list[str] = field(default_factory=list)
    seconds: float = 0.7
    steps: int = 0


@dataclass
class Step:
    """A task's step on the devices of a process.

    Args:
        task: its name.
        precision: a dtype policy, or "tf32".
        replicas: how many.
        weights: how many numbers are trained.
        rows: of the batch.
        loss: before the step.
        gradients: a file of them, one array a variable.
        milliseconds: a step takes.
        megabytes: the most that the process, or its GPU, has used.
        walks: of each recurrent layer: "cudnn", or another one and why.
        error: why there is no step.
    """

    task: str
    precision: str
    replicas: int = 0
    weights: int = 0
    rows: int = 0
    loss: float = 0.0
    gradients: str = ""
    milliseconds: float = 0.0
    megabytes: float | None = None
    walks: dict[str, str] = field(default_factory=dict)
    error: str = ""


def tasks(names: list[str]) -> Iterator[tuple[Task, dict[str, Any]]]:
    """The tasks that have rows in tasks/check, and their arguments by table."""
    home = importlib.import_module("seqapps.tasks").__path__
    for name in sorted(module.name for module in pkgutil.iter_modules(home)):
        rows = export.locate(f"tasks/check/{name}.toml")
        recipe = export.locate(f"tasks/{name}.toml")
        if rows and recipe and (not names or name in names):
            task = importlib.import_module(f"seqapps.tasks.{name}").TASK
            check = tomllib.loads(rows.read_text("utf-8"))
            whole = tomllib.loads(recipe.read_text("utf-8"))
            check["data"]["path"] = rows.parent / check["data"]["path"]
            check["model"] = whole["model"] | check["model"]
            yield task, check


def main() -> None:
    """Does the job of the command line."""
    terminal.choose_tensorflow()
    output, sys.stdout = sys.stdout, sys.stderr  # a task may print
    job = Job(**json.loads(sys.argv[1]))
    terminal.import_tensorflow()
    from seqapps import devices

    options: Any = {"name": job.name, "cpus": job.cpus}
    strategy = devices.strategy(options=devices.DeviceOptions(**options))
    for task, tables in tasks(job.tasks):
        load = functools.cache(
            functools.partial(task.load_data, **tables["data"])
        )
        for precision in job.precisions:
            step = Step(task.name, precision)
            try:
                _take(step, task, load(), tables["model"], strategy, job)
            except Exception as error:  # it is shown on the page
                step.error = f"{type(error).__name__}: {reason(error)}"
            print(json.dumps(asdict(step)), file=output, flush=True)


def _take(
    step: Step,
    task: Task,
    data: Any,
    arguments: dict[str, Any],
    strategy: Any,
    job: Job,
) -> None:
    """Takes a step, and measures some more."""
    import keras
    import numpy as np
    import tensorflow as tf

    from seqapps import devices
    from seqapps.layers.walks.choice import compiled_at_once

    keras.utils.set_random_seed(1)
    policy: Any = "float32" if step.precision == TF32 else step.precision
    tf.config.experimental.enable_tensor_float_32_execution(
        step.precision == TF32
    )
    options = devices.DeviceOptions(precision=policy)
    with devices.dtype_policy(options=options), strategy.scope():
        model = task.build_model(data.codec, **arguments)
        optimizer: Any = keras.optimizers.SGD(1.0)  # a step is the gradient
        if policy == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(
                optimizer, initial_scale=_LOSS_SCALE
            )
        model.optimizer = optimizer
        stream = (data.start or _endless(data))(0, 1).take(1).cache().repeat()
        step.rows = len(tf.nest.flatten(next(iter(stream)))[0])
        stream = devices.share_batches(stream, strategy)
        before = [v.numpy() for v in model.trainable_variables]

        def fit(steps: int) -> float:
            begun = time.perf_counter()
            log = model.fit(
                stream, steps_per_epoch=steps, shuffle=False, verbose=0
            )
            step.loss = step.loss or float(log.history["loss"][0])
            return time.perf_counter() - begun

        with compiled_at_once():
            fit(1)
            after = [v.numpy() for v in model.trainable_variables]
            optimizer.learning_rate = 0.0
            alone = fit(1)
            steps = job.steps or max(int(job.seconds / max(alone, 1e-3)), 2)
            step.milliseconds = 1000 * fit(steps) / steps
    path = Path(job.folder, f"{task.name}-{step.precision}-{os.getpid()}.npz")
    np.savez(path, *(b - a for a, b in zip(after, before, strict=True)))
    step.gradients = str(path)
    step.weights = sum(array.size for array in before)
    step.replicas = strategy.num_replicas_in_sync
    step.megabytes = _memory()
    step.walks = dict(_walks(model))


def _endless(data: Any) -> Any:
    return lambda step, _: data.train.repeat().skip(step)


def _walks(model: Any) -> Iterator[tuple[str, str]]:
    """Which walk each recurrent layer took, and why it was not cuDNN."""
    from seqapps.layers.walks import cudnn

    for layer in _recurrent(model):
        why = ""
        if layer.walked != "cudnn":
            why = cudnn.obstacle(layer) or "there is a mask"
            why = f", for {why}"
        yield layer.name, f"{layer.walked}{why}"


def _recurrent(layer: Any) -> Iterator[Any]:
    inner = [
        getattr(layer, n, None) for n in ("forward_layer", "backward_layer")
    ]
    for each in [*getattr(layer, "layers", ()), *filter(None, inner)]:
        if getattr(each, "walked", None):
            yield each
        yield from _recurrent(each)


def _memory() -> float | None:
    """The most megabytes that the first GPU, or else the process, has used."""
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        used = tf.config.experimental.get_memory_info("GPU:0")
        return float(used["peak"]) / 2**20
    with contextlib.suppress(OSError):  # Linux alone has it
        status = Path("/proc/self/status").read_text("utf-8")
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 2**10
    return None


if __name__ == "__main__":
    main()
