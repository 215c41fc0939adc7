"""Attention layers, which return their weights beside the context."""

from typing import Any, Unpack

import keras
from keras import ops

from seqapps.layers.types import LayerOptions, Shape, Tensor


class BaseAttention(keras.layers.Layer):
    """Attention of queries to a sequence of values (abstract).

    For each query q_t and each value v_s, with the score of the subclass:
    ```
    e_ts = score(q_t, v_s)                        (batch, T, S)
    a_ts = exp(e_ts) / sum_s' exp(e_ts')          (batch, T, S)
    c_t = sum_s a_ts v_s                          (batch, T, size)
    ```
    The sums run over the s that are not masked. The attention weights a_ts of
    a query sum to 1; they are exactly 0 where masked. If all values of a row
    are masked, its weights and c_t are 0.

    A subclass defines `prepare(values)`, the part of the scores that needs no
    query, and `score(queries, keys)`.

    Unlike `keras.layers.Attention`, which takes one list, it takes queries
    and values as two arguments, and always returns the weights too.

    Call arguments:
        queries: `(batch, T, queries)`.
        values: `(batch, S, size)`.
        keys: the result of `prepare(values)`, computed if not given. A
            decoder with one query at a time computes it once.
        values_mask: `(batch, S)`, False where masked; by default the mask of
            `values` that Keras carries.

    Returns:
        The context c `(batch, T, size)` and the weights a `(batch, T, S)`.

    Example:
        ```python
        class Nearest(seqapps.layers.BaseAttention):
            def prepare(self, values):
                return values[:, None]  # (batch, 1, S, size)

            def score(self, queries, keys):
                return -keras.ops.norm(queries[:, :, None] - keys, axis=-1)

        q, v = keras.random.normal((3, 2, 5)), keras.random.normal((3, 7, 5))
        c, a = Nearest()(q, v)  # (3, 2, 5), (3, 2, 7)
        ```
    """

    def __init__(self, **kwargs: Unpack[LayerOptions]):
        super().__init__(**kwargs)
        self.supports_masking = True

    def prepare(self, values: Tensor) -> Tensor:
        """Computes the keys, from which `score` computes the scores."""
        raise NotImplementedError(f"{type(self).__name__}.prepare")

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Computes the scores e `(batch, T, S)`."""
        raise NotImplementedError(f"{type(self).__name__}.score")

    def call(
        self,
        queries: Tensor,
        values: Tensor,
        keys: Tensor | None = None,
        values_mask: Tensor | None = None,
        queries_mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        keys = self.prepare(values) if keys is None else keys
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        e = ops.cast(self.score(queries, keys), dtype)  # (batch, T, S)
        a = attention_weights(e, values_mask)  # (batch, T, S)
        a = ops.cast(a, self.compute_dtype)
        return ops.matmul(a, ops.cast(values, self.compute_dtype)), a

    def compute_mask(self, queries: Any, previous: Any) -> tuple[Any, None]:
        return previous[0] if isinstance(previous, list) else None, None

    def compute_output_shape(
        self, queries_shape: Shape, values_shape: Shape, keys_shape: Any = None
    ) -> tuple[Shape, Shape]:
        context = (*queries_shape[:-1], values_shape[-1])
        return context, (*queries_shape[:-1], values_shape[1])


def attention_weights(e: Tensor, mask: Tensor | None = None) -> Tensor:
    """Computes the softmax of scores over the values that are not masked.

    Args:
        e: the scores, `(batch, T, S)`.
        mask: `(batch, S)`, False where masked; None for no mask.

    Returns:
        a `(batch, T, S)`; 0 where masked, also if a whole row is.
    """
    if mask is None:
        return ops.softmax(e, axis=-1)
    valid = ops.cast(mask, "bool")[:, None]  # (batch, 1, S)
    e = ops.where(valid, e, -6e4 if e.dtype == "float16" else -1e9)
    exp = ops.exp(e - ops.max(e, axis=-1, keepdims=True))
    exp = ops.where(valid, exp, 0.0)  # (batch, T, S)
    total = ops.sum(exp, axis=-1, keepdims=True)
    return exp / ops.where(total > 0, total, 1.0)


@keras.saving.register_keras_serializable(package="seqapps")
class DotAttention(BaseAttention):
    """Luong's multiplicative attention, "dot": it has no weights.

    ```
    e_ts = q_t . v_s                  divided by sqrt(size), if `scale`
    ```
    Queries and values must have the same size. See `BaseAttention`.

    Args:
        scale: whether to divide by sqrt(size), as in Vaswani et al. 2017.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if the sizes differ.

    Source:
        Luong et al. 2015, "Effective approaches to attention-based neural
        machine translation", section 3.1, "dot".

    Example:
        ```python
        q, v = keras.random.normal((3, 2, 5)), keras.random.normal((3, 7, 5))
        c, a = seqapps.layers.DotAttention()(q, v)  # (3, 2, 5), (3, 2, 7)
        ```
    """

    scale: bool

    def __init__(self, scale: bool = False, **kwargs: Unpack[LayerOptions]):
        super().__init__(**kwargs)
        self.scale = scale

    def build(self, queries_shape: Shape, values_shape: Shape) -> None:
        if queries_shape[-1] != values_shape[-1]:
            raise ValueError(
                f"queries of size {queries_shape[-1]} and values of size "
                f"{values_shape[-1]} have no dot product: use GeneralAttention"
            )

    def prepare(self, values: Tensor) -> Tensor:
        return values  # (batch, S, size)

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        e = ops.matmul(queries, ops.swapaxes(keys, 1, 2))  # (batch, T, S)
        return e / keys.shape[-1] ** 0.5 if self.scale else e

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable(package="seqapps")
class GeneralAttention(BaseAttention):
    """Luong's multiplicative attention, "general": a bilinear form.

    ```
    e_ts = q_t' W v_s                 W (queries, size)
    ```
    See `BaseAttention`.

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

    def build(self, queries_shape: Shape, values_shape: Shape) -> None:
        self.kernel = self.add_weight(
            shape=(queries_shape[-1], values_shape[-1]),
            initializer="glorot_uniform",
            name="kernel",
        )

    def prepare(self, values: Tensor) -> Tensor:
        return ops.matmul(
            values, ops.transpose(self.kernel)
        )  # (batch, S, queries)

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        return ops.matmul(queries, ops.swapaxes(keys, 1, 2))  # (batch, T, S)


