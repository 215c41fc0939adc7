"""One step of a decoder, and the shapes of the tensors a loop carries."""

from collections.abc import Callable
from typing import Any, TypeAlias

import tensorflow as tf

Step: TypeAlias = Callable[
    ..., tuple[Any, ...]
]  # step(tokens, states): see beam_search
Number: TypeAlias = (
    int | float | tf.Tensor
)  # a scalar, in Python or in the graph


def call_step(
    step: Step, tokens: tf.Tensor, states: Any
) -> tuple[tf.Tensor, Any, tf.Tensor | None]:
    """Calls `step`, which may return attention weights or not.

    Returns:
        Logits in float32, the next states with the static shapes of the
        previous ones, and attention weights in float32 or None.
    """
    logits, following, *rest = step(tokens, states)
    following = tf.nest.map_structure(_with_shape, states, following)
    weights = tf.cast(rest[0], tf.float32) if rest else None
    return tf.cast(logits, tf.float32), following, weights


def _with_shape(state: tf.Tensor, following: tf.Tensor) -> tf.Tensor:
    if not tf.executing_eagerly():
        following.set_shape(state.shape)
    return following


def loop_invariants(variables: Any) -> Any:
    """Shape invariants of a loop: the first axis may be of any size."""

    def invariant(value: Any) -> tf.TensorShape:
        if isinstance(value, tf.TensorArray):
            return tf.TensorShape(None)
        shape = value.shape
        return tf.TensorShape([None] * min(shape.rank, 1) + shape[1:])

    return tf.nest.map_structure(invariant, variables)


def step_array(dtype: tf.DType, size: Number) -> tf.TensorArray:
    """An array of one tensor a step, each of which is read once or more."""
    return tf.TensorArray(dtype, size, clear_after_read=False)
