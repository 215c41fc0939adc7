"""The state of a run on the disk: the newest, and the one before it."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqapps.errors import InputError, reason
from seqapps.files import atomic_file, sync

NEWEST = "state.npz"
BEFORE = "state.before.npz"
# what a run that has lost its states still shows that it was trained
_TRACES = ("log.csv", "best.weights.h5", "curve.png", "events.out.tfevents.*")

Arrays = list[np.ndarray[Any, Any]]


class State(NamedTuple):
    """What `state.npz` holds.

    Args:
        arrays: every variable of the model and of its optimizer.
        step: how many steps are done.
        log: one number an epoch, by name.
        falls: whether the best epoch is that with the lowest number; None
            where it is not known yet, or the run is of an older version.
        metrics: the variables of the metrics of an epoch that is not over, by
            name; those of a run of an older version have numbers for names.
        steps: of an epoch; 0 in a run of an older version.
    """

    arrays: Arrays
    step: int
    log: dict[str, list[float]]
    falls: bool | None = None
    metrics: dict[str, np.ndarray[Any, Any]] = {}
    steps: int = 0


class Found(NamedTuple):
    """The newest whole state of a run.

    Args:
        state: what it holds.
        path: its file.
        damage: what is wrong with a newer one, in a line; empty if nothing is.
    """

    state: State
    path: Path
    damage: str


def write_state(run: Path, state: State, keep: bool = True) -> None:
    """Writes a state, whole or not at all; the newest becomes the one before.

    Args:
        run: the folder.
        state: what to write.
        keep: whether the newest is worth keeping.

    Raises:
        OSError: of a full disk and the like; both older states stay.
    """
    variables = [*state.arrays, *state.metrics.values()]
    arrays: dict[str, Any] = {f"v{i}": a for i, a in enumerate(variables)}
    about = {
        "step": state.step,
        "log": state.log,
        "falls": state.falls,
        "steps": state.steps,
        "variables": len(variables),
        "metrics": list(state.metrics),
    }
    newest = run / NEWEST
    with atomic_file(newest, durable=True) as file:
        np.savez(file, about=np.array(json.dumps(about)), **arrays)
        sync(file)
        if keep and newest.exists():
            newest.replace(run / BEFORE)


def has_state(run: Path) -> bool:
    """Whether a run has a state, be it whole or damaged."""
    return (run / NEWEST).exists() or (run / BEFORE).exists()


def find_state(run: Path) -> Found | None:
    """Finds the newest whole state of a run; None if it was not trained yet.

    Raises:
        InputError: it was trained, but no state is whole.
    """
    damages: list[str] = []
    for path in (run / NEWEST, run / BEFORE):
        if path.exists():
            try:
                return Found(_read(path), path, _told(path, damages))
            except Exception as error:  # whatever wrong bytes lead to
                damages.append(f"{path} is damaged ({reason(error)})")
        else:
            damages.append(f"{path} is missing")
    traces = any(path for trace in _TRACES for path in run.glob(trace))
    if not traces and not has_state(run):
        return None
    raise InputError(
        f"{run} cannot be resumed: {'; '.join(damages)}: train a new run"
    )


def read_state(run: Path) -> State | None:
    """Reads the newest whole state of a run, as `find_state` finds it."""
    found = find_state(run)
    return found.state if found else None


def require_same_shapes(found: Found, variables: Sequence[Any]) -> None:
    """Compares a state with the first variables of a model.

    Raises:
        InputError: it is of another model.
    """
    shapes = [tuple(variable.shape) for variable in variables]
    if [a.shape for a in found.state.arrays[: len(variables)]] != shapes:
        raise InputError(f"{found.path} is of another model; train a new run")


def _told(path: Path, damages: list[str]) -> str:
    return f"{damages[0]}: goes on from {path.name}" if damages else ""


def _read(path: Path) -> State:
    with zipfile.ZipFile(path) as file:

        def member(name: str) -> np.ndarray[Any, Any]:
            # read whole, so that its checksum is compared
            raw = io.BytesIO(file.read(f"{name}.npy"))
            return np.load(raw, allow_pickle=False)

        about = json.loads(member("about").item())
        arrays = [member(f"v{i}") for i in range(about["variables"])]
    # of an older version they follow on the others, without names
    names = about.get("metrics", [])
    first = len(arrays) - len(names)
    metrics = dict(zip(names, arrays[first:], strict=True))
    return State(
        arrays[:first],
        about["step"],
        about["log"],
        about.get("falls"),
        metrics,
        about.get("steps", 0),
    )
