"""What cannot be trained on several devices."""

from typing import Any

import keras

from seqapps.errors import InputError
from seqapps.training.train_step import TrainStep


def require_supported(model: keras.Model) -> None:
    """Refuses what a strategy cannot do.

    Args:
        model: compiled.

    Raises:
        InputError: the model is compiled with it.
    """
    if keras.distribution.distribution() is not None:
        raise InputError(
            "keras.distribution does nothing on TensorFlow: unset it, and name "
            "a strategy by --devices.name"
        )
    if model.distribute_strategy.num_replicas_in_sync == 1:
        return
    if not isinstance(model, TrainStep):
        raise InputError(
            "several devices need a model that derives from "
            "seqapps.training.TrainStep: Keras clips before it sums"
        )
    optimizer: Any = model.optimizer
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    reasons = {
        "jit_compile": (
            model.jit_compile,
            "XLA cannot compile the sums over the devices",
        ),
        "steps_per_execution": (
            model.steps_per_execution > 1,
            "Keras takes its steps one at a time there",
        ),
        "gradient_accumulation_steps": (
            optimizer.gradient_accumulation_steps,
            "TensorFlow sums over the devices at no condition",
        ),
    }
    for name, (is_set, reason) in reasons.items():
        if is_set:
            raise InputError(
                f"{name} does not go with several devices: {reason}; leave it "
                "out, or name one by --devices.name one"
            )
