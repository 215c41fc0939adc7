"""The best segmentations, followed backwards, in the graph."""

from typing import Any

import tensorflow as tf


def backtrace(
    chosen: tf.Tensor, candidates: tf.Tensor, lengths: tf.Tensor
) -> tf.RaggedTensor:
    """The chosen sub-words, followed from the ends of the words backwards.

    Args:
        chosen: `(length, words)`, k - 1 for the sub-word of k letters that
            the best segmentation up to each letter ends with.
        candidates: `(words, length, longest)`, ids of sub-words of k letters.
        lengths: `(words,)` letters.

    Returns:
        Ids, ragged `(words, None)`.
    """
    rows = tf.range(tf.size(lengths))
    longest = tf.reduce_max(tf.concat([[0], lengths], 0))
    ids = id_array(longest, tf.size(lengths))

    def backward(i: Any, position: Any, ids: Any) -> tuple[Any, Any, Any]:
        end = tf.maximum(position, 0)
        k = tf.gather_nd(chosen, tf.stack([end, rows], -1))  # (words,)
        best = tf.gather_nd(candidates, tf.stack([rows, end, k], -1))
        best = tf.where(position >= 0, best, -1)
        return i + 1, position - k - 1, ids.write(i, best)

    count, _, ids = tf.while_loop(
        lambda i, position, _: tf.reduce_any(position >= 0),
        backward,
        (0, lengths - 1, ids),
    )
    ids = tf.transpose(ids.stack()[:count][::-1])  # (words, steps)
    valid = ids >= 0
    return tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(ids, valid),
        tf.reduce_sum(tf.cast(valid, tf.int64), axis=1),
    )


def id_array(size: tf.Tensor, words: tf.Tensor) -> tf.TensorArray:
    """An array of rows of ids; one more, since an empty one cannot stack."""
    rows = tf.TensorArray(tf.int32, size + 1, element_shape=[None])
    return rows.write(size, tf.zeros([words], tf.int32))
