"""Recipes: a TOML table for each function; flags win over them."""

import difflib
import inspect
from collections.abc import Callable
from pathlib import Path

from seqapps import export, training
from seqapps.errors import InputError


def normal_words(words: list[str]) -> list[str]:
    """Lets `--top_p` be `--top-p`, and a bare `--resume` mean the newest."""
    normal = []
    for i, word in enumerate(words):
        if word.startswith("--"):
            name, sign, value = word.partition("=")
            word = name.replace("_", "-") + sign + value
        bare = i + 1 == len(words) or words[i + 1].startswith("-")
        normal.append(
            "--resume=newest" if word == "--resume" and bare else word
        )
    return normal


def read(task, words: list[str], verbs: dict) -> dict:
    """The recipe of a command: `--config`, the model's own, or what ships.

    Args:
        task: the task, whose functions say which keys there are.
        words: the command line, for `--config` and `--from`.
        verbs: each verb's `(run, {table: function}, about)`.

    Raises:
        InputError: the file cannot be read, or has a table or key that no
            function takes.
    """
    path, source = _value(words, "--config"), _value(words, "--from")
    if words[0] == "train" and (run := _value(words, "--resume")):
        source = training.find_run(task.name, run)
    if path is None and source and training.is_run(Path(source)):
        path = Path(source) / "recipe.toml"
    path = Path(path) if path else export.locate(f"tasks/{task.name}.toml")
    recipe = training.read_recipe(path) if path else {}
    known = {}
    for verb, (_, tables, _) in verbs.items():
        for table, function in tables.items():
            known[verb if table == "options" else table] = function
    for table, values in recipe.items():
        _known(table, known, f"table [{table}] in {path}")
        if not isinstance(values, dict):
            raise InputError(f"{path}: {table} stands outside of any table")
        keys = inspect.signature(known[table]).parameters
        for key in values:
            _known(key, keys, f"key {key!r} in [{table}] of {path}")
    return recipe


def as_words(
    recipe: dict, tables: dict[str, Callable], verb: str, given: list[str]
) -> list[str]:
    """A recipe as command-line words, less what the user gave himself."""
    names = {word.partition("=")[0] for word in given}
    words = []
    for table in tables:
        prefix = "" if table == "options" else f"{table}."
        section = verb if table == "options" else table
        for key, value in recipe.get(section, {}).items():
            name = f"{prefix}{key.replace('_', '-')}"
            if {f"--{name}", f"--{prefix}no-{key.replace('_', '-')}"} & names:
                continue
            if isinstance(value, bool):
                name = name if value else f"{prefix}no-{key}"
                words.append(f"--{name.replace('_', '-')}")
                continue
            for each in value if isinstance(value, list) else [value]:
                words.append(f"--{name}={each}")
    return words


def _value(words: list[str], name: str) -> str | None:
    value = None
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word == name:
            value = following
        elif word.startswith(f"{name}="):
            value = word.partition("=")[2]
    return value


def _known(name: str, names, what: str) -> None:
    if name not in names:
        close = difflib.get_close_matches(name, list(names), 1)
        hint = f"did you mean {close[0]!r}?" if close else "remove it"
        raise InputError(f"unknown {what}; {hint}")
