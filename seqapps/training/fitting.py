"""Fit a model in a run's folder, so that it can be stopped and resumed."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqapps import devices as devices_
from seqapps.console import interrupt
from seqapps.console.arguments import checked
from seqapps.errors import InputError
from seqapps.files import lock_folder, remove_drafts
from seqapps.training import runs, same_run
from seqapps.training.options import FitOptions

if TYPE_CHECKING:
    import keras

_SECONDS = 25.0  # from a signal to the end: a cloud grants 30


@checked
def fit(
    model: "keras.Model",
    data: Any,
    run: Path,
    *,
    options: FitOptions = FitOptions(),  # noqa: B008 (frozen)
) -> dict[str, list[float]]:
    """Trains a compiled, built model, going on where the run's folder stands.

    Batch `i` of the training stream is a function of `seed` and `i` alone, and
    a checkpoint holds every variable: a run that was killed ends, resumed,
    with the weights of the unbroken run.

    Args:
        model: a compiled and built `keras.Model`. The options that set its
            optimizer do so here; those left out leave it as it is compiled.
        data: `seqapps.Data`.
        run: the folder of the run.
        options: the settings; or each of them as an argument of its own,
            `fit(model, data, run, epochs=3)`.

    Returns:
        The log: `{"loss": [...], "val_loss": [...], ...}`, one number an epoch.
    """
    from seqapps.layers.walks.choice import compiled_at_once
    from seqapps.training.checkpoints import Checkpoints
    from seqapps.training.optimizer import set_optimizer
    from seqapps.training.restoring import load_best

    epochs, seed = options.epochs, options.seed
    steps = options.steps_per_epoch or int(data.train.cardinality())
    if steps <= 0:
        raise InputError(
            "the training data do not say how many batches an epoch has: "
            "set --fit.steps-per-epoch"
        )
    if options.start and not (run / "state.npz").exists():
        load_best(model, options.start)
    set_optimizer(model, options, steps)
    start = data.start or (lambda step, _: data.train.repeat().skip(step))
    checkpoints = Checkpoints(
        run,
        model,
        steps,
        options.patience,
        options.save_every,
        options.best,
        options.mode,
    )
    checkpoints.restore()
    with (
        compiled_at_once(),  # or a resumed run would differ in a digit
        interrupt.deferred(_SECONDS, lambda: checkpoints.line),
    ):
        if checkpoints.step % steps or checkpoints.was_validating:
            # a cut epoch goes on with its metrics, which a batch builds
            model.test_on_batch(*next(iter(data.valid)))
            checkpoints.restore()
        if checkpoints.was_validating:
            checkpoints.validate(data.valid)
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
            if done:  # Keras ended it with averaged weights, if there are any
                checkpoints.restore()
    return checkpoints.log


def train(
    task: Any,
    resume: str | None,
    data: dict[str, Any],
    model: dict[str, Any],
    fit: dict[str, Any],
    devices: dict[str, Any],
    force: bool = False,
) -> Path:
    """Trains a new run of a task, or resumes one; returns its folder.

    Args:
        task: the task.
        resume: the folder of a run, "newest", or None for a new run.
        data: arguments of `task.load_data`.
        model: of `task.build_model`.
        fit: of `task.fit`.
        devices: of `devices.strategy`.
        force: whether to resume a run that was begun otherwise or on other
            data.

    Raises:
        InputError: the run to be resumed was trained otherwise or on other
            data, no state of it is whole, or another process trains it;
            nothing is changed then.
    """
    import keras

    from seqapps.training import state

    recipe = {"data": data, "model": model, "fit": fit, "devices": devices}
    with contextlib.ExitStack() as locks:
        run, found = None, None
        if resume is not None:
            run = runs.find_run(task.name, resume)
            locks.enter_context(lock_folder(run))
            if not force:
                same_run.require_same_recipe(run, recipe, tables(task))
            found = state.find_state(run)
        strategy = devices_.strategy(**devices)  # before TensorFlow does more
        loaded = task.load_data(**data)
        if run and not force:
            same_run.require_same_data(run, loaded)
        keras.utils.set_random_seed(fit.get("seed", FitOptions.seed))
        with strategy.scope():
            network = task.build_model(loaded.codec, **model)
        if found:
            state.require_same_shapes(found, network.variables)
        elif run:
            print(f"{run} has no checkpoint yet: begins", file=sys.stderr)
        if run:
            remove_drafts(run)
        else:
            run = runs.new_run(task.name)
            locks.enter_context(lock_folder(run))
        if force or resume is None:
            runs.write_identity(run, task.name, loaded, recipe)
        runs.write_recipe(run, recipe)
        print(f"{run}: {network.count_params():,} parameters")
        log = task.fit(network, loaded, run, **fit)
        if found and _epochs_in(found.state.log) == _epochs_in(log):
            print(
                f"{run} had ended before: to go on, give more with "
                "--fit.epochs or --fit.patience"
            )
        if "val_loss" in log:
            best = min(log["val_loss"])
            print(f"{run}: lowest validation loss {best:.4f}; now evaluate it")
    return run


def _epochs_in(log: dict[str, list[float]]) -> int:
    return max(map(len, log.values()), default=0)


def tables(task: Any) -> dict[str, Callable[..., Any]]:
    """The functions whose arguments the tables of a task's recipe are."""
    return {
        "data": task.load_data,
        "model": task.build_model,
        "fit": task.fit,
        "devices": devices_.strategy,
    }
