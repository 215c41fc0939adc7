"""Looks back, one token at a time, by whole bars.

`Clock.inputs` does the same for whole tunes.
"""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.grammar.clock import (
    LOOKBACKS,
    NO_TOKEN,
    STAMPS_PER_BAR,
)


class Memory(NamedTuple):
    """The tokens so far and when each began, `(batch, length)` each.

    Args:
        stamps: see `Clock.stamp`; -1 where there is no token yet.
        tokens: ids.
    """

    stamps: tf.Tensor
    tokens: tf.Tensor


def empty_memory(batch: tf.Tensor | int, length: tf.Tensor | int) -> Memory:
    """Returns a memory with room for `length` tokens."""
    return Memory(
        stamps=tf.fill([batch, length], -1),
        tokens=tf.zeros([batch, length], tf.int32),
    )


def remember(
    memory: Memory, i: tf.Tensor | int, stamp: tf.Tensor, token: tf.Tensor
) -> Memory:
    """Returns the memory with token `i` and its stamp, `(batch,)` each."""
    at_i = tf.range(tf.shape(memory.stamps)[1]) == i
    return Memory(
        stamps=tf.where(at_i, stamp[:, tf.newaxis], memory.stamps),
        tokens=tf.where(at_i, token[:, tf.newaxis], memory.tokens),
    )


def look_back(memory: Memory, stamp: tf.Tensor) -> tf.Tensor:
    """Returns the tokens that stood at a position some bars before.

    Args:
        memory: the tokens so far.
        stamp: of the position, `(batch,)`.

    Returns:
        `(batch, lookbacks)` ids; `NO_TOKEN` where there was none.
    """
    wanted = stamp[:, tf.newaxis] - tf.constant(LOOKBACKS) * STAMPS_PER_BAR
    same = memory.stamps[:, tf.newaxis] == wanted[:, :, tf.newaxis]
    column = tf.range(tf.shape(memory.stamps)[1])
    index = tf.reduce_max(tf.where(same, column, -1), -1)
    tokens = tf.gather(memory.tokens, tf.maximum(index, 0), batch_dims=1)
    return tf.where((index >= 0) & (wanted >= 0), tokens, NO_TOKEN)
