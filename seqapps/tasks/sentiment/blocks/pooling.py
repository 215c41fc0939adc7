"""Pooling over time: last, mean, max, attention."""

from typing import Any

import keras
from keras import ops

_LEAST = -6e4  # below all states and scores; float16 holds it


def mean(x: Any, mask: Any) -> Any:
    """The mean over the unmasked time steps; 0 if there are none.

        p = sum_t m_t x_t / max(1, sum_t m_t)

    Args:
        x: `(batch, time, size)`.
        mask: `(batch, time)`.

    Returns:
        `(batch, size)`.
    """
    weight = ops.cast(mask, x.dtype)[..., None]  # (batch, time, 1)
    count = ops.maximum(ops.sum(weight, axis=1), 1.0)  # (batch, 1)
    return ops.sum(x * weight, axis=1) / count


def maximum(x: Any, mask: Any) -> Any:
    """The maximum of each feature over the unmasked time steps, 0 if none.

    Args:
        x: `(batch, time, size)`.
        mask: `(batch, time)`.

    Returns:
        `(batch, size)`.
    """
    mask = mask[..., None]  # (batch, time, 1)
    top = ops.max(ops.where(mask, x, _LEAST), axis=1)  # (batch, size)
    return ops.where(ops.any(mask, axis=1), top, ops.zeros_like(top))


def last_words(x: Any, mask: Any, count: int) -> Any:
    """The last vectors of each row, concatenated; 0 before its first.

    Args:
        x: `(batch, time, size)`, padded at the end.
        mask: `(batch, time)`.
        count: the number of vectors.

    Returns:
        `(batch, count * size)`.
    """
    length = ops.sum(ops.cast(mask, "int32"), axis=1)[:, None]  # (batch, 1)
    time = length - count + ops.arange(count)[None]  # (batch, count)
    last = ops.take_along_axis(
        x, ops.maximum(time, 0)[..., None], axis=1
    )  # (batch, count, size)
    last = last * ops.cast(time >= 0, x.dtype)[..., None]
    return ops.reshape(last, (-1, count * x.shape[-1]))


def mean_of_strides(x: Any, mask: Any, stride: int) -> tuple[Any, Any]:
    """The mean of every `stride` consecutive vectors.

    Args:
        x: `(batch, time, size)`.
        mask: `(batch, time)`.
        stride: vectors per mean.

    Returns:
        `(batch, ceil(time / stride), size)` and its mask.
    """
    missing = -ops.shape(x)[1] % stride
    x = ops.pad(x, [[0, 0], [0, missing], [0, 0]])
    mask = ops.pad(mask, [[0, 0], [0, missing]])
    steps = ops.shape(x)[1] // stride
    x = ops.reshape(x, (-1, steps, stride, x.shape[-1]))
    mask = ops.reshape(mask, (-1, steps, stride))
    weight = ops.cast(mask, x.dtype)[..., None]  # (batch, steps, stride, 1)
    count = ops.maximum(ops.sum(weight, axis=2), 1.0)  # (batch, steps, 1)
    return ops.sum(x * weight, axis=2) / count, ops.any(mask, axis=2)


class _Pooling(keras.layers.Layer):
    """Base of the pooling layers.

    Call arguments:
        x: `(batch, time, size)`.
        mask: `(batch, time)`.

    Returns:
        `(batch, size)`, or a multiple of the size.
    """

    supports_masking = True  # but the output has none: see `compute_mask`

    def compute_mask(self, x: Any, mask: Any = None) -> None:
        return None

    def compute_output_shape(self, shape: Any) -> tuple[Any, ...]:
        return (shape[0], shape[-1])


@keras.saving.register_keras_serializable(package="seqapps")
class Last(_Pooling):
    """The last output of each direction: y_T forwards, y_1 backwards.

    Args:
        both: whether the second half of the features runs backwards.
        **kwargs: `name`, `dtype`.
    """

    def __init__(self, both: bool = True, **kwargs: Any):
        super().__init__(**kwargs)
        self.both = both

    def call(self, x: Any, mask: Any = None) -> Any:
        end = last_words(x, mask, 1)  # (batch, size)
        if not self.both:
            return end
        half = x.shape[-1] // 2
        return ops.concatenate([end[:, :half], x[:, 0, half:]], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "both": self.both}


@keras.saving.register_keras_serializable(package="seqapps")
class Mean(_Pooling):
    """p = mean_t y_t."""

    def call(self, x: Any, mask: Any = None) -> Any:
        return mean(x, mask)


@keras.saving.register_keras_serializable(package="seqapps")
class Max(_Pooling):
    """p = max_t y_t, for each feature."""

    def call(self, x: Any, mask: Any = None) -> Any:
        return maximum(x, mask)


@keras.saving.register_keras_serializable(package="seqapps")
class MeanMax(_Pooling):
    """p = [mean_t y_t; max_t y_t]."""

    def call(self, x: Any, mask: Any = None) -> Any:
        both = [mean(x, mask), maximum(x, mask)]
        return ops.concatenate(both, axis=-1)

    def compute_output_shape(self, shape: Any) -> tuple[Any, ...]:
        return (shape[0], 2 * shape[-1])


@keras.saving.register_keras_serializable(package="seqapps")
class Attention(_Pooling):
    """p = sum_t a_t y_t with a = softmax_t(v . tanh(W y_t + b)).

    Yang et al., Hierarchical Attention Networks (2016), section 2.2.
    """

    def build(self, shape: Any) -> None:
        self.hidden = keras.layers.Dense(shape[-1], "tanh")
        self.score = keras.layers.Dense(1, use_bias=False)
        self.hidden.build(shape)
        self.score.build(shape)
        self.built = True

    def call(self, x: Any, mask: Any = None) -> Any:
        scores = self.score(self.hidden(x))[..., 0]  # (batch, time)
        scores = ops.where(mask, scores, _LEAST)
        scores = scores - ops.max(scores, axis=1, keepdims=True)
        weights = ops.exp(scores) * ops.cast(mask, x.dtype)  # (batch, time)
        total = ops.sum(weights, axis=1, keepdims=True)
        weights = weights / ops.where(total > 0, total, 1.0)
        weights = weights[..., None]  # (batch, time, 1)
        return ops.sum(x * weights, axis=1)  # (batch, size)


POOLINGS = {
    "mean": Mean,
    "max": Max,
    "attention": Attention,
    "mean-max": MeanMax,
}
