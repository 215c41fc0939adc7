"""The report of `python -m seqapps.devices`: machine, framework, steps."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from seqapps import export
from seqapps.devices.check import check, choices
from seqapps.devices.machine import machine
from seqapps.errors import reason

_FRAMEWORK = "seqapps.devices.framework"
_SECONDS = 120.0


def tasks() -> list[str]:
    """The tasks that have rows for a step."""
    rows = export.locate("tasks/check")
    return sorted(path.stem for path in rows.glob("*.toml")) if rows else []


def make(
    tasks: list[str], begin: Callable[[int], Callable[[], None]]
) -> dict[str, Any]:
    """Makes the report.

    Args:
        tasks: names of tasks to take a step of; none for all.
        begin: is given how many parts the check has; returns what is called
            after each.
    """
    framework = _framework()
    gpus = len(framework.get("gpus", ()))
    steps = check(gpus, tasks, begin(len(choices(gpus))))
    report: dict[str, Any] = {"machine": machine(), "framework": framework}
    report["steps"] = steps
    report["right"] = _is_right(report)
    return report | {"notes": _notes(report)}


def _framework() -> dict[str, Any]:
    """What TensorFlow says, in a process of its own; or its error."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", _FRAMEWORK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
        )
        if ended.returncode == 0:
            return dict(json.loads(ended.stdout))
        last = ended.stderr.strip().splitlines()[-1:] or [""]
        return {"error": f"exit code {ended.returncode} {last[0]}".strip()}
    except (subprocess.TimeoutExpired, ValueError) as error:
        return {"error": reason(error)}


def _is_right(report: dict[str, Any]) -> bool:
    wrong = any(row["right"] is False for row in report["steps"])
    return not wrong and "error" not in report["framework"]


def _notes(report: dict[str, Any]) -> list[str]:
    """Lines below the tables: what is wrong, and what the columns mean."""
    notes = [
        f"{row['device']} {row['task']} {row['precision']}".strip()
        + f": {row['error']}"
        for row in report["steps"]
        if row["error"]
    ]
    seen = len(report["framework"].get("gpus", ()))
    there = len(report["machine"]["gpus"])
    if there > seen:
        notes.append(
            f"the driver has {there} GPUs and TensorFlow sees {seen}: is it "
            'installed as "tensorflow[and-cuda]"? CUDA_VISIBLE_DEVICES?'
        )
    notes.append(
        "difference: of gradients, as a share of the largest of the same "
        "variable; MB: the most that the process (of a GPU: TensorFlow there) "
        "has used"
    )
    notes.append(
        "everything is equal to the CPU"
        if report["right"]
        else "SOMETHING DIFFERS from the CPU, or did not run: see above"
    )
    return notes
