"""Looks back by whole bars, and to how an earlier section ended.

One token at a time while a tune is composed, and for whole tunes.
"""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.grammar.clock import (
    LOOKBACKS,
    NO_TOKEN,
    STAMPS_PER_BAR,
)

NOT_TOLD = -1  # bars left that the network is not to know
_NO_STAMP = -1


class Memory(NamedTuple):
    """The tokens so far and when each began, `(batch, length)` each.

    Args:
        stamps: see `Clock.stamp`; -1 where there is no token yet.
        ending_stamps: see `ending_stamp`.
        tokens: ids.
        closed: how many tokens there are up to the last line that closed a
            section or an ending, `(batch,)`.
    """

    stamps: tf.Tensor
    ending_stamps: tf.Tensor
    tokens: tf.Tensor
    closed: tf.Tensor


def empty_memory(batch: tf.Tensor | int, length: tf.Tensor | int) -> Memory:
    """Returns a memory with room for `length` tokens."""
    none = tf.fill([batch, length], _NO_STAMP)
    return Memory(
        stamps=none,
        ending_stamps=none,
        tokens=tf.zeros_like(none),
        closed=tf.zeros([batch], tf.int32),
    )


def ending_stamp(stamp: tf.Tensor, bars_left: tf.Tensor) -> tf.Tensor:
    """Returns a stamp that counts bars from the end of the section.

    Args:
        stamp: see `Clock.stamp`.
        bars_left: of the section; `NOT_TOLD` gives no stamp, nor does 0.
    """
    in_bar = stamp % STAMPS_PER_BAR
    return tf.where(
        bars_left > 0, in_bar + bars_left * STAMPS_PER_BAR, _NO_STAMP
    )


def remember(
    memory: Memory,
    i: tf.Tensor | int,
    stamp: tf.Tensor,
    token: tf.Tensor,
    bars_left: tf.Tensor | int = NOT_TOLD,
    closes: tf.Tensor | bool = False,
) -> Memory:
    """Returns the memory with one token more.

    Args:
        memory: the tokens so far.
        i: how many they are.
        stamp: of the token, `(batch,)`.
        token: its id, `(batch,)`.
        bars_left: of its section, `(batch,)`.
        closes: whether it closes a section or an ending, `(batch,)`.
    """
    at_i = tf.range(tf.shape(memory.stamps)[1]) == i
    ending = ending_stamp(stamp, tf.convert_to_tensor(bars_left))
    return Memory(
        stamps=tf.where(at_i, stamp[:, tf.newaxis], memory.stamps),
        ending_stamps=tf.where(
            at_i, ending[:, tf.newaxis], memory.ending_stamps
        ),
        tokens=tf.where(at_i, token[:, tf.newaxis], memory.tokens),
        closed=tf.where(closes, i + 1, memory.closed),
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
    return _latest(memory.stamps, wanted, memory.tokens)


def look_at_ending(memory: Memory, stamp: tf.Tensor) -> tf.Tensor:
    """Returns the token that stood as many bars before an earlier end.

    Args:
        memory: the tokens so far.
        stamp: of the position, see `ending_stamp`, `(batch,)`.

    Returns:
        `(batch, 1)` ids of the latest such tokens of sections and endings
        that are closed; `NO_TOKEN` where there was none.
    """
    column = tf.range(tf.shape(memory.stamps)[1])
    is_closed = column < memory.closed[:, tf.newaxis]
    stamps = tf.where(is_closed, memory.ending_stamps, _NO_STAMP)
    return _latest(stamps, stamp[:, tf.newaxis], memory.tokens)


def _latest(
    stamps: tf.Tensor, wanted: tf.Tensor, tokens: tf.Tensor
) -> tf.Tensor:
    """The latest tokens `(batch, length)` of `wanted` stamps `(batch, n)`."""
    same = stamps[:, tf.newaxis] == wanted[:, :, tf.newaxis]
    column = tf.range(tf.shape(stamps)[1])
    index = tf.reduce_max(tf.where(same, column, -1), -1)
    found = tf.gather(tokens, tf.maximum(index, 0), batch_dims=1)
    return tf.where((index >= 0) & (wanted >= 0), found, NO_TOKEN)


def look_back_in_whole(
    ids: tf.Tensor,
    stamps: tf.Tensor,
    ending_stamps: tf.Tensor | None = None,
    closes: tf.Tensor | None = None,
) -> tf.Tensor:
    """Returns for whole tunes what `look_back` and `look_at_ending` return.

    Args:
        ids: `(batch, time)`.
        stamps: after each token, which is when the next begins.
        ending_stamps: likewise; None leaves out the endings.
        closes: whether each token closes a section or an ending; needed for
            the endings.

    Returns:
        `(batch, time, lookbacks)`, and one more with `ending_stamps`.
    """
    following = tf.concat([ids[:, 1:], ids[:, :1]], 1)
    count = tf.shape(ids)[1]
    row, column = tf.range(count)[:, tf.newaxis], tf.range(count)
    earlier = tf.where(column < row, column, -1)  # (time, time)

    def latest(
        stamps: tf.Tensor, wanted: tf.Tensor, earlier: tf.Tensor
    ) -> tf.Tensor:
        same = stamps[:, tf.newaxis] == wanted[:, :, tf.newaxis]
        index = tf.reduce_max(tf.where(same, earlier, -1), -1)
        found = tf.gather(following, tf.maximum(index, 0), batch_dims=1)
        return tf.where((index >= 0) & (wanted >= 0), found, NO_TOKEN)

    found = [
        latest(stamps, stamps - n * STAMPS_PER_BAR, earlier) for n in LOOKBACKS
    ]
    if ending_stamps is not None and closes is not None:
        so_far = closes[:, tf.newaxis] & (column <= row)
        closer = tf.reduce_max(tf.where(so_far, column, -1), -1)
        # column c stands for token c + 1, which is not after the closer
        is_closed = column < closer[:, :, tf.newaxis]
        closed = tf.where(is_closed, column, -1)
        found.append(latest(ending_stamps, ending_stamps, closed))
    return tf.stack(found, -1)
