"""A function over many texts, a chunk of like length at a time."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def in_chunks(
    translate: Callable[[tf.Tensor], dict[str, tf.Tensor]],
    sources: tf.Tensor,
    chosen: tf.Tensor,
    size: int,
    collect: dict[str, tf.DType],
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Calls a function with some sources at a time, those of like length.

    Args:
        translate: `translate(indices)`, to flat tensors by name.
        sources: `(pieces,)` strings.
        chosen: `(pieces,)`, whether a source is translated at all.
        size: of a chunk, at most.
        collect: the types of what it returns.

    Returns:
        The outputs of all calls in a row; their sources, `(chosen,)`.
    """
    index = tf.cast(tf.where(chosen)[:, 0], tf.int32)
    lengths = tf.gather(tf.strings.length(sources), index)
    order = tf.gather(index, tf.argsort(lengths, stable=True))
    total = tf.size(order)
    chunks = -(-total // size)
    arrays = {
        name: tf.TensorArray(
            kind, chunks + 1, element_shape=[None], infer_shape=False
        ).write(chunks, tf.constant([], kind))  # an empty one has no shape
        for name, kind in collect.items()
    }

    def body(i: Any, arrays: Any) -> tuple[Any, Any]:
        start, end = total * i // chunks, total * (i + 1) // chunks
        outputs = translate(order[start:end])
        return i + 1, {
            name: array.write(i, outputs[name])
            for name, array in arrays.items()
        }

    _, arrays = tf.while_loop(
        lambda i, _: i < chunks, body, (0, arrays), parallel_iterations=1
    )
    return {name: array.concat() for name, array in arrays.items()}, order
