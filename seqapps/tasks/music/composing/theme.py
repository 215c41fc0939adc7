"""A tune taken apart, measure by measure, to be varied."""

from typing import NamedTuple

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.grammar.sections import LINES


class Theme(NamedTuple):
    """A tune to vary, token by token and measure by measure.

    Args:
        ids: of its tokens and the end, `(tokens,)`; the unknown are numbered
            behind the vocabulary.
        ticks: length of each id.
        measure: in which measure a token stands; -1 for lines, `(tokens,)`.
        capacity: ticks of each measure, `(measures,)`.
        after: the token after each measure.
        twin: the first measure that is the same as each.
        free: whether the measures like it may be re-written.
    """

    ids: tf.Tensor
    ticks: tf.Tensor
    measure: tf.Tensor
    capacity: tf.Tensor
    after: tf.Tensor
    twin: tf.Tensor
    free: tf.Tensor


def read(codec, tune, meters, keys) -> Theme:
    """Takes a tune apart.

    Args:
        codec: a `NoteCodec`.
        tune: of `primer.read`.
        meters: the number of its metre, `(1,)`.
        keys: the number of its key, `(1,)`.
    """
    noted = tf.debugging.Assert(
        tf.reduce_any(tune.ticks > 0), ["there is no note in the ABC"]
    )
    with tf.control_dependencies([noted]):
        pieces = tf.identity(tune.pieces)
    ids = codec.number(pieces, keys[0])
    ticks = tf.concat([codec.ticks, tune.ticks], 0)
    held = _held(codec, codec.prompt(meters, keys)[0], ids, ticks)
    lines = tf.reduce_any(
        pieces[:, tf.newaxis] == tf.constant(LINES[:-1]), axis=1
    )
    begins = ~lines & tf.concat([[True], lines[:-1]], 0)
    count = tf.reduce_sum(tf.cast(begins, tf.int32))
    number = tf.cumsum(tf.cast(begins, tf.int32)) - 1
    inner = tf.where(~lines)[:, 0]
    own = tf.gather(number, inner)
    words = tf.RaggedTensor.from_value_rowids(
        tf.gather(pieces, inner), own, nrows=tf.cast(count, own.dtype)
    )
    content = tf.strings.reduce_join(words, axis=1, separator=" ")
    same = content[:, tf.newaxis] == content[tf.newaxis]
    twin = tf.argmax(tf.cast(same, tf.int32), 1, tf.int32)
    capacity = tf.math.unsorted_segment_sum(tf.gather(held, inner), own, count)
    after = tf.math.unsorted_segment_max(tf.cast(inner, tf.int32), own, count)
    tied = tf.strings.regex_full_match(tf.gather(pieces, after), ".*-")
    into = tf.concat([[False], tied[:-1]], 0)  # a tie leads into the measure
    new = (tf.gather(ids, inner) >= len(codec)) & (tf.gather(held, inner) == 0)
    strange = tf.math.unsorted_segment_max(tf.cast(new, tf.int32), own, count)
    fits = codec.grammar.fit.fills(capacity) & ~into & (capacity > 0)
    fits &= strange == 0  # a tuplet that the network does not know
    free = tf.math.unsorted_segment_min(tf.cast(fits, tf.int32), twin, count)
    return Theme(
        tf.concat([ids, [text.END]], 0),
        ticks,
        tf.concat([tf.where(lines, -1, number), [-1]], 0),
        capacity,
        after + 1,
        twin,
        (tf.gather(free, twin) > 0),
    )


def _held(codec, prompt, ids, ticks):
    """The time that each token takes, tuplets counted right, `(tokens,)`."""
    tokens = tf.concat([prompt, ids], 0)
    count = tf.size(tokens)
    held = tf.TensorArray(tf.int32, count, element_shape=[])

    def body(i, now, held):
        token = tokens[i][tf.newaxis]
        known = tf.where(token < len(codec), token, text.UNKNOWN)
        length = tf.gather(ticks, token)
        after = codec.clock.advance(known, now, length)
        took = tf.where(length > 0, after.place - now.place, 0)[0]
        return i + 1, after, held.write(i, took)

    *_, held = tf.while_loop(
        lambda i, *_: i < count,
        body,
        (tf.constant(0), codec.clock.start(1), held),
    )
    return held.stack()[tf.size(prompt) :]
