"""A run goes on as it was begun: what may differ, and what may not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqapps.console import arguments
from seqapps.errors import InputError
from seqapps.training import runs
from seqapps.training.fingerprint import differences, digest, fingerprint

_MAY_DIFFER = ("epochs", "patience", "save_every")  # of [fit]


def require_same_recipe(
    run: Path, tables: runs.Tables, functions: dict[str, Callable[..., Any]]
) -> None:
    """Compares a recipe with that of a run which is to be resumed.

    Args:
        run: the folder.
        tables: the recipe that is asked for.
        functions: of each table, for the defaults of the keys left out.

    Raises:
        InputError: they differ in what a run cannot change.
    """
    begun = runs.recipe_of(run, functions["model"], begun=True)
    free = set(_MAY_DIFFER)
    if tables["fit"].get("warmup") or tables["fit"].get("decay"):
        free.remove("epochs")  # the learning rate follows from them
    differences = []
    for table, function in functions.items():
        flags = arguments.flags(function)
        for key in sorted({*flags, *begun[table], *tables[table]}):
            default = flags[key].default if key in flags else None
            old = begun[table].get(key, runs.plain(default))
            new = runs.plain(tables[table].get(key, default))
            if old != new and not (table == "fit" and key in free):
                flag = f"--{table}.{key.replace('_', '-')}"
                differences.append(
                    f"{flag} is {_shown(old)}, not {_shown(new)}"
                )
    if differences:
        can = ", ".join(f"--fit.{k.replace('_', '-')}" for k in sorted(free))
        raise InputError(
            f"{run} cannot be resumed so: its {'; its '.join(differences)}. "
            f"Only {can} may differ: leave out the others, train a new run, or "
            "add --force"
        )


def require_same_data(run: Path, data: Any) -> None:
    """Compares data with those that a run was begun on.

    Raises:
        InputError: they differ.
    """
    begun = runs.identity(run).get("data")
    changed: list[str] = []
    if isinstance(begun, dict):
        changed = differences(begun, fingerprint(data))
    elif begun not in (None, digest(data)):  # of an older version
        changed = ["which of them is not known"]
    if changed:
        raise InputError(
            f"{run} cannot be resumed: the data have changed since it was "
            f"begun ({', '.join(changed)}); bring back the old ones, train a "
            "new run, or add --force"
        )


def _shown(value: Any) -> str:
    return "left out" if value is None else json.dumps(value)
