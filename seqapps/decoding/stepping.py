"""One step of a decoder, and the shapes of what a loop carries."""

from collections.abc import Callable

import tensorflow as tf


def take(step: Callable, tokens, states):
    """Calls `step`, which may give looks or not.

    Returns:
        Logits in float32, the states with the static shapes of those before,
        and looks in float32 or None.
    """
    logits, after, *rest = step(tokens, states)
    after = tf.nest.map_structure(_shaped, states, after)
    looks = tf.cast(rest[0], tf.float32) if rest else None
    return tf.cast(logits, tf.float32), after, looks


def _shaped(before, after):
    if not tf.executing_eagerly():
        after.set_shape(before.shape)
    return after


def shapes(carried):
    """The shape invariants of a loop: the first axis may be of any size."""

    def loose(value):
        if isinstance(value, tf.TensorArray):
            return tf.TensorShape(None)
        shape = value.shape
        return tf.TensorShape([None] * min(shape.rank, 1) + shape[1:])

    return tf.nest.map_structure(loose, carried)


def array(dtype, size):
    """A list of one tensor a time step, each written and read once or more."""
    return tf.TensorArray(dtype, size, clear_after_read=False)
