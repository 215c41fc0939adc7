"""The optimizer of a compiled model, set as `[fit]` says."""

from typing import Any

import keras

from seqapps.errors import InputError
from seqapps.training.options import FitOptions

_LOWEST = 0.01  # share of the learning rate that a decay leaves


def default_optimizer() -> keras.optimizers.Optimizer:
    """What the models of the tasks are compiled with."""
    return keras.optimizers.Adam(0.002, global_clipnorm=1.0)


def set_optimizer(model: keras.Model, options: FitOptions, steps: int) -> None:
    """Gives a compiled model its optimizer anew, with the settings of a fit.

    The class stays, and so does every setting that the options leave out.

    Args:
        model: compiled. Its optimizer has done no steps yet.
        options: the settings.
        steps: of an epoch, which the schedule is counted in.

    Raises:
        InputError: the optimizer has no setting of that name.
    """
    settings = _settings(options)
    optimizer = model.optimizer
    rising, lowest = options.schedule(steps)
    if not settings and not rising and not lowest:
        return
    scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if scaled:
        optimizer = optimizer.inner_optimizer
    config = optimizer.get_config()
    for name in settings.keys() - config.keys():
        raise InputError(
            f"--fit.{name} does not go with {type(optimizer).__name__}, which "
            "the model is compiled with"
        )
    config |= settings
    if rising or lowest:
        rate = config["learning_rate"]
        if isinstance(rate, dict) and (options.warmup or options.decay):
            # shares of all steps took the schedule's place in release 0.1
            rate = rate["config"].get("initial_learning_rate", rate)
        if isinstance(rate, dict):
            raise InputError(
                "learning_rate is wanted (--fit.learning-rate): the model is "
                "compiled with a schedule of its own"
            )
        config["learning_rate"] = _schedule(rate, rising, lowest)
    with model.distribute_strategy.scope():
        optimizer = type(optimizer).from_config(config)
        if scaled:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        model.optimizer = optimizer


def _settings(options: FitOptions) -> dict[str, Any]:
    """The optimizer's arguments, of the options that are given."""
    given = {
        "learning_rate": options.learning_rate,
        "weight_decay": options.weight_decay,
        "epsilon": options.epsilon,
    }
    settings: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    if options.clip is not None:
        clips = {"clipnorm": None, "clipvalue": None}
        settings |= {"global_clipnorm": options.clip, **clips}
    if options.average is not None:
        settings["use_ema"] = options.average > 0
        settings["ema_momentum"] = options.average or 0.99
    return settings


def _schedule(
    highest: float, rising: int, lowest: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """A learning rate that rises as a line, and falls as half a cosine."""
    return keras.optimizers.schedules.CosineDecay(
        0.0 if rising else highest,
        max(lowest - rising, 1),
        alpha=_LOWEST if lowest else 1.0,
        warmup_target=highest if rising else None,
        warmup_steps=rising,
    )
