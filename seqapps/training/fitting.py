"""Fit a model in a run's folder, so that it can be stopped and resumed."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from seqapps import devices as devices_
from seqapps.console.arguments import Count, Dropout, Seed, Size, checked
from seqapps.errors import InputError
from seqapps.files import lock_folder
from seqapps.training import runs


@checked
def fit(
    model,
    data,
    run: Path,
    *,
    epochs: Count = 20,
    steps_per_epoch: Size = 0,
    patience: Size = 3,
    seed: Seed = 0,
    save_every: Count = 100,
    best: str = "val_loss",
    mode: Literal["auto", "min", "max"] = "auto",
    warmup: Dropout = 0.0,
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
        best: the number of the log by which an epoch is the best.
        mode: whether the lowest, "min", or the highest, "max", is the best;
            "auto" is the lowest of a loss, and what Keras knows of a metric.
        warmup: share of all steps in which the learning rate rises from 0.
        decay: it then falls to a hundredth at the last, as half a cosine.

    Returns:
        The log: `{"loss": [...], "val_loss": [...], ...}`, one number an epoch.
    """
    import sys

    from seqapps.layers.walks.choice import compiled_at_once
    from seqapps.training.checkpoints import Checkpoints

    steps = steps_per_epoch or int(data.train.cardinality())
    if steps <= 0:
        raise InputError(
            "the training data do not say how many batches an epoch has: "
            "set --fit.steps-per-epoch"
        )
    if warmup or decay:
        _schedule(model.optimizer, epochs * steps, warmup, decay)
    start = data.start or (lambda step, _: data.train.repeat().skip(step))
    checkpoints = Checkpoints(
        run, model, steps, patience, save_every, best, mode
    )
    checkpoints.restore()
    while checkpoints.step < epochs * steps and not checkpoints.finished:
        # a resumed epoch is finished first, then the whole ones follow
        epoch, done = divmod(checkpoints.step, steps)
        with compiled_at_once():  # or a resumed run would differ in a digit
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
    task,
    resume: str | None,
    data: dict,
    model: dict,
    fit: dict,
    devices: dict,
) -> Path:
    """Makes or resumes a run of a task; returns its folder.

    Args:
        task: the task.
        resume: the folder of a run, "newest", or None for a new run.
        data: arguments of `task.load_data`.
        model: of `task.build_model`.
        fit: of `task.fit`.
        devices: of `devices.strategy`.

    Raises:
        InputError: the run to be resumed was trained otherwise or on other
            data, or another process trains it; nothing is changed then.
    """
    import keras

    from seqapps.training import checkpoints

    recipe = {"data": data, "model": model, "fit": fit, "devices": devices}
    with contextlib.ExitStack() as held:
        run, before = None, None
        if resume is not None:
            run = runs.find(task.name, resume)
            held.enter_context(lock_folder(run))
            runs.demand_alike(run, recipe, tables(task))
            before = checkpoints.read(run)
        strategy = devices_.strategy(**devices)  # before TensorFlow does more
        loaded = task.load_data(**data)
        if run:
            runs.demand_data(run, loaded)
        keras.utils.set_random_seed(fit.get("seed", 0))
        with strategy.scope():
            built = task.build_model(loaded.codec, **model)
        if run is None:
            run = runs.new(task.name)
            held.enter_context(lock_folder(run))
            runs.begin(run, task.name, loaded)
        runs.describe(run, recipe)
        print(f"{run}: {built.count_params():,} parameters")
        log = task.fit(built, loaded, run, **fit)
        if before and _epochs(before.log) == _epochs(log):
            print(
                f"{run} had ended before: to go on, give more with "
                "--fit.epochs or --fit.patience"
            )
        if "val_loss" in log:
            best = min(log["val_loss"])
            print(f"{run}: lowest validation loss {best:.4f}; now evaluate it")
    return run


def _epochs(log: dict[str, list[float]]) -> int:
    return max(map(len, log.values()), default=0)


def tables(task) -> dict[str, Callable]:
    """The functions whose arguments the tables of a task's recipe are."""
    return {
        "data": task.load_data,
        "model": task.build_model,
        "fit": task.fit,
        "devices": devices_.strategy,
    }
