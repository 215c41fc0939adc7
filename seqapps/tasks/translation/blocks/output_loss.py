"""The loss of the output layer, without its logits in memory."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.translation.blocks.pointer import LEAST, Copies

_ROWS = 256  # whose logits are computed at a time; they fit into the cache


class Outputs(NamedTuple):
    """What the logits are made of.

    Args:
        hidden: `(batch, T, size)`.
        embeddings: `(vocabulary, size)`.
        bias: `(vocabulary,)`.
        z: the logit of the pointer's gate, `(batch, T, 1)`, or None.
        weights: attention, `(batch, T, S)`.
        copies: of the sources, or None.
        right: holds, once the loss is computed, whether each label is the
            most probable.
        low: whether the products with the vocabulary are in bfloat16.
    """

    hidden: Any
    embeddings: Any
    bias: Any
    z: Any
    weights: Any
    copies: Copies | None
    right: list[Any]
    low: bool = False


@keras.saving.register_keras_serializable(package="seqapps")
class Terms(keras.losses.Loss):
    """The terms of a loss that are computed already."""

    def __init__(self) -> None:
        super().__init__(name="terms", reduction="sum")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred


def smoothed_terms(outputs: Outputs, labels: Any, smoothing: float) -> Any:
    """`SmoothedCrossentropy` of what `Pointer` makes of the logits.

    Args:
        outputs: of the network.
        labels: `(batch, T)` ids.
        smoothing: see `SmoothedCrossentropy`.

    Returns:
        The terms of the loss, `(batch, T)`.
    """
    outputs = outputs._replace(
        embeddings=tf.identity(outputs.embeddings),
        bias=tf.identity(outputs.bias),
    )
    hidden, embeddings, bias, z, weights, copies, right, low = outputs
    labels = tf.cast(labels, tf.int32)
    shape = tf.shape(labels)
    flat = tf.reshape(hidden, [-1, hidden.shape[-1]])
    rows = tf.cast(tf.where(tf.reshape(labels != text.PAD, [-1])), tf.int32)
    totals = log_total(low, tf.gather(flat, rows[:, 0]), embeddings, bias)
    total, most = (
        tf.reshape(tf.scatter_nd(rows, x, [tf.size(labels)]), shape)
        for x in totals
    )
    label = _logits(outputs, labels) - total  # (batch, T)
    mean = tf.linalg.matvec(hidden, tf.reduce_mean(embeddings, 0))
    mean += tf.reduce_mean(bias) - total
    most -= total
    if copies is not None:
        z, weights = tf.cast(z, tf.float32), tf.cast(weights, tf.float32)
        keep, copy = tf.math.log_sigmoid(-z), tf.math.log_sigmoid(z)
        label += keep[..., 0]
        equal = copies.ids[:, tf.newaxis] == labels[..., tf.newaxis]
        copied = tf.reduce_sum(tf.where(equal, weights, 0.0), -1)
        label += _more(copy[..., 0], copied, label)
        vectors = tf.gather(embeddings, copies.ids)  # (batch, S, size)
        written = tf.matmul(hidden, vectors, transpose_b=True)
        written += tf.gather(bias, copies.ids)[:, tf.newaxis] + keep
        written -= total[..., tf.newaxis]  # (batch, T, S)
        more = _more(copy, tf.matmul(weights, copies.same), written)
        size = tf.cast(tf.size(bias), tf.float32)
        mean += keep[..., 0] + tf.reduce_sum(more, -1) / size
        most = tf.maximum(most + keep[..., 0], tf.reduce_max(written + more, 2))
    loss = -(1 - smoothing) * label - smoothing * mean
    right.append(label >= most - 1e-5)
    return loss


def _more(copy: Any, copied: Any, written: Any) -> Any:
    """What copying adds to the log-probability of a sub-word."""
    more = copy + tf.math.log(tf.maximum(copied, LEAST)) - written
    return tf.where(copied > 0, tf.math.softplus(more), 0.0)


def _logits(outputs: Outputs, ids: Any) -> Any:
    vectors = tf.gather(outputs.embeddings, ids)  # (batch, T, size)
    bias = tf.gather(outputs.bias, ids)
    return tf.reduce_sum(outputs.hidden * vectors, -1) + bias


def log_total(
    low: bool, hidden: Any, embeddings: Any, bias: Any
) -> tuple[Any, Any]:
    """The log of the sum of exp(logits), and the greatest, `(rows,)` each.

    The logits of some rows are computed at a time, and once more for the
    gradients: they are never in memory together.

    Args:
        low: whether to multiply in bfloat16.
        hidden: `(rows, size)`.
        embeddings: `(vocabulary, size)`.
        bias: `(vocabulary,)`.
    """
    kind = tf.bfloat16 if low else tf.float32
    size = hidden.shape[-1]

    def product(a: Any, b: Any, **transposed: bool) -> Any:
        a, b = tf.cast(a, kind), tf.cast(b, kind)
        return tf.matmul(a, b, **transposed)

    @tf.custom_gradient
    def totals(hidden: Any, embeddings: Any, bias: Any) -> Any:
        rows = tf.shape(hidden)[0]
        chunks = -(-rows // _ROWS)
        padded = tf.pad(hidden, [[0, chunks * _ROWS - rows], [0, 0]])
        vectors = tf.cast(embeddings, kind)

        def part(values: Any, i: Any) -> Any:
            values = values[i * _ROWS : (i + 1) * _ROWS]
            return tf.ensure_shape(values, [_ROWS, *values.shape[1:]])

        def forward(i: Any, totals: Any, most: Any) -> Any:
            logits = product(part(padded, i), vectors, transpose_b=True)
            total, greatest = _reduce(logits, bias)
            return i + 1, totals.write(i, total), most.write(i, greatest)

        _, *arrays = tf.while_loop(
            lambda i, *_: i < chunks,
            forward,
            (0, _rows(chunks, []), _rows(chunks, [])),
            parallel_iterations=1,
        )
        totals, most = (array.concat() for array in arrays)

        def gradient(of_total: Any, _: Any) -> tuple[Any, Any, Any]:
            of_rows = tf.pad(of_total, [[0, chunks * _ROWS - rows]])

            def backward(i: Any, hiddens: Any, by_v: Any, by_b: Any) -> Any:
                chunk = part(padded, i)
                logits = product(chunk, vectors, transpose_b=True)
                shares, biases = _shares(
                    logits, bias, part(totals, i), part(of_rows, i)
                )
                by_hidden = tf.cast(product(shares, vectors), tf.float32)
                more = product(shares, chunk, transpose_a=True)
                by_v += tf.cast(more, tf.float32)
                return i + 1, hiddens.write(i, by_hidden), by_v, by_b + biases

            zeros = tf.zeros_like(embeddings), tf.zeros_like(bias)
            _, array, by_vectors, by_bias = tf.while_loop(
                lambda i, *_: i < chunks,
                backward,
                (0, _rows(chunks, [size]), *zeros),
                parallel_iterations=1,
            )
            return array.concat()[:rows], by_vectors, by_bias

        return (totals[:rows], most[:rows]), gradient

    return totals(hidden, embeddings, bias)


def _rows(chunks: Any, shape: list[Any]) -> Any:
    return tf.TensorArray(tf.float32, chunks, element_shape=[_ROWS, *shape])


@tf.function(jit_compile=True, autograph=False)
def _reduce(logits: Any, bias: Any) -> tuple[Any, Any]:
    logits = tf.cast(logits, tf.float32) + bias
    most = tf.reduce_max(logits, -1)
    rest = tf.reduce_sum(tf.exp(logits - most[:, tf.newaxis]), -1)
    return most + tf.math.log(rest), most


@tf.function(jit_compile=True, autograph=False)
def _shares(
    logits: Any, bias: Any, total: Any, of_total: Any
) -> tuple[Any, Any]:
    kind = logits.dtype
    logits = tf.cast(logits, tf.float32) + bias
    p = tf.exp(logits - total[:, tf.newaxis]) * of_total[:, tf.newaxis]
    return tf.cast(p, kind), tf.reduce_sum(p, 0)
