"""Predictors of runs and SavedModels: the best weights, ready to use."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqapps import export
from seqapps.errors import InputError, reason
from seqapps.files import read_json
from seqapps.training import runs


def load_predictor(
    path: Path,
    name: str,
    build_model: Callable[..., Any],
    predictor: Callable[..., Any],
    trust: bool = False,
) -> Any:
    """Loads the predictor in a folder, which is a run or a SavedModel.

    Args:
        path: the folder.
        name: the task's name.
        build_model: see `Task`.
        predictor: makes a predictor of a model and a codec.
        trust: see `export.load`.

    Raises:
        InputError: it is neither, or one that cannot be loaded.
    """
    if (path / "saved_model.pb").exists() or not runs.is_run(path):
        return export.load(path, trust=trust, task=name)
    return _restored(name, build_model, predictor, path)[0]


def restore(task: Any, run: str | Path | None) -> tuple[Any, dict[str, Any]]:
    """Restores the predictor of a run's best weights; describes the run.

    Args:
        task: the task that made the run.
        run: the run's folder; None is the newest.

    Raises:
        InputError: there is no such run, it has no weights yet, or one of its
            files is damaged or of another task.
    """
    return _restored(task.name, task.build_model, task.predictor, run)


def _restored(
    name: str,
    build_model: Callable[..., Any],
    predictor: Callable[..., Any],
    run: str | Path | None,
) -> tuple[Any, dict[str, Any]]:
    run = runs.find_run(name, run or "newest")
    recipe = runs.recipe_of(run, build_model)
    versions = read_json(run / "versions.json")
    codec = runs.load_codec(run, name, build_model.__module__)
    try:
        model = build_model(codec, **recipe["model"])
    except InputError:
        raise
    except Exception as error:  # whatever a wrong codec or recipe leads to
        raise InputError(
            f"{run} is damaged: no model can be built of its codec.json and "
            f"recipe.toml: {reason(error)}"
        ) from error
    load_best(model, run)
    info = {
        "task": name,
        "recipe": {
            table: {
                key: _without_folder(value) for key, value in values.items()
            }
            for table, values in recipe.items()
        },
        "versions": versions,
    }
    return predictor(model, codec), info


def load_best(model: Any, run: Path) -> None:
    """Sets a model's weights to the best of a run.

    Args:
        model: a built `keras.Model` of the same sizes.
        run: the folder of the run.

    Raises:
        InputError: it has no weights yet, or they are damaged or of other
            sizes.
    """
    weights = run / "best.weights.h5"
    if not weights.exists():
        raise InputError(f"{run} has no weights yet: train it for an epoch")
    with warnings.catch_warnings():  # the optimizer's state is not wanted
        warnings.filterwarnings("ignore", "Skipping variable loading for opt")
        try:
            model.load_weights(weights)
        except Exception as error:  # h5py and Keras raise errors of any type
            raise InputError(
                f"{weights} is damaged, or of another model: {reason(error)}"
            ) from error


def _without_folder(value: Any) -> Any:
    """A value; of paths their names alone, as a model goes to others."""
    if not isinstance(value, str):
        return value
    return ";".join(
        Path(part).name if Path(part).is_absolute() else part
        for part in value.split(";")
    )
