"""The variables of a model's metrics, kept by name."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqapps.errors import InputError

_Arrays = dict[str, np.ndarray[Any, Any]]


class MetricState:
    """The variables of a model's metrics, by name.

    Each of several replicas has a value of its own, `(replicas, ...)`.

    Args:
        model: compiled.
    """

    def __init__(self, model: keras.Model):
        self._model, self._strategy = model, model.distribute_strategy
        self._gather = tf.function(self._gather_in_graph, autograph=False)
        self._scatter = tf.function(self._scatter_in_graph, autograph=False)

    def get(self) -> _Arrays:
        """Returns the state."""
        if self._strategy.num_replicas_in_sync == 1:
            array = keras.ops.convert_to_numpy
            return {name: array(v) for name, v in self._by_name().items()}
        gathered = self._gather() if self._by_name() else {}
        return {name: value.numpy() for name, value in gathered.items()}

    def set(self, kept: Mapping[str, Any]) -> None:
        """Sets a state, once the model has seen a batch.

        Args:
            kept: the state. Other names are taken in their order, if the
                shapes agree: an older version keeps none, and Keras counts
                metrics that have none. That of another number of replicas is
                summed.

        Raises:
            InputError: it is of other metrics.
        """
        made = self._by_name()
        if kept.keys() != made.keys():
            pairs = zip(kept.values(), made.values(), strict=False)
            if len(kept) != len(made) or not all(_fits(*p) for p in pairs):
                raise InputError(
                    f"the metrics were {', '.join(kept)}; now they are "
                    f"{', '.join(made)}"
                )
            kept = dict(zip(made, kept.values(), strict=True))
        shares = {}
        for name, array in kept.items():
            variable = made[name]
            if array.shape == tuple(variable.shape):
                variable.assign(array)
            elif len(array) != self._strategy.num_replicas_in_sync:
                variable.assign(array.sum(0))
            else:
                shares[name] = tf.constant(array)
        if shares:
            self._scatter(shares)

    def _gather_in_graph(self) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            return {
                name: variable.value.read_value()[tf.newaxis]
                for name, variable in self._by_name().items()
            }

        parts = self._strategy.run(read)
        return {n: self._strategy.gather(part, 0) for n, part in parts.items()}

    def _scatter_in_graph(self, shares: dict[str, Any]) -> None:
        made = self._by_name()

        def assign() -> None:
            context = tf.distribute.get_replica_context()
            place = context.replica_id_in_sync_group
            for name, values in shares.items():
                made[name].value.assign(tf.gather(values, place))

        self._strategy.run(assign)

    def _by_name(self) -> dict[str, Any]:
        """The variables; a name that occurs twice gets a number."""
        named: dict[str, Any] = {}
        for variable in self._model.metrics_variables:
            name, twin = variable.path, 1
            while name in named:
                twin += 1
                name = f"{variable.path}#{twin}"
            named[name] = variable
        return named


def _fits(array: np.ndarray[Any, Any], variable: Any) -> bool:
    """Whether an array is of a variable, or has a row for each replica."""
    shape = tuple(variable.shape)
    return array.shape in (shape, (*array.shape[:1], *shape))
