"""Means of consecutive words: fewer time steps for a recurrent layer."""

from typing import Any

from keras import ops


def mean_of_strides(x: Any, mask: Any, stride: int) -> tuple[Any, Any]:
    """The mean of every `stride` consecutive vectors.

        y_j = mean of x_t over j stride <= t < (j + 1) stride

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


def text_strides(mask: Any, stride: int, above: int) -> Any:
    """The stride of each text: 1 if it has at most `above` words.

    Args:
        mask: `(batch, time)`, False where padded, which is at the end.
        stride: of longer texts.
        above: words.

    Returns:
        `(batch,)` integers.
    """
    length = ops.sum(ops.cast(mask, "int32"), axis=1)  # (batch,)
    return ops.where(length <= above, 1, stride)


def stride_positions(mask: Any, strides: Any, most: int) -> tuple[Any, Any]:
    """Which words each time step has, if each text has a stride of its own.

    Step j of text i has the words j s_i, ..., (j + 1) s_i - 1. A batch has as
    many steps as the text with most of them needs, so that a batch of short
    texts has few, and a text the same ones in any batch.

    Args:
        mask: `(batch, time)`, False where padded, which is at the end.
        strides: `(batch,)`, s.
        most: the largest stride.

    Returns:
        Positions of words, `(batch, steps, most)`, and their mask.
    """
    length = ops.sum(ops.cast(mask, "int32"), axis=1)  # (batch,)
    steps = ops.maximum(ops.max((length + strides - 1) // strides), 1)
    place = ops.arange(most)  # (most,)
    strides = strides[:, None, None]  # (batch, 1, 1)
    positions = ops.arange(steps)[None, :, None] * strides + place
    there = (place < strides) & (positions < length[:, None, None])
    return ops.where(there, positions, 0), there


def mean_of_text_strides(x: Any, mask: Any, strides: Any, most: int) -> Any:
    """The mean of every s_i consecutive vectors of text i.

    Args:
        x: `(batch, time, size)`.
        mask: `(batch, time)`, False where padded, which is at the end.
        strides: `(batch,)`, s.
        most: the largest stride.

    Returns:
        `(batch, steps, size)` and its mask; see `stride_positions`.
    """
    positions, there = stride_positions(mask, strides, most)
    steps = ops.shape(positions)[1]
    total = 0.0
    for k in range(most):
        words = ops.take_along_axis(x, positions[:, :, k, None], axis=1)
        total = total + words * ops.cast(there[:, :, k, None], x.dtype)
    weight = ops.cast(there, x.dtype)
    count = ops.maximum(ops.sum(weight, axis=2), 1.0)  # (batch, steps)
    mean = ops.reshape(total, (-1, steps, x.shape[-1])) / count[..., None]
    return mean, ops.any(there, axis=2)
