"""Recipes: TOML files of `--config`."""

import tempfile
from pathlib import Path

from seqapps import cli, recipes


def read(data: bytes) -> None:
    """Reads a recipe for music's `generate`, and makes words of it."""
    from seqapps.tasks.music import TASK

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "recipe.toml")
        path.write_bytes(data)
        verbs = cli._verbs(TASK)
        for verb in ("generate", "train"):
            words = [verb, "--config", str(path)]
            recipe = recipes.read(TASK, words, verbs)
            recipes.as_words(recipe, verbs[verb][1], verb, given=words)
