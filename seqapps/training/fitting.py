"""Fit a model in a run's folder, so that it can be stopped and resumed."""

import contextlib
import functools
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
    from seqapps.training.state import has_state
    from seqapps.training.supported import require_supported

    epochs, seed = options.epochs, options.seed
    steps = options.steps_per_epoch or int(data.train.cardinality())
    if steps <= 0:
        raise InputError(
            "the training data do not say how many batches an epoch has: "
            "set --fit.steps-per-epoch"
        )
    if options.start and not has_state(run):
        load_best(model, options.start)
    set_optimizer(model, options, steps)
    strategy = model.distribute_strategy
    require_supported(model)
    start = data.start or (lambda step, _: data.train.repeat().skip(step))
    valid = devices_.share_batches(data.valid, strategy)
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
    workers = devices_.Workers(strategy)
    verbose = 1 if sys.stdout.isatty() else 2
    with (
        compiled_at_once(),  # or a resumed run would differ in a digit
        interrupt.deferred(_SECONDS, lambda: checkpoints.line),
    ):
        if checkpoints.step % steps or checkpoints.was_validating:
            # a cut epoch goes on with its metrics, which a batch builds
            model.test_on_batch(*next(iter(data.valid)))
            checkpoints.restore()
        if checkpoints.was_validating:
            checkpoints.validate(valid)
        while checkpoints.step < epochs * steps and not checkpoints.finished:
            # a resumed epoch is finished first, then the whole ones follow
            epoch, done = divmod(checkpoints.step, steps)
            model.fit(
                devices_.share_batches(start(checkpoints.step, seed), strategy),
                validation_data=valid,
                initial_epoch=epoch,
                epochs=epoch + 1 if done else epochs,
                steps_per_epoch=steps - done,
                callbacks=[checkpoints],
                shuffle=False,
                verbose=verbose if workers.is_chief else 0,
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
    from seqapps.training import state

    recipe = {"data": data, "model": model, "fit": fit, "devices": devices}
    with contextlib.ExitStack() as stack:
        run, found = None, None
        if resume is not None:
            run = runs.find_run(task.name, resume)
            if not force:
                same_run.require_same_recipe(run, recipe, tables(task))
        strategy = devices_.strategy(**devices)  # before TensorFlow does more
        workers = devices_.Workers(strategy)
        stack.enter_context(workers.named_if_lost(lambda: _how(run)))
        if run:
            run = Path(workers.on_chief(functools.partial(_lock, stack, run)))
            found = state.find_state(run)
        loaded = _load(task, data, workers, None if force else run)
        with workers.together():
            network = _build(task, loaded, recipe, strategy)
            if found:
                state.require_same_shapes(found, network.variables)

        def begin() -> str:
            if run and not found:
                print(f"{run} has no checkpoint yet: begins", file=sys.stderr)
            folder = run or runs.new_run(task.name)
            if run:
                remove_drafts(run)
            else:
                _lock(stack, folder)
            if force or resume is None:
                runs.write_identity(folder, task.name, loaded, recipe)
            runs.write_recipe(folder, recipe)
            return str(folder)

        run = Path(workers.on_chief(begin))
        with workers.together():
            if not runs.is_run(run) and not runs.has_copies():
                raise InputError(
                    f"worker {workers.index} does not see {run}: give all "
                    "workers one folder"
                )
        if workers.is_chief:
            print(f"{run}: {network.count_params():,} parameters")
        log = task.fit(network, loaded, run, **fit)
        if workers.is_chief:
            _report(run, log, found.state.log if found else None)
        workers.any(False)  # they end together
    return run


def _lock(stack: contextlib.ExitStack, run: Path) -> str:
    stack.enter_context(lock_folder(run))
    return str(run)


def _load(
    task: Any,
    data: dict[str, Any],
    workers: devices_.Workers,
    run: Path | None,
) -> Any:
    """Loads data, the chief first: they may have to be prepared."""
    loaded = None
    for turn in (True, False):
        with workers.together():
            if workers.is_chief is turn:
                loaded = task.load_data(**data)
                if run and turn:
                    same_run.require_same_data(run, loaded)
    return loaded


def _build(
    task: Any, data: Any, recipe: dict[str, dict[str, Any]], strategy: Any
) -> "keras.Model":
    import keras

    keras.utils.set_random_seed(recipe["fit"].get("seed", FitOptions.seed))
    with devices_.dtype_policy(**recipe["devices"]), strategy.scope():
        return task.build_model(data.codec, **recipe["model"])


def _how(run: Path | None) -> str:
    """How to go on with a run that was stopped."""
    return f"go on with train --resume {run}" if run else "start all again"


def _report(
    run: Path, log: dict[str, list[float]], before: dict[str, Any] | None
) -> None:
    if before is not None and _epochs_in(before) == _epochs_in(log):
        print(
            f"{run} had ended before: to go on, give more with --fit.epochs or "
            "--fit.patience"
        )
    if "val_loss" in log:
        best = min(log["val_loss"])
        print(f"{run}: lowest validation loss {best:.4f}; now evaluate it")


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
