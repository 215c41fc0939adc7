"""Does every device what the CPU does? One step of each task, compared."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

# Of gradients: rounding at the precision, times what the steps through time
# make of it. Of bfloat16 on a CPU 4e-3 was measured.
TOLERANCES = {
    "float32": 1e-4,
    "tf32": 1e-2,
    "mixed_bfloat16": 5e-2,
    "mixed_float16": 1e-2,
}
_LEAST = 1e-3  # a variable's gradients, as a share of the largest of all
_STEPS = "seqapps.testing.steps"  # a child's, as it knows the tasks
_SECONDS = 900.0  # that a child may take
_NONE = "-1"  # of CUDA_VISIBLE_DEVICES


class Choice(NamedTuple):
    """Devices that one process checks.

    Args:
        label: "GPU 0".
        name: of the strategy.
        cpus: logical CPU devices.
        visible: the GPUs, as CUDA_VISIBLE_DEVICES has them; None for all.
        precisions: to try.
    """

    label: str
    name: str
    cpus: int
    visible: str | None
    precisions: list[str]


def choices(gpus: int) -> list[Choice]:
    """What is checked on a machine with so many GPUs; the CPU is first."""
    halves = ["mixed_bfloat16", "mixed_float16"]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    if len(visible) != gpus or not all(visible):
        visible = [str(i) for i in range(gpus)]
    # nobody trains in float16 on a CPU
    found = [Choice("CPU", "one", 0, _NONE, ["float32", "mixed_bfloat16"])]
    for i in range(gpus):
        every = ["float32", "tf32", *halves] if i == 0 else ["float32"]
        found.append(Choice(f"GPU {i}", "one", 0, visible[i], every))
    if gpus > 1:
        label = f"mirrored, {gpus} GPUs"
        found.append(Choice(label, "mirrored", 0, None, ["float32"]))
    else:
        label = "mirrored, 2 CPU devices"
        found.append(Choice(label, "mirrored", 2, _NONE, ["float32"]))
    return found


def check(
    gpus: int, tasks: list[str], done: Callable[[], None] = lambda: None
) -> list[dict[str, Any]]:
    """Takes the steps, and compares their gradients with the CPU's.

    Args:
        gpus: how many there are.
        tasks: their names; none for all.
        done: is called after each choice of devices.

    Returns:
        A row for each task, device and precision: the fields of
        `seqapps.testing.steps.Step`, "device", "tolerance", "difference" and
        "right", which is None for the CPU's own float32.
    """
    rows: list[dict[str, Any]] = []

    def lane(of_cpu: bool) -> None:
        for choice in choices(gpus):
            if (choice.visible == _NONE) is of_cpu:
                for row in _steps(choice, tasks, folder):
                    rows.append({"device": choice.label, **row})
                done()

    # the CPU works beside the GPUs; two on one device would slow each other
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(2) as lanes,
    ):
        list(lanes.map(lane, (True, False)))
        own = {
            row["task"]: row
            for row in rows
            if row["device"] == "CPU" and row["precision"] == "float32"
        }
        for row in rows:
            row |= _compared(row, own.get(row["task"]))
    for row in rows:
        del row["gradients"]
    return rows


def _steps(
    choice: Choice, tasks: list[str], folder: str
) -> Iterator[dict[str, Any]]:
    """The rows of a child; one with an error, should it end before its time."""
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # others may use the GPU
    }
    environment.pop("TF_CONFIG", None)
    if choice.visible is not None:
        environment["CUDA_VISIBLE_DEVICES"] = choice.visible
    job = {
        "name": choice.name,
        "cpus": choice.cpus,
        "precisions": choice.precisions,
        "folder": folder,
        "tasks": tasks,
    }
    try:
        ended = subprocess.run(
            [sys.executable, "-m", _STEPS, json.dumps(job)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        yield _failed(f"no answer in {_SECONDS:.0f} s")
        return
    for line in ended.stdout.splitlines():
        yield json.loads(line)
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or [""]
        yield _failed(f"exit code {ended.returncode} {last[0][:120]}".strip())


def _failed(error: str) -> dict[str, Any]:
    return {"task": "", "precision": "", "gradients": "", "error": error}


def _compared(
    row: dict[str, Any], own: dict[str, Any] | None
) -> dict[str, Any]:
    tolerance = TOLERANCES.get(row["precision"], 0.0)
    compared: dict[str, Any] = {"tolerance": tolerance, "difference": None}
    if row["error"] or own is None or own["error"]:
        return compared | {"right": False}
    if row is own:
        return compared | {"right": None}
    difference = _difference(own["gradients"], row["gradients"])
    right = bool(difference <= tolerance)
    return compared | {"difference": difference, "right": right}


def _difference(own: str, other: str) -> float:
    """The largest difference, as a share of its variable's largest gradient."""
    import numpy as np

    with np.load(own) as expected, np.load(other) as found:
        largest = {name: np.abs(expected[name]).max() for name in expected}
        least = _LEAST * max(largest.values())
        return max(
            float(np.abs(expected[name] - found[name]).max() / max(size, least))
            for name, size in largest.items()
        )
