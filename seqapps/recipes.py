"""Recipes: a TOML table for each function; flags win over them."""

import difflib
import os
from pathlib import Path

from seqapps import export
from seqapps.console import arguments
from seqapps.errors import InputError
from seqapps.training import runs


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


def read(task, words: list[str], verbs: dict) -> dict[str, dict]:
    """The recipe of a command: `--config`, the model's own, or what ships.

    Args:
        task: the task, whose functions say which keys there are.
        words: the command line, for `--config` and `--from`.
        verbs: each verb's `(run, {table: function}, about)`.

    Returns:
        The tables, each value as its function takes it.

    Raises:
        InputError: the file cannot be read, or has a table, a key or a value
            that no function takes.
    """
    words = words[: words.index("--")] if "--" in words else words
    path, source = _value(words, "--config"), _value(words, "--from")
    if words[0] == "train" and (run := _value(words, "--resume")):
        source = runs.find(task.name, run)
    strange = path is None and source and runs.is_run(Path(source))
    if strange:
        path = runs.find(task.name, source) / "recipe.toml"
    if path is None:
        path = export.locate(f"tasks/{task.name}.toml")
    if path is None:
        return {}
    if not path:
        raise InputError("--config is a path, not an empty one")
    path = arguments.convert(Path, os.fspath(path))
    known = {}
    for verb, (_, tables, _) in verbs.items():
        for table, function in tables.items():
            known[verb if table == "options" else table] = function
    recipe = {}
    for table, values in runs.read_recipe(path).items():
        if table in known and not isinstance(values, dict):
            raise InputError(f"{path}: {table} is a table: write [{table}]")
        if not isinstance(values, dict):
            raise InputError(f"{path}: {table} stands outside of any table")
        _demand_known(table, known, f"table [{table}] in {path}")
        recipe[table] = _converted(
            path, table, values, known[table], "" if table in verbs else table
        )
        if strange and table in verbs:
            _demand_no_path(path, table, values, known[table])
    return recipe


def _converted(
    path: Path, table: str, values: dict, function, prefix: str
) -> dict:
    """The values of a table as their function takes them."""
    flags = arguments.flags(function)
    converted = {}
    for key, value in values.items():
        _demand_known(key, flags, f"key {key!r} in [{table}] of {path}")
        try:
            converted[key] = arguments.convert(flags[key].annotation, value)
        except InputError as error:
            flag = f"--{prefix}.{key}".replace("--.", "--").replace("_", "-")
            raise InputError(
                f"{path}: {key} in [{table}] ({flag}) {error}"
            ) from None
    return converted


def _demand_no_path(path: Path, table: str, values: dict, function) -> None:
    """Refuses paths for a verb: a run may come from a stranger."""
    flags = arguments.flags(function)
    for key in values:
        if arguments.is_path(flags[key].annotation):
            raise InputError(
                f"{path}: a run's recipe names no files for {table}: remove "
                f"{key!r} from [{table}], or give your own recipe: --config"
            )


def _value(words: list[str], name: str) -> str | None:
    value = None
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word == name:
            value = following
        elif word.startswith(f"{name}="):
            value = word.partition("=")[2]
    return value


def _demand_known(name: str, names, what: str) -> None:
    if name not in names:
        close = difflib.get_close_matches(name, list(names), 1)
        hint = f"did you mean {close[0]!r}?" if close else "remove it"
        raise InputError(f"unknown {what}; {hint}")
