"""Fit a model in a run's folder, so that it can be stopped and resumed.

A run is `runs/<task>/<time>/`: the resolved recipe, the versions, the codec,
the newest state, the best weights, a log as CSV, for TensorBoard and drawn.
"""

import importlib
import json
import platform
import time
import tomllib
import warnings
from importlib import metadata
from pathlib import Path

from seqapps import __version__
from seqapps import devices as devices_
from seqapps.errors import InputError
from seqapps.files import write


def fit(
    model,
    data,
    run: Path,
    *,
    epochs: int = 20,
    steps_per_epoch: int = 0,
    patience: int = 3,
    seed: int = 0,
    save_every: int = 100,
    best: str = "val_loss",
    warmup: float = 0.0,
    decay: bool = False,
) -> dict[str, list[float]]:
    """Trains a compiled, built model, going on where the run's folder stands.

    Batch `i` of the training stream is a function of `seed` and `i` alone, and
    the state holds every variable: a run that was killed ends, resumed, with
    the weights of the unbroken run.

    Args:
        model: a compiled and built `keras.Model`.
        data: `seqapps.Data`.
        run: the folder of the run.
        epochs: train for at most this many.
        steps_per_epoch: batches from one validation to the next; 0 is one
            pass through the training data.
        patience: stop after this many epochs without a better one; 0 never
            stops early.
        seed: of the initial weights, the dropout and the order of the data.
        save_every: steps between two saved states.
        best: the number of the log by which an epoch is the best: a loss when
            it is lowest, anything else, such as val_accuracy, when highest.
        warmup: share of all steps in which the learning rate rises from 0.
        decay: it then falls to a hundredth at the last, as half a cosine.

    Returns:
        The log: `{"loss": [...], "val_loss": [...], ...}`, one number an epoch.
    """
    import sys

    from seqapps.checkpoints import Checkpoints

    steps = steps_per_epoch or int(data.train.cardinality())
    if steps <= 0:
        raise InputError(
            "the training data do not say how many batches an epoch has: "
            "set --fit.steps-per-epoch"
        )
    if warmup or decay:
        _schedule(model.optimizer, epochs * steps, warmup, decay)
    start = data.start or (lambda step, _: data.train.repeat().skip(step))
    checkpoints = Checkpoints(run, model, steps, patience, save_every, best)
    checkpoints.restore()
    while checkpoints.step < epochs * steps and not checkpoints.finished:
        # a resumed epoch is finished first, then the whole ones follow
        epoch, done = divmod(checkpoints.step, steps)
        model.fit(
            start(checkpoints.step, seed),
            validation_data=data.valid,
            initial_epoch=epoch,
            epochs=epoch + 1 if done else epochs,
            steps_per_epoch=steps - done,
            callbacks=[checkpoints],
            shuffle=False,
            verbose=1 if sys.stdout.isatty() else 2,
        )
        if done:  # Keras ended the fit with averaged weights, if there are any
            checkpoints.restore()
    return checkpoints.log


def _schedule(optimizer, steps: int, warmup: float, decay: bool) -> None:
    """Lets an optimizer's learning rate rise, and then fall."""
    import keras

    if not 0 <= warmup < 1:
        raise InputError(f"--fit.warmup is from 0 to below 1, not {warmup}")
    highest = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
    rising = int(warmup * steps)
    optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(
        0.0 if rising else highest,
        max(steps - rising, 1),
        alpha=0.01 if decay else 1.0,
        warmup_target=highest if rising else None,
        warmup_steps=rising,
    )