@keras.saving.register_keras_serializable(package="seqapps")
class BahdanauAttention(BaseAttention):
    """Bahdanau's additive attention: a hidden layer compares query and value.

    ```
    e_ts = w . tanh(q_t W + v_s U + b)      W (queries, units), U (size, units)
    ```
    See `BaseAttention`. It needs memory for `(batch, T, S, units)` numbers.

    Args:
        units: the size of the hidden layer.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is below 1.

    Source:
        Bahdanau et al. 2015, "Neural machine translation by jointly learning
        to align and translate", appendix A.1.2.

    Example:
        ```python
        q, v = keras.random.normal((3, 2, 4)), keras.random.normal((3, 7, 5))
        c, a = seqapps.layers.BahdanauAttention(6)(q, v)  # (3, 2, 5), (3, 2, 7)
        ```
    """

    units: int

    def __init__(self, units: int, **kwargs: Unpack[LayerOptions]):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be 1 or more, not {units}")
        self.units = units

    def build(self, queries_shape: Shape, values_shape: Shape) -> None:
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

    def prepare(self, values: Tensor) -> Tensor:
        return ops.matmul(values, self.value_kernel)  # (batch, S, units)

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        projected = ops.matmul(queries, self.query_kernel)  # (batch, T, units)
        projected = ops.add(projected, self.bias)
        hidden = ops.tanh(projected[:, :, None] + keys[:, None])
        # by `matmul`, TensorFlow 2.21 with oneDNN writes past its end if T = 1
        e = ops.tensordot(hidden, self.scores, axes=1)  # (batch, T, S, 1)
        return ops.squeeze(e, -1)  # (batch, T, S)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
