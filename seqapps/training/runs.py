"""Runs: the folders in which models are trained, found and resumed.

A run is `runs/<task>/<time>/`: the resolved recipe, the versions, the codec,
the newest state, the best weights, a log as CSV, for TensorBoard and drawn.
"""

import contextlib
import importlib
import json
import os
import platform
import re
import time
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from seqapps import __version__, deprecated
from seqapps.errors import InputError, reason
from seqapps.files import read_json, write_file
from seqapps.training import old_settings
from seqapps.training.fingerprint import fingerprint

_LARGEST = 1 << 18  # bytes of a recipe
_LARGEST_CODEC = 1 << 28  # bytes
_TABLES = ("data", "model", "fit", "devices")
COPIES = "SEQAPPS_RUN_COPIES"  # a variable of the environment
Tables = dict[str, dict[str, Any]]  # of a recipe


def new_run(task: str) -> Path:
    """Makes a folder for a new run, which no other process has."""
    stem = Path("runs") / task / time.strftime("%Y%m%d-%H%M%S")
    run, twin = stem, 1
    while True:
        try:
            run.mkdir(parents=True)
            return run
        except FileExistsError:
            twin += 1
            run = stem.with_name(f"{stem.name}-{twin}")


def find_run(task: str, run: str | Path) -> Path:
    """Finds the folder of a run: the one named, or the "newest" here.

    Raises:
        InputError: there is none, or it is of another task.
    """
    if str(run) != "newest":
        if not str(run) or not is_run(Path(run)):
            name = str(run) or "an empty name"
            raise InputError(f"{name} is no run: it has no recipe.toml")
        run = Path(run)
    else:
        runs = [r for r in Path("runs", task).glob("*") if is_run(r)]
        if not runs:
            raise InputError(f"no run in runs/{task} here: train one first")
        run = max(runs, key=lambda r: (r / "recipe.toml").stat().st_mtime)
    other = identity(run).get("task", task)
    if other != task:
        raise InputError(f"{run} is a run of {other}, not of {task}")
    return run


def is_run(path: Path) -> bool:
    """Whether a folder is a run."""
    return (path / "recipe.toml").exists()


def has_copies() -> bool:
    """Whether each worker has a copy of its own of a run, not one folder."""
    return bool(os.environ.get(COPIES))


def read_recipe(path: Path) -> dict[str, Any]:
    """Reads a recipe.

    Raises:
        InputError: there is none, or it is not TOML.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(f"no recipe at {path}: {error.strerror}") from None
    if len(text) > _LARGEST:
        raise InputError(f"{path} is no recipe: it has over {_LARGEST} bytes")
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except RecursionError:
        raise InputError(f"{path} is no recipe: too many brackets") from None
    except ValueError as error:  # also of an encoding, and of a huge number
        raise InputError(f"{path} is not TOML: {error}") from None


def recipe_of(
    run: Path, build_model: Callable[..., Any], begun: bool = False
) -> Tables:
    """Reads the recipe of a run; keys of older releases are moved.

    Args:
        run: the folder.
        build_model: of the run's task.
        begun: whether to return the recipe that the run was begun with, should
            its file have been edited since; older versions do not keep it.

    Raises:
        InputError: a table is missing, as in a file that is cut short.
    """
    path = run / "recipe.toml"
    tables = read_recipe(path)
    for table in _TABLES:
        if not isinstance(tables.get(table), dict):
            raise InputError(
                f"{path} is damaged: it has no table [{table}]; train a new run"
            )
    if begun:
        tables = identity(run).get("recipe") or tables
    old_settings.move(tables, build_model)
    return tables


def write_recipe(run: Path, tables: Tables) -> None:
    """Writes a run's recipe, and the versions of what trains it."""
    import tomli_w

    versions = {"python": platform.python_version(), "seqapps": __version__}
    versions |= {
        name: metadata.version(name)
        for name in ("keras", "tensorflow", "numpy")
    }
    write_file(run / "versions.json", json.dumps(versions, indent=1))
    write_file(run / "recipe.toml", tomli_w.dumps(_plain_tables(tables)))


def write_codec(run: Path, codec: Any) -> None:
    """Writes a run's codec, in place of the one that is there."""
    import keras

    saved = keras.saving.serialize_keras_object(codec)
    write_file(run / "codec.json", json.dumps(saved))


def write_identity(run: Path, task: str, data: Any, tables: Tables) -> None:
    """Writes what a run keeps to its end: its codec, its recipe, its data.

    Args:
        run: the folder.
        task: the task's name.
        data: what it is trained on, `seqapps.Data`; a fingerprint is written.
        tables: the recipe.
    """
    write_codec(run, data.codec)
    about = {
        "task": task,
        "data": fingerprint(data),
        "recipe": _plain_tables(tables),
    }
    write_file(run / "about.json", json.dumps(about))


def load_codec(run: Path, task: str, module_of_task: str) -> Any:
    """Loads the codec of a run, of a class that the task itself registers.

    No other module is imported; only the class's `from_config` is run.

    Args:
        run: the folder.
        task: the name of the task that made it.
        module_of_task: a module in its package.

    Raises:
        InputError: `codec.json` is damaged, or of another task.
    """
    import keras

    path = run / "codec.json"
    if path.exists() and path.stat().st_size > _LARGEST_CODEC:
        raise InputError(f"{path} has over {_LARGEST_CODEC >> 20} MB")
    about = read_json(path)
    module, name = about.get("module"), about.get("registered_name")
    home = module_of_task.rpartition(".")[0]
    if isinstance(module, str):
        module = deprecated.codec_module(module)
        if home and re.fullmatch(rf"{re.escape(home)}(\.[a-z]\w*)+", module):
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(module)  # registers the codec
        elif module.startswith("seqapps.") and home.startswith("seqapps."):
            other = module.removeprefix("seqapps.tasks.").partition(".")[0]
            raise InputError(f"{run} is a run of {other}, not of {task}")
    kind: Any = None
    if isinstance(name, str):
        kind = keras.saving.get_registered_object(name)
    config = about.get("config")
    if not hasattr(kind, "from_config") or not isinstance(config, dict):
        raise InputError(f"{path} is no codec of {task}: train a new run")
    try:
        return kind.from_config(config)
    except Exception as error:  # whatever wrong values lead to
        raise InputError(f"{path} is damaged: {reason(error)}") from error


def identity(run: Path) -> dict[str, Any]:
    """What `write_identity` wrote; nothing, in a run of an older version."""
    with contextlib.suppress(InputError):
        return read_json(run / "about.json")
    return {}


def _plain_tables(tables: Tables) -> Tables:
    """Tables as TOML writes them: it has no null."""
    return {
        table: {
            key: plain(value)
            for key, value in values.items()
            if value is not None
        }
        for table, values in tables.items()
    }


def plain(value: Any) -> Any:
    """A value as TOML writes it."""
    return str(value.absolute()) if isinstance(value, Path) else value
