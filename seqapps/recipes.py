"""Recipes: a TOML table for each function; flags win over them."""

import difflib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqapps import export
from seqapps.console import arguments
from seqapps.errors import InputError
from seqapps.training import old_settings, runs

if TYPE_CHECKING:
    from seqapps.task import Task


def normal_words(words: list[str]) -> list[str]:
    """Lets `--top_p` be `--top-p`, and a bare `--resume` mean the newest.

    What follows `--` is text, and stays as it is.
    """
    end = words.index("--") if "--" in words else len(words)
    normal = []
    for i, word in enumerate(words[:end]):
        if word.startswith("--"):
            name, sign, value = word.partition("=")
            word = name.replace("_", "-") + sign + value
        bare = i + 1 == end or words[i + 1].startswith("-")
        normal.append(
            "--resume=newest" if word == "--resume" and bare else word
        )
    return normal + words[end:]


def current_words(task: "Task", words: list[str]) -> list[str]:
    """A command line of `train` with each flag under its present name.

    What is renamed, or goes in the next release, is said on standard error.
    """
    moved = _moved(task)
    fit = arguments.flags(task.fit)
    current = []
    for word in words:
        flag, sign, value = word.partition("=")
        old = flag
        if flag.startswith("--model.") and _key(flag, "model") in moved:
            flag = flag.replace("--model.", "--fit.", 1)
        key = _key(flag, "fit")
        if key in fit and (use := arguments.deprecated(fit[key].annotation)):
            _say_old(old, use.replace("use ", "use --fit.").replace("_", "-"))
        elif flag != old:
            _say_old(old, f"use {flag}")
        current.append(flag + sign + value)
    return current


def read_recipe(
    task: "Task", words: list[str], verbs: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Reads the recipe of a command: `--config`, the run's, or what ships.

    Args:
        task: the task, whose functions say which keys there are.
        words: the command line, for `--config`, `--from` and `--resume`.
        verbs: each verb's `(run, {table: function}, about)`.

    Returns:
        The tables, each value of the type that its function takes.

    Raises:
        InputError: the file cannot be read, or has a table, a key or a value
            that no function takes.
    """
    words = words[: words.index("--")] if "--" in words else words
    path, of_run = _path(task, words)
    if path is None:
        return {}
    functions = {
        verb if table == "options" else table: function
        for verb, (_, tables, _) in verbs.items()
        for table, function in tables.items()
    }
    raw = runs.read_recipe(path)
    for table, values in raw.items():
        if not isinstance(values, dict):
            is_known = table in functions
            raise InputError(
                f"{path}: {table} is a table: write [{table}]"
                if is_known
                else f"{path}: {table} stands outside of any table"
            )
        _require_known(table, functions, f"table [{table}] in {path}")
    moved = old_settings.move(raw, task.build_model) if _moved(task) else []
    if moved and not of_run:
        _say_old(f"{path}: {', '.join(moved)} in [model]", "write it in [fit]")
    recipe = {}
    for table, values in raw.items():
        prefix = "" if table in verbs else table
        recipe[table] = _typed(path, table, values, functions[table], prefix)
    for table in recipe.keys() & verbs.keys() if of_run else ():
        _refuse_paths(path, table, recipe[table], functions[table])
    if "fit" in recipe:
        if not of_run:
            _say_deprecated(path, recipe["fit"], functions["fit"])
        if "decay_epochs" in arguments.flags(functions["fit"]):
            keys = (_key(word.partition("=")[0], "fit") for word in words)
            for key in old_settings.overruled(keys):
                recipe["fit"].pop(key, None)
    return recipe


def _path(task: "Task", words: list[str]) -> tuple[Path | None, bool]:
    """The recipe's file, and whether it is that of a run."""
    path, source = value_of(words, "--config"), value_of(words, "--from")
    if words[0] == "train" and (run := value_of(words, "--resume")):
        source = str(runs.find_run(task.name, run))
    if path is None and source and runs.is_run(Path(source)):
        return runs.find_run(task.name, source) / "recipe.toml", True
    if path == "":
        raise InputError("--config is a path, not an empty one")
    shipped = path or export.locate(f"tasks/{task.name}.toml")
    if shipped is None:
        return None, False
    return arguments.convert(Path, os.fspath(shipped)), False


def _moved(task: "Task") -> set[str]:
    """The keys of `[model]` that a task now has in `[fit]`."""
    fit = arguments.flags(task.fit)
    return set(old_settings.moved_keys(task.build_model)) & fit.keys()


def _key(flag: str, table: str) -> str:
    """The key of a flag in a table: `--fit.no-decay` is "decay"."""
    if not flag.startswith(f"--{table}."):
        return ""
    key = flag.removeprefix(f"--{table}.").replace("-", "_")
    return "decay" if key == "no_decay" else key


def _say_old(name: str, use: str) -> None:
    print(f"{name} goes in 0.3: {use}", file=sys.stderr)


def _say_deprecated(
    path: Path, values: dict[str, Any], function: Callable[..., Any]
) -> None:
    flags = arguments.flags(function)
    for key in values:
        if use := arguments.deprecated(flags[key].annotation):
            _say_old(f"{path}: {key} in [fit]", use)


def _typed(
    path: Path,
    table: str,
    values: dict[str, Any],
    function: Callable[..., Any],
    prefix: str,
) -> dict[str, Any]:
    """The values of a table, each of the type that its function takes."""
    flags = arguments.flags(function)
    typed = {}
    for key, value in values.items():
        _require_known(key, flags, f"key {key!r} in [{table}] of {path}")
        try:
            typed[key] = arguments.convert(flags[key].annotation, value)
        except InputError as error:
            flag = f"--{prefix}.{key}".replace("--.", "--").replace("_", "-")
            raise InputError(
                f"{path}: {key} in [{table}] ({flag}) {error}"
            ) from None
    return typed


def _refuse_paths(
    path: Path,
    table: str,
    values: dict[str, Any],
    function: Callable[..., Any],
) -> None:
    """Refuses paths for a verb: a run may come from a stranger."""
    flags = arguments.flags(function)
    for key in values:
        if arguments.is_path(flags[key].annotation):
            raise InputError(
                f"{path}: a run's recipe names no files for {table}: remove "
                f"{key!r} from [{table}], or give your own recipe: --config"
            )


def value_of(words: Sequence[str], flag: str) -> str | None:
    """Returns the last value of a flag, which may be joined to it by `=`.

    Args:
        words: of a command line.
        flag: "--resume", for instance.
    """
    value: str | None = None
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word == flag:
            value = following
        elif word.startswith(f"{flag}="):
            value = word.partition("=")[2]
    return value


def _require_known(name: str, names: Iterable[str], what: str) -> None:
    names = list(names)
    if name not in names:
        close = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean {close[0]!r}?" if close else "remove it"
        raise InputError(f"unknown {what}; {hint}")
