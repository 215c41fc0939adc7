"""Runs: the folders in which models are trained, found and resumed.

A run is `runs/<task>/<time>/`: the resolved recipe, the versions, the codec,
the newest state, the best weights, a log as CSV, for TensorBoard and drawn.
"""

import contextlib
import hashlib
import importlib
import json
import platform
import re
import time
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from seqapps import __version__, deprecated
from seqapps.console import arguments
from seqapps.errors import InputError, reason
from seqapps.files import read_json, write_file

_LARGEST = 1 << 18  # bytes of a recipe
_LARGEST_CODEC = 1 << 28  # bytes
_TABLES = ("data", "model", "fit", "devices")
_MAY_DIFFER = ("epochs", "patience", "save_every")  # of [fit], in a resume


def new(task: str) -> Path:
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


def find(task: str, run: str | Path) -> Path:
    """The folder of a run: itself, or of all runs here the "newest".

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
    other = _about(run).get("task", task)
    if other != task:
        raise InputError(f"{run} is a run of {other}, not of {task}")
    return run


def is_run(path: Path) -> bool:
    """Whether a folder is a run."""
    return (path / "recipe.toml").exists()


def read_recipe(path: Path) -> dict:
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


def recipe(run: Path) -> dict[str, dict]:
    """The recipe of a run, with all of its tables.

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
    return tables


def describe(run: Path, tables: dict[str, dict]) -> None:
    """Writes a run's recipe, and the versions of what trains it."""
    import tomli_w

    versions = {"python": platform.python_version(), "seqapps": __version__}
    versions |= {
        name: metadata.version(name)
        for name in ("keras", "tensorflow", "numpy")
    }
    tables = {
        table: {
            key: _plain(value)
            for key, value in values.items()
            if value is not None
        }
        for table, values in tables.items()
    }
    write_file(run / "versions.json", json.dumps(versions, indent=1))
    write_file(run / "recipe.toml", tomli_w.dumps(tables))


def begin(run: Path, task: str, data) -> None:
    """Writes what stays as it is in a run: its codec, and a digest of its data.

    Args:
        run: the folder.
        task: the task's name.
        data: what it is trained on, `seqapps.Data`.
    """
    import keras

    codec = keras.saving.serialize_keras_object(data.codec)
    write_file(run / "codec.json", json.dumps(codec))
    write_file(
        run / "about.json", json.dumps({"task": task, "data": _digest(data)})
    )


def codec(run: Path, task: str, module_of_task: str):
    """The codec of a run, of a class that the task itself registers.

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
    made = None
    if isinstance(name, str):
        made = keras.saving.get_registered_object(name)
    config = about.get("config")
    if not hasattr(made, "from_config") or not isinstance(config, dict):
        raise InputError(f"{path} is no codec of {task}: train a new run")
    try:
        return made.from_config(config)
    except Exception as error:  # whatever the class makes of wrong values
        raise InputError(f"{path} is damaged: {reason(error)}") from error


def demand_alike(
    run: Path, tables: dict[str, dict], functions: dict[str, Callable]
) -> None:
    """Compares a recipe with that of a run which is to be resumed.

    Args:
        run: the folder.
        tables: the recipe.
        functions: of each table, for the defaults of keys that are left out.

    Raises:
        InputError: they differ in what a run cannot change.
    """
    kept = recipe(run)
    free = set(_MAY_DIFFER)
    if tables["fit"].get("warmup") or tables["fit"].get("decay"):
        free.remove("epochs")  # the learning rate follows from them
    differ = []
    for table, function in functions.items():
        flags = arguments.flags(function)
        for key in sorted({*flags, *kept[table], *tables[table]}):
            default = flags[key].default if key in flags else None
            old = kept[table].get(key, _plain(default))
            now = _plain(tables[table].get(key, default))
            if old != now and not (table == "fit" and key in free):
                flag = f"--{table}.{key.replace('_', '-')}"
                differ.append(f"{flag} is {_shown(old)}, not {_shown(now)}")
    if differ:
        can = ", ".join(f"--fit.{k.replace('_', '-')}" for k in sorted(free))
        raise InputError(
            f"{run} cannot be resumed so: its {'; its '.join(differ)}. Only "
            f"{can} may differ: leave out the others, or train a new run"
        )


def demand_data(run: Path, data) -> None:
    """Compares data with those that a run was begun on.

    Raises:
        InputError: they differ.
    """
    kept = _about(run).get("data")
    if kept not in (None, _digest(data)):
        raise InputError(
            f"{run} cannot be resumed: the data have changed since it was "
            "begun; train a new run"
        )


def _about(run: Path) -> dict:
    """What does not change in a run; nothing of one of an older version."""
    with contextlib.suppress(InputError):
        return read_json(run / "about.json")
    return {}


def _digest(data) -> str:
    import keras

    parts = (
        keras.saving.serialize_keras_object(data.codec),
        data.examples,
        int(data.train.cardinality()),
    )
    digest = hashlib.sha256()
    for part in parts:
        digest.update(json.dumps(part, default=str, sort_keys=True).encode())
    return digest.hexdigest()


def _plain(value):
    """A value as TOML has it."""
    return str(value.absolute()) if isinstance(value, Path) else value


def _shown(value) -> str:
    return "left out" if value is None else json.dumps(value)
