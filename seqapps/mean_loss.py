"""Losses as means over the whole batch, on however many devices it lies."""

import keras
import tensorflow as tf
from keras.src.trainers.compile_utils import CompileLoss


class MeanLoss(keras.losses.Loss):
    """A loss as its mean over all terms of the global batch.

        L = sum_i w_i l_i / n

    The terms l_i are what the loss gives before its reduction: one a row, one
    a token, whatever its shape. Weights and masks are made as large as the
    terms. n is the sum of the weights for the reductions "sum" and
    "mean_with_sample_weight", and the number of terms that are not masked for
    "sum_over_batch_size" and "mean", as Keras counts them. n is summed over the
    replicas, and each gives its share of L.

    Args:
        loss: a `keras.losses.Loss`.

    Attributes:
        count: n of the last batch, a scalar.
    """

    def __init__(self, loss: keras.losses.Loss):
        super().__init__(name=loss.name, reduction="none", dtype=loss.dtype)
        self.loss = loss
        self.count = None

    def __call__(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)
        y_true, y_pred = keras.tree.map_structure(
            lambda x: keras.ops.convert_to_tensor(x, dtype=self.dtype),
            (y_true, y_pred),
        )
        terms = self.loss.call(y_true, y_pred)
        there = tf.ones((), terms.dtype)
        for part in (mask, getattr(terms, "_keras_mask", None)):
            there *= _aligned(part, terms)
        weights = there * _aligned(sample_weight, terms)
        terms = weights * terms  # (batch, ...)
        by_terms = self.loss.reduction in ("sum_over_batch_size", "mean")
        counted = tf.broadcast_to(
            there if by_terms else weights, tf.shape(terms)
        )
        self.count = tf.stop_gradient(tf.reduce_sum(counted))
        context = tf.distribute.get_replica_context()
        if context and context.num_replicas_in_sync > 1:
            self.count = context.all_reduce("sum", self.count)
        return tf.math.divide_no_nan(tf.reduce_sum(terms), self.count)


def _aligned(weights, terms):
    """Weights of the rows, or of the terms, with an axis for each of terms'."""
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


class CompiledLoss(CompileLoss):
    """The losses of a compiled model, each a `MeanLoss`."""

    count = 1.0  # what the last batch weighed, all outputs together

    @classmethod
    def of(cls, compiled: CompileLoss):
        """The same losses as Keras has compiled them."""
        return cls(
            compiled._user_loss,
            compiled._user_loss_weights,
            output_names=compiled.output_names,
        )

    def call(self, y_true, y_pred, sample_weight=None):
        loss = super().call(y_true, y_pred, sample_weight)
        counts = [each.loss.count for each in self._flat_losses]
        self.count = tf.add_n([n for n in counts if n is not None])
        return loss

    def build(self, y_true, y_pred):
        super().build(y_true, y_pred)
        self._flat_losses = [
            each._replace(loss=MeanLoss(each.loss))
            for each in self._flat_losses
        ]
        self._metrics[:] = [
            _OutputMean(each.loss, name=metric.name)
            for each, metric in zip(
                self._flat_losses, self._metrics, strict=False
            )
        ]


class _OutputMean(keras.metrics.Mean):
    """The mean loss of one of several outputs, by the terms of each batch."""

    def __init__(self, loss: MeanLoss, name: str):
        super().__init__(name=name)
        self.loss = loss

    def update_state(self, values, sample_weight=None):
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        super().update_state(values, self.loss.count / replicas)
