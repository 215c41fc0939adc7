"""Where pieces stand in their texts, for ids and attention, in the graph."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.translation.codec import characters

_SHOWN = 320  # sub-words of a text whose attention is returned
_SHOWN_PIECES = 64  # the first of a text; others are beyond that anyway


class Place(NamedTuple):
    """Where pieces stand in their texts, `(pieces,)` each."""

    rows: tf.Tensor  # the text
    first: tf.Tensor  # the first piece of it
    is_last: tf.Tensor
    is_early: tf.Tensor  # whether its attention is returned
    is_alone: tf.Tensor


def places(counts: tf.Tensor) -> Place:
    """The places of pieces, given the number of each text, `(batch,)`."""
    counts = tf.cast(counts, tf.int32)
    rows, number = _within(counts)  # (pieces,)
    first = tf.range(tf.size(rows)) - number
    return Place(
        rows,
        first,
        number + 1 == tf.gather(counts, rows),
        number < _SHOWN_PIECES,
        tf.gather(counts, rows) == 1,
    )


def join_tokens(
    found: dict[str, tf.Tensor],
    order: tf.Tensor,
    place: Place,
    shape: tf.Tensor,
    count: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Attention, and ids of sources and targets, of whole texts.

    Args:
        found: without padding, one piece after the other.
        order: `(some,)`, the pieces that it is of.
        place: of all pieces.
        shape: batch and nbest.
        count: of all pieces.
    """
    batch, nbest = shape[0], shape[1]
    rows = tf.gather(place.rows, order)

    def offsets(lengths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Where pieces begin in their texts, and the longest of these."""
        lengths = tf.scatter_nd(
            order[:, tf.newaxis], lengths, [count, tf.shape(lengths)[1]]
        )
        before = tf.cumsum(lengths, exclusive=True)
        before -= tf.gather(before, place.first)
        ends = tf.concat([[1], tf.reshape(before + lengths, [-1])], 0)
        return tf.gather(before, order), tf.reduce_max(ends)

    s_lengths = found["source_lengths"]
    t_lengths = tf.reshape(found["target_lengths"], [-1, nbest])
    s_begin, s_size = offsets(s_lengths[:, tf.newaxis])
    t_begin, t_size = offsets(t_lengths)
    of, s = _within(s_lengths)
    s += tf.gather(s_begin[:, 0], of)
    sources = tf.scatter_nd(
        tf.stack([tf.gather(rows, of), s], 1), found["sources"], [batch, s_size]
    )
    of, t = _within(tf.reshape(t_lengths, [-1]))  # piece * nbest + k
    t += tf.gather(tf.reshape(t_begin, [-1]), of)
    targets = tf.scatter_nd(
        tf.stack([tf.gather(rows, of // nbest), of % nbest, t], 1),
        found["targets"],
        [batch, nbest, t_size],
    )
    early = tf.cast(tf.gather(place.is_early, order), tf.int32) * s_lengths
    of, place_in = _within(tf.reshape(t_lengths * early[:, tf.newaxis], [-1]))
    piece = of // nbest
    width = tf.gather(s_lengths, piece)
    s = place_in % width + tf.gather(s_begin[:, 0], piece)
    t = place_in // width + tf.gather(tf.reshape(t_begin, [-1]), of)
    index = tf.stack([tf.gather(rows, piece), of % nbest, t, s], 1)
    shown = (t < _SHOWN) & (s < _SHOWN)
    t_size, s_size = tf.minimum(t_size, _SHOWN), tf.minimum(s_size, _SHOWN)
    attention = tf.scatter_nd(
        characters.pick(index, shown),
        characters.pick(found["attention"], shown),
        [batch, nbest, t_size, s_size],
    )
    return attention, sources, targets


def _within(lengths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The row of each element of rows `(rows,)` long, and its place in it."""
    splits = tf.concat([[0], tf.cumsum(lengths)], 0)
    rows = characters.rows_of(splits, splits[-1])
    return rows, tf.range(splits[-1]) - tf.gather(splits, rows)
