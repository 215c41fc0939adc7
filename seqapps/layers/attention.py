"""Attention: where to look, given what one looks for."""

import keras
from keras import ops


class Attention(keras.layers.Layer):
    """Looks a query up in a sequence: a mean of what is there (abstract).

    For each query q_t and place s of the sequence, with the subclass's score:
    ```
    e_ts = score(q_t, v_s)                        (batch, T, S)
    a_ts = exp(e_ts) / sum_s' exp(e_ts')          (batch, T, S)
    c_t = sum_s a_ts v_s                          (batch, T, size)
    ```
    where the sums leave out each s that the mask says is not there. The
    weights of a query sum to 1 over the places that are, and are exactly 0
    elsewhere; where no place is there, all of them and c_t are 0.

    A subclass gives `prepare(values)`, what can be made of the sequence before
    any query, and `score(queries, keys)`.

    Call arguments:
        queries: `(batch, T, queries)`.
        values: `(batch, S, size)`.
        keys: what `prepare(values)` gave; left out, it is made. A decoder
            that asks one query at a time makes it once.
        values_mask: `(batch, S)`, False for a place that is not there. Keras
            fills in the mask that came with `values`, if none is given.

    Returns:
        c `(batch, T, size)` and a `(batch, T, S)`.

    Example:
        ```python
        class Nearest(seqapps.layers.Attention):
            def prepare(self, values):
                return values[:, None]  # (batch, 1, S, size)

            def score(self, queries, keys):
                return -keras.ops.norm(queries[:, :, None] - keys, axis=-1)

        q, v = keras.random.normal((3, 2, 5)), keras.random.normal((3, 7, 5))
        c, a = Nearest()(q, v)  # (3, 2, 5), (3, 2, 7)
        ```
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def prepare(self, values):
        """Returns the keys: what a score needs of the values."""
        raise NotImplementedError(f"{type(self).__name__}.prepare")

    def score(self, queries, keys):
        """Returns e `(batch, T, S)`."""
        raise NotImplementedError(f"{type(self).__name__}.score")

    def call(
        self, queries, values, keys=None, values_mask=None, queries_mask=None
    ):
        keys = self.prepare(values) if keys is None else keys
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        e = ops.cast(self.score(queries, keys), dtype)  # (batch, T, S)
        a = weights(e, values_mask)  # (batch, T, S)
        a = ops.cast(a, self.compute_dtype)
        return ops.matmul(a, ops.cast(values, self.compute_dtype)), a

    def compute_mask(self, queries, previous):
        return previous[0] if isinstance(previous, list) else None, None

    def compute_output_shape(
        self, queries_shape, values_shape, keys_shape=None
    ):
        context = (*queries_shape[:-1], values_shape[-1])
        return context, (*queries_shape[:-1], values_shape[1])


def weights(e, mask=None):
    """The softmax of scores over the places that are there.

    Args:
        e: `(batch, T, S)`.
        mask: `(batch, S)`, False for a place that is not there; None for all.

    Returns:
        a `(batch, T, S)`; 0 where masked, also where everything is.
    """
    if mask is None:
        return ops.softmax(e, axis=-1)
    there = ops.cast(mask, "bool")[:, None]  # (batch, 1, S)
    e = ops.where(there, e, -1e9)
    part = ops.exp(e - ops.max(e, axis=-1, keepdims=True))
    part = ops.where(there, part, 0.0)  # (batch, T, S)
    total = ops.sum(part, axis=-1, keepdims=True)
    return part / ops.where(total > 0, total, 1.0)


@keras.saving.register_keras_serializable(package="seqapps")
class DotAttention(Attention):
    """Multiplicative attention without weights of its own.

    ```
    e_ts = q_t . v_s                  divided by sqrt(size), if `scale`
    ```
    Queries and values are of one size. See `Attention`.

    Args:
        scale: divide by the square root of the size, as in Vaswani et al. 2017.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: the sizes differ.

    Source:
        Luong et al. 2015, "Effective approaches to attention-based neural
        machine translation", section 3.1, "dot".

    Example:
        ```python
        q, v = keras.random.normal((3, 2, 5)), keras.random.normal((3, 7, 5))
        c, a = seqapps.layers.DotAttention()(q, v)  # (3, 2, 5), (3, 2, 7)
        ```
    """

    def __init__(self, scale: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def build(self, queries_shape, values_shape):
        if queries_shape[-1] != values_shape[-1]:
            raise ValueError(
                f"queries of size {queries_shape[-1]} and values of size "
                f"{values_shape[-1]} have no dot product: GeneralAttention "
                "takes them"
            )

    def prepare(self, values):
        return values  # (batch, S, size)

    def score(self, queries, keys):
        e = ops.matmul(queries, ops.swapaxes(keys, 1, 2))  # (batch, T, S)
        return e / keys.shape[-1] ** 0.5 if self.scale else e

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable(package="seqapps")
class GeneralAttention(Attention):
    """Multiplicative attention: a bilinear form of query and value.

    ```
    e_ts = q_t' W v_s                 W (queries, size)
    ```
    See `Attention`.

    Args:
        **kwargs: `name`, `dtype`, `trainable`.

    Source:
        Luong et al. 2015, section 3.1, "general".

    Example:
        ```python
        q, v = keras.random.normal((3, 2, 4)), keras.random.normal((3, 7, 5))
        c, a = seqapps.layers.GeneralAttention()(q, v)  # (3, 2, 5), (3, 2, 7)
        ```
    """

    def build(self, queries_shape, values_shape):
        self.kernel = self.add_weight(
            shape=(queries_shape[-1], values_shape[-1]),
            initializer="glorot_uniform",
            name="kernel",
        )

    def prepare(self, values):
        return ops.matmul(
            values, ops.transpose(self.kernel)
        )  # (batch, S, queries)

    def score(self, queries, keys):
        return ops.matmul(queries, ops.swapaxes(keys, 1, 2))  # (batch, T, S)


@keras.saving.register_keras_serializable(package="seqapps")
class AdditiveAttention(Attention):
    """Additive attention: a layer of neurons compares query and value.

    ```
    e_ts = w . tanh(q_t W + v_s U + b)      W (queries, units), U (size, units)
    ```
    See `Attention`. It holds `(batch, T, S, units)` numbers at once.

    Args:
        units: neurons.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: `units` is below 1.

    Source:
        Bahdanau et al. 2015, "Neural machine translation by jointly learning
        to align and translate", appendix A.1.2.

    Example:
        ```python
        q, v = keras.random.normal((3, 2, 4)), keras.random.normal((3, 7, 5))
        c, a = seqapps.layers.AdditiveAttention(6)(q, v)  # (3, 2, 5), (3, 2, 7)
        ```
    """

    def __init__(self, units: int, **kwargs):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be 1 or more, not {units}")
        self.units = units

    def build(self, queries_shape, values_shape):
        self.query_kernel = self.add_weight(
            (queries_shape[-1], self.units), "glorot_uniform", name="query"
        )
        self.value_kernel = self.add_weight(
            (values_shape[-1], self.units), "glorot_uniform", name="value"
        )
        self.bias = self.add_weight((self.units,), "zeros", name="bias")
        self.scores = self.add_weight(
            (self.units, 1), "glorot_uniform", name="scores"
        )

    def prepare(self, values):
        return ops.matmul(values, self.value_kernel)  # (batch, S, units)

    def score(self, queries, keys):
        looked = ops.add(
            ops.matmul(queries, self.query_kernel), self.bias
        )  # (batch, T, units)
        both = ops.tanh(looked[:, :, None] + keys[:, None])
        e = ops.matmul(both, self.scores)  # (batch, T, S, 1)
        return ops.squeeze(e, -1)  # (batch, T, S)

    def get_config(self):
        return {**super().get_config(), "units": self.units}
