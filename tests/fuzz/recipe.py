"""Recipes: TOML files of `--config`, up to the arguments of every verb."""

import tempfile
from pathlib import Path

from seqapps import recipes
from seqapps.cli import flags
from seqapps.cli import verbs as verbs_
from seqapps.errors import InputError

_TASKS = ("chorale", "music", "sentiment", "translation")


def read(data: bytes) -> None:
    """Reads a recipe for each verb of each task, without running the verb."""
    import importlib

    errors = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "recipe.toml")
        path.write_bytes(data)
        for name in _TASKS:
            task = importlib.import_module(f"seqapps.tasks.{name}").TASK
            try:
                _read(task, path)
            except InputError as error:
                errors.append(error)
    if len(errors) == len(_TASKS):
        raise errors[0]


def _read(task, path: Path) -> None:
    verbs = verbs_._verbs(task)
    for verb, (_, tables, about) in verbs.items():
        recipe = recipes.read_recipe(task, [verb, "--config", str(path)], verbs)

        def keep(_, *texts, **values):
            for table, value in values.items():
                assert isinstance(value, dict) == (table in tables), table  # noqa: B023

        flags.command(task, keep, tables, about, verb, recipe)()
