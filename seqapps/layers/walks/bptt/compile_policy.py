"""Whether a shape is frequent enough to be compiled."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapps.layers.types import Tensor

_BUCKETS = 512  # of shapes
_COMPILE_SECONDS = 2.0  # about what compiling a shape takes
_STEP_SECONDS = 1e-4  # of the loop, however small the step
_MULTIPLY_ADDS = 1e11  # a second


class CompilePolicy(tf.Module):
    """Estimates how long the loop has taken for each shape.

    XLA compiles anew for every batch size and length. The loop over time is
    slower, but takes any shape. A layer compiles a shape once the loop has
    taken as long for it as compiling takes: then, whatever shapes come, it
    spends at most twice the time of the better choice.

    A few shapes share a bucket, and are compiled a little earlier.
    """

    def __init__(self) -> None:
        super().__init__()
        self.spent = tf.Variable(  # seconds
            tf.zeros([_BUCKETS]),
            trainable=False,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            name="spent",
        )

    def choose(
        self,
        compiles: Tensor,
        fast: Callable[[], tuple[Any, Any, Any]],
        loop: Callable[[], tuple[Any, Any, Any]],
        return_sequences: bool,
    ) -> tuple[Tensor, Tensor | None, list[Tensor]]:
        """Takes the fast walk where it is to be compiled, else the loop.

        Args:
            compiles: the result of `should_compile`.
            fast: a walk; it returns the last output, all outputs, the states.
            loop: the other.
            return_sequences: whether to return all outputs.
        """

        def flat(
            walk: Callable[[], tuple[Any, Any, Any]],
        ) -> Callable[[], list[Tensor]]:
            def call() -> list[Tensor]:
                last, outputs, states = walk()
                return [
                    last,
                    *([outputs] if return_sequences else []),
                    *states,
                ]

            return call

        last, *rest = tf.cond(compiles, flat(fast), flat(loop))
        outputs = rest.pop(0) if return_sequences else None
        return last, outputs, rest

    def should_compile(
        self, sequences: Tensor, weights: int, training: bool
    ) -> Tensor:
        """Counts a walk, and returns whether it is to be compiled.

        Args:
            sequences: `(batch, time, features)`.
            weights: the number of weights that a step multiplies by.
            training: whether gradients are computed too.

        Returns:
            A bool tensor `()`.
        """
        batch, time = tf.unstack(tf.shape(sequences)[:2])
        bucket = tf.math.floormod(batch * 8191 + time, _BUCKETS)
        row_seconds = (6.0 if training else 2.0) * weights / _MULTIPLY_ADDS
        seconds = tf.cast(time, tf.float32) * (
            _STEP_SECONDS + tf.cast(batch, tf.float32) * row_seconds
        )
        spent = self.spent.assign_add(tf.one_hot(bucket, _BUCKETS) * seconds)
        return tf.gather(tf.convert_to_tensor(spent), bucket) > _COMPILE_SECONDS
