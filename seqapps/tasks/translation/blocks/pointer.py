"""A pointer: the next sub-word is written, or copied from the source."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

LEAST = 1e-30  # a probability whose logarithm is finite


class Copies(NamedTuple):
    """The sub-words of the sources, which can be copied.

    Args:
        ids: `(batch, S)`.
        same: `(batch, S, S)`, 1 where column s is the first position of the
            sub-word at row s, else 0.
    """

    ids: Any
    same: Any

    @classmethod
    def of(cls, source: Any) -> "Copies":
        """The copies of source ids `(batch, S)`, 0 where padded."""
        source = tf.cast(source, tf.int32)
        equal = source[:, :, None] == source[:, None, :]
        place = tf.range(tf.shape(source)[1])
        first = tf.reduce_min(
            tf.where(equal, place, tf.shape(source)[1]), -1
        )  # (batch, S), the first position of each
        return cls(source, tf.cast(first[:, :, None] == place, tf.float32))


@keras.saving.register_keras_serializable(package="seqapps")
class Pointer(keras.layers.Layer):
    """Mixes what a decoder writes with what its attention looks at.

    ```
    g = sigmoid(w . features + b)
    p(y) = (1 - g) softmax(logits)_y + g sum_s a_s [x_s = y]
    ```
    with x_s the sub-words of the source and a_s their attention weights. The
    probabilities are returned as logits, log p(y).

    Args:
        **kwargs: `name`, `dtype`.

    Source:
        Gu et al. 2016, "Incorporating copying mechanism in
        sequence-to-sequence learning"; the mixture is that of See et al. 2017,
        "Get to the point", equation 9.
    """

    def build(self, features: Any) -> None:
        self.kernel = self.add_weight(
            shape=(features[-1], 1), initializer="zeros", name="kernel"
        )
        self.bias = self.add_weight(
            shape=(1,),
            initializer=keras.initializers.Constant(-2.0),
            name="bias",
        )
        self.built = True

    def gate(self, features: Any) -> Any:
        """The logit of g, `(..., 1)`, of features `(..., size)`."""
        z = keras.ops.matmul(features, keras.ops.cast(self.kernel, "float32"))
        return z + keras.ops.cast(self.bias, "float32")

    def gate_of_step(self, g: Any, x: Any) -> Any:
        """What states and sub-words add to the logit of g, `(rows, 1)`.

        Args:
            g: the first of the features, `(rows, units)`.
            x: the last of them, `(rows, embedding)`.
        """
        kernel = keras.ops.cast(self.kernel, g.dtype)
        z = keras.ops.matmul(g, kernel[: g.shape[-1]])
        z = z + keras.ops.matmul(x, kernel[-x.shape[-1] :])
        return z + keras.ops.cast(self.bias, z.dtype)

    def step(self, logits: Any, z: Any, weights: Any, copies: Copies) -> Any:
        """`call` for logits `(rows, vocabulary)`; rows may share a source."""
        shape, sources = tf.shape(logits), tf.shape(copies.ids)[0]
        logits, z = (
            tf.reshape(t, [sources, -1, t.shape[-1]]) for t in (logits, z)
        )
        weights = tf.reshape(weights, [sources, -1, tf.shape(weights)[-1]])
        return tf.reshape(self(logits, z, weights, copies), shape)

    def call(self, logits: Any, z: Any, weights: Any, copies: Copies) -> Any:
        """Log-probabilities `(batch, T, vocabulary)`.

        Args:
            logits: `(batch, T, vocabulary)`, -inf for what cannot be written.
            z: the logit of g, `(batch, T, 1)`.
            weights: attention, `(batch, T, S)`.
            copies: of the sources.
        """
        z, weights = tf.cast(z, tf.float32), tf.cast(weights, tf.float32)
        total = tf.reduce_logsumexp(logits, -1, keepdims=True)
        written = logits + (tf.math.log_sigmoid(-z) - total)
        copied = tf.matmul(weights, copies.same)  # (batch, T, S)
        shape = tf.shape(copied)
        batch, time = tf.meshgrid(
            tf.range(shape[0]), tf.range(shape[1]), indexing="ij"
        )
        ids = tf.broadcast_to(copies.ids[:, None], shape)
        rows = tf.broadcast_to((batch * shape[1] + time)[..., None], shape)
        size = logits.shape[-1] or tf.shape(logits)[-1]
        index = tf.stack([rows, ids], -1)  # (batch, T, S, 2)
        flat = tf.reshape(written, [-1, size])
        log_copied = tf.math.log_sigmoid(z) + tf.math.log(
            tf.maximum(copied, LEAST)
        )
        more = tf.math.softplus(log_copied - tf.gather_nd(flat, index))
        more = tf.where(copied > 0, more, 0.0)
        flat = tf.tensor_scatter_nd_add(flat, index, more)
        return tf.reshape(flat, tf.shape(logits))
