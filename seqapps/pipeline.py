"""Batches of tf.data whose order is a function of (seed, epoch, step)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


def bucketed(
    lengths: np.ndarray, batch_size: int, window: int = 16, tokens: int = 0
) -> tuple[int, Callable[..., tf.Tensor]]:
    """Batches rows of similar length, in an order with random access.

    The rows are sorted by length and cut into buckets of `window` batches. An
    epoch permutes the rows of each bucket, and then all batches; both
    permutations are `index_shuffle`, a function of seed and epoch, so that any
    batch can be named without the ones before it.

    Args:
        lengths: the length of every row.
        batch_size: rows a batch, at most; a bucket's last batch may have fewer.
        window: batches a bucket.
        tokens: the most tokens a batch, padding included: a batch then has 1,
            2, 4, 8 ... rows, for XLA compiles each number of them. 0 limits
            nothing.

    Returns:
        The number of batches of an epoch, and `rows(step, seed)`, which returns
        the indices of the rows of the batch of a global step, in the graph.
    """
    order = np.argsort(lengths, kind="stable")
    by_length = tf.constant(order, tf.int64)
    buckets = _buckets(np.asarray(lengths)[order], batch_size, window, tokens)
    # of each batch: its bucket, the bucket's first row and rows, the rows of
    # a batch in it, and which batch of the bucket it is
    batches = tf.constant(
        [
            (bucket, first, size, rows, i)
            for bucket, (first, size, rows) in enumerate(buckets)
            for i in range(-(-size // rows))
        ],
        tf.int64,
    )
    steps = len(batches)

    def rows(step: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        epoch, step = step // steps, step % steps
        shuffle = tf.random.experimental.index_shuffle

        def key(bucket: tf.Tensor) -> tf.Tensor:
            pair = tf.cast(tf.stack([seed, epoch]), tf.int32)
            return tf.random.fold_in(pair, tf.cast(bucket, tf.int32))

        batch = shuffle(step, key(tf.zeros((), tf.int64)), steps - 1)
        bucket, first, size, count, i = tf.unstack(batches[batch], num=5)
        place = i * count + tf.range(count)  # (batch,) in the bucket
        place = place[place < size]
        place = shuffle(place, key(bucket + 1), size - 1)
        return tf.gather(by_length, first + place)  # (batch,)

    return steps, rows


def _buckets(
    lengths: np.ndarray, batch_size: int, window: int, tokens: int
) -> list[tuple[int, int, int]]:
    """Returns the first row, the rows and the rows a batch of each bucket."""
    if not tokens:
        whole = window * batch_size
        return [
            (first, min(whole, len(lengths) - first), batch_size)
            for first in range(0, len(lengths), whole)
        ]
    buckets, end = [], len(lengths)
    while end:  # from the longest, which says how many rows a batch has
        most = max(tokens // max(int(lengths[end - 1]), 1), 1)
        rows = min(1 << most.bit_length() - 1, batch_size)
        first = max(end - window * rows, 0)
        buckets.append((first, end - first, rows))
        end = first
    return buckets[::-1]


def stream(batch: Callable[..., Any], step: int, seed: int) -> tf.data.Dataset:
    """Makes the endless training stream from a global step on.

    Args:
        batch: `batch(step, seed)` returns a batch of tensors.
        step: the first step.
        seed: the seed of the order.
    """
    seed = tf.constant(seed, tf.int64)
    return (
        tf.data.Dataset.range(step, np.iinfo(np.int64).max)
        .map(lambda i: batch(i, seed), tf.data.AUTOTUNE, deterministic=True)
        .prefetch(tf.data.AUTOTUNE)
    )


def epoch(batch: Callable[..., Any], steps: int) -> tf.data.Dataset:
    """Makes one epoch for `Model.fit`, in another order each time."""
    seeds = tf.data.Dataset.random(seed=0, rerandomize_each_iteration=True)

    def batches(seed: tf.Tensor) -> tf.data.Dataset:
        seed = seed % 2**31
        return tf.data.Dataset.range(steps).map(
            lambda i: batch(i, seed), tf.data.AUTOTUNE, deterministic=True
        )

    whole = seeds.take(1).flat_map(batches).prefetch(tf.data.AUTOTUNE)
    return whole.apply(tf.data.experimental.assert_cardinality(steps))


def in_order(
    batch: Callable[..., Any], lengths: np.ndarray, batch_size: int
) -> tf.data.Dataset:
    """Makes batches of all rows, the shortest first, for validation."""
    order = np.argsort(lengths, kind="stable").astype(np.int64)
    rows = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
    return rows.map(batch, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def teacher_forcing(
    ids: tf.RaggedTensor, prompt_lengths: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Makes inputs, targets one step later, and weights, 0 for the prompt.

    Args:
        ids: `(batch, None)`, each row with its END.
        prompt_lengths: `(batch,)`, how many tokens at the beginning are not to
            be learned.

    Returns:
        `x, y, weights`, each `(batch, time)`.
    """
    dense = ids.to_tensor(0)  # (batch, time + 1)
    place = tf.range(1, tf.shape(dense)[1], dtype=tf.int64)[tf.newaxis]
    learned = (place >= tf.cast(prompt_lengths, tf.int64)[:, tf.newaxis]) & (
        place < ids.row_lengths()[:, tf.newaxis]
    )
    return dense[:, :-1], dense[:, 1:], tf.cast(learned, tf.float32)
