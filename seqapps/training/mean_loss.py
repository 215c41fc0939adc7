"""Losses as means over the global batch, on however many devices it lies."""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any, Self

import keras
import tensorflow as tf

from seqapps import private

_counts: contextvars.ContextVar[list[Any]] = contextvars.ContextVar("counts")


@contextlib.contextmanager
def counting() -> Iterator[list[Any]]:
    """Collects the n of every `MeanLoss` that is called inside.

    They are tensors of the graph that is traced inside: do not use them after.
    """
    counts: list[Any] = []
    token = _counts.set(counts)
    try:
        yield counts
    finally:
        _counts.reset(token)


class MeanLoss(keras.losses.Loss):
    """A loss as its mean over all terms of the global batch.

        L = sum_i w_i l_i / n

    The terms l_i are what the loss gives before its reduction: one a row, one
    a token, whatever its shape. Weights and masks are broadcast to the
    terms. n is the sum of the weights for the reductions "sum" and
    "mean_with_sample_weight", and the number of terms that are not masked for
    "sum_over_batch_size" and "mean", as Keras counts them. n is summed over the
    replicas, and each gives its share of L; `counting` collects it.

    Args:
        loss: a `keras.losses.Loss`.
    """

    def __init__(self, loss: keras.losses.Loss):
        super().__init__(name=loss.name, reduction="none", dtype=loss.dtype)
        self.loss = loss

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        mask = private.keras_mask(y_pred)
        y_true, y_pred = keras.tree.map_structure(
            lambda x: keras.ops.convert_to_tensor(x, dtype=self.dtype),
            (y_true, y_pred),
        )
        terms = self.loss.call(y_true, y_pred)
        unmasked = tf.ones((), terms.dtype)
        for part in (mask, private.keras_mask(terms)):
            unmasked *= _aligned(part, terms)
        weights = unmasked * _aligned(sample_weight, terms)
        terms = weights * terms  # (batch, ...)
        by_terms = self.loss.reduction in ("sum_over_batch_size", "mean")
        counted = tf.broadcast_to(
            unmasked if by_terms else weights, tf.shape(terms)
        )
        count = tf.stop_gradient(tf.reduce_sum(counted))
        context = tf.distribute.get_replica_context()
        if context and context.num_replicas_in_sync > 1:
            count = context.all_reduce("sum", count)
        _counts.get([]).append(count)
        return tf.math.divide_no_nan(tf.reduce_sum(terms), count)


def _aligned(weights: Any, terms: Any) -> Any:
    """Weights of rows or of terms, with as many axes as the terms have."""
    if weights is None:
        return tf.ones((), terms.dtype)
    weights = keras.ops.cast(weights, terms.dtype)
    rank = terms.shape.rank
    if rank and weights.shape.rank == rank + 1 and weights.shape[-1] == 1:
        weights = tf.squeeze(weights, -1)
    if rank and weights.shape.rank > rank:
        raise ValueError(
            "Weights and masks have the shape of the loss before its "
            f"reduction, {terms.shape}, or of its first axes. Received: shape "
            f"{weights.shape}"
        )
    while weights.shape.rank < rank:
        weights = weights[..., tf.newaxis]
    return weights


class CompiledLoss(private.CompileLoss):
    """The losses of a compiled model, each a `MeanLoss`."""

    @classmethod
    def of(cls, compiled: private.CompileLoss) -> Self:
        """The same losses as Keras has compiled them."""
        return cls(**private.arguments_of_loss(compiled))

    def build(self, y_true: Any, y_pred: Any) -> None:
        super().build(y_true, y_pred)
        private.wrap_losses(self, MeanLoss, _OutputMean)


class _OutputMean(keras.metrics.Mean):
    """The mean loss of one of several outputs, by the terms of each batch."""

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        if counts := _counts.get([]):
            sample_weight = counts[-1] / replicas
        super().update_state(values, sample_weight)
