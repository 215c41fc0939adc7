"""The moving average of the weights, in their place."""

from typing import Any

import keras


class Average:
    """Puts the average of each weight in its place, and takes it away again.

    It does nothing where the optimizer keeps none (`use_ema`).

    Args:
        model: a compiled model.
    """

    def __init__(self, model: keras.Model):
        self._model = model
        self._weights: list[tuple[Any, Any]] = []  # and their own values

    def put(self) -> None:
        """Replaces the weights by their averages."""
        weights = self._model.trainable_variables
        optimizer = self._model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if optimizer.use_ema:
            array = keras.ops.convert_to_numpy
            self._weights = [(w, array(w)) for w in weights]
            optimizer.finalize_variable_values(weights)

    def take_away(self) -> None:
        """Gives the weights back their own values."""
        for weight, value in self._weights:
            weight.assign(value)
        self._weights = []
