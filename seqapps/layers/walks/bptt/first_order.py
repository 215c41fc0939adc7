"""Gradients of the first order only."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapps.layers.types import Tensor
from seqapps.tracing import exporting

_NO_SECOND_GRADIENT = (
    'the fast walk has no second gradient: give the layer walk="loop"'
)


def without_second_gradient(
    function: Callable[..., Any], *arguments: Any
) -> Any:
    """Calls a function; differentiating the call is an error."""
    result = None

    @tf.custom_gradient
    def run(*flat: Tensor) -> Any:
        nonlocal result
        tracked = tf.nest.pack_sequence_as(arguments, flat)
        result = function(*untracked(tracked))

        def gradient(*_: Tensor) -> list[Tensor]:
            if not exporting():
                raise NotImplementedError(_NO_SECOND_GRADIENT)
            # a SavedModel has the gradients of gradients, wanted or not
            never = tf.debugging.Assert(False, [_NO_SECOND_GRADIENT])
            with tf.control_dependencies([never]):
                return [tf.zeros_like(x) for x in flat]

        return [x for x in tf.nest.flatten(result) if x is not None], gradient

    tensors = iter(run(*tf.nest.flatten(arguments)))
    return tf.nest.map_structure(
        lambda x: None if x is None else next(tensors), result
    )


def untracked(tensors: Any) -> Any:
    """Returns the same tensors, which no tape follows.

    A tape around a tape would ask at once for gradients of gradients, also
    where nobody wants them, as in adversarial training.
    """
    return tf.nest.map_structure(tf.stop_gradient, tensors)
