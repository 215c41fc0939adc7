"""The variables of a model's metrics, kept by name."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from seqapps.errors import InputError

_Arrays = dict[str, np.ndarray[Any, Any]]


def metric_state(model: keras.Model) -> _Arrays:
    """Returns the variables of a model's metrics by name."""
    array = keras.ops.convert_to_numpy
    return {name: array(v) for name, v in _by_name(model).items()}


def set_metric_state(model: keras.Model, kept: Mapping[str, Any]) -> None:
    """Gives a model's metrics the state that `metric_state` returned.

    Args:
        model: one that has seen a batch, at which Keras makes the variables.
        kept: the state. Other names are taken in their order, if the shapes
            agree: an older version keeps none, and Keras counts metrics that
            have none.

    Raises:
        InputError: it is of other metrics.
    """
    made = _by_name(model)
    if kept.keys() != made.keys():
        shapes = [tuple(variable.shape) for variable in made.values()]
        if [array.shape for array in kept.values()] != shapes:
            raise InputError(
                f"the metrics were {', '.join(kept)}; now they are "
                f"{', '.join(made)}"
            )
        kept = dict(zip(made, kept.values(), strict=True))
    for name, array in kept.items():
        made[name].assign(array)


def _by_name(model: keras.Model) -> dict[str, Any]:
    """The variables; a name that occurs twice gets a number."""
    named: dict[str, Any] = {}
    for variable in model.metrics_variables:
        name, twin = variable.path, 1
        while name in named:
            twin += 1
            name = f"{variable.path}#{twin}"
        named[name] = variable
    return named