def train(
    task, resume: str, data: dict, model: dict, fit: dict, devices: dict
) -> Path:
    """Makes or resumes a run of a task; returns its folder."""
    import keras

    run = find_run(task.name, resume) if resume else new_run(task.name)
    strategy = devices_.strategy(**devices)  # before TensorFlow does anything
    loaded = task.load_data(**data)
    keras.utils.set_random_seed(fit.get("seed", 0))
    with strategy.scope():
        built = task.build_model(loaded.codec, **model)
    run.mkdir(parents=True, exist_ok=True)
    recipe = {"data": data, "model": model, "fit": fit, "devices": devices}
    _describe(run, recipe, loaded.codec)
    print(f"{run}: {built.count_params():,} parameters")
    log = task.fit(built, loaded, run, **fit)
    if "val_loss" in log:
        best = min(log["val_loss"])
        print(f"{run}: lowest validation loss {best:.4f}; now evaluate it")
    return run


def restore(task, run: Path | None):
    """The predictor of a run's best weights, and what is known of the run.

    Args:
        task: the task that made the run.
        run: the run's folder; None is the newest.

    Raises:
        InputError: there is no such run, or it has no weights yet.
    """
    import keras

    run = find_run(task.name, run or "newest")
    weights = run / "best.weights.h5"
    if not weights.exists():
        raise InputError(f"{run} has no weights yet: train it for an epoch")
    recipe = read_recipe(run / "recipe.toml")
    codec = json.loads((run / "codec.json").read_text("utf-8"))
    home = task.load_data.__module__.rpartition(".")[0]
    if home and (codec["module"] or "").startswith(f"{home}."):
        importlib.import_module(codec["module"])  # registers the codec
    codec = keras.saving.deserialize_keras_object(codec, safe_mode=True)
    model = task.build_model(codec, **recipe["model"])
    with warnings.catch_warnings():  # the optimizer's state is not wanted
        warnings.filterwarnings("ignore", "Skipping variable loading for opt")
        model.load_weights(weights)
    info = {
        "task": task.name,
        "recipe": {
            table: {
                key: _without_folder(value) for key, value in values.items()
            }
            for table, values in recipe.items()
        },
        "versions": json.loads((run / "versions.json").read_text("utf-8")),
    }
    return task.predictor(model, codec), info


def _without_folder(value):
    """A path's own name, for a model goes to others; any other value."""
    absolute = isinstance(value, str) and Path(value).is_absolute()
    return Path(value).name if absolute else value


def new_run(task: str) -> Path:
    """A folder for a new run; it is not made yet."""
    stem = Path("runs") / task / time.strftime("%Y%m%d-%H%M%S")
    run, twin = stem, 1
    while run.exists():
        twin += 1
        run = stem.with_name(f"{stem.name}-{twin}")
    return run


def find_run(task: str, run: str | Path) -> Path:
    """The folder of a run: itself, or of all runs here the "newest".

    Raises:
        InputError: there is none.
    """
    if str(run) != "newest":
        if not is_run(Path(run)):
            raise InputError(f"{run} is no run: it has no recipe.toml")
        return Path(run)
    runs = [r for r in Path("runs", task).glob("*") if is_run(r)]
    if not runs:
        raise InputError(f"no run in runs/{task} here: train one first")
    return max(runs, key=lambda r: (r / "recipe.toml").stat().st_mtime)


def read_recipe(path: Path) -> dict:
    """Reads a recipe.

    Raises:
        InputError: there is none, or it is not TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"no recipe at {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not TOML: {error}") from None


def is_run(path: Path) -> bool:
    """Whether a folder is a run."""
    return (path / "recipe.toml").exists()


def _describe(run: Path, recipe: dict, codec) -> None:
    import keras
    import tomli_w

    tables = {
        table: {
            key: str(value.absolute()) if isinstance(value, Path) else value
            for key, value in values.items()
            if value is not None
        }
        for table, values in recipe.items()
    }
    versions = {"python": platform.python_version(), "seqapps": __version__}
    versions |= {
        name: metadata.version(name)
        for name in ("keras", "tensorflow", "numpy")
    }
    codec = keras.saving.serialize_keras_object(codec)
    write(run / "versions.json", json.dumps(versions, indent=1))
    write(run / "codec.json", json.dumps(codec))
    write(run / "recipe.toml", tomli_w.dumps(tables))
