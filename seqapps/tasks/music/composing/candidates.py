"""Chooses among candidates by the network's own score."""

from typing import Any

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec.notes import NoteCodec

_BLOCK = 32  # tunes at once: looking back takes memory by time squared


def token_nats(
    model: Any,
    codec: NoteCodec,
    ids: tf.Tensor,
    ticks: tf.Tensor,
    told: tf.Tensor | bool,
) -> tf.Tensor:
    """Returns the surprise of each token of whole tunes, `(batch, time)`.

    Args:
        model: a `LanguageModel`.
        codec: of its tokens.
        ids: `(batch, time)`; END is followed by PAD.
        ticks: written length of each id.
        told: whether the network is told how many bars are left.

    Returns:
        In nats; 0 for the header, PAD, and tokens that the vocabulary does
        not have. The time is that of the longest tune.
    """
    batch = tf.shape(ids)[0]
    longest = tf.reduce_max(
        tf.reduce_sum(tf.cast(ids != text.PAD, tf.int32), 1)
    )
    rows = tf.minimum(batch, _BLOCK)
    ids = tf.pad(ids[:, :longest], [[0, -batch % rows], [0, 0]])

    def block_nats(ids: tf.Tensor) -> tf.Tensor:
        x, y = ids[:, :-1], ids[:, 1:]
        inputs = codec.inputs(x, told, tf.gather(ticks, x))
        logits = tf.cast(model(inputs, training=False), tf.float32)
        known = codec.to_vocabulary(y)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(known, logits)
        place = tf.range(1, longest)
        counts = (place >= codec.header_length) & (y != text.PAD)
        nats = tf.where(counts & (known != text.UNKNOWN), nats, 0.0)
        return tf.pad(nats, [[0, 0], [1, 0]])

    blocks = tf.reshape(ids, [-1, rows, longest])
    nats = tf.map_fn(block_nats, blocks, fn_output_signature=tf.float32)
    return tf.reshape(nats, [-1, longest])[:batch]


def best_of(nats: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
    """Returns the row of the least surprising candidate of each tune.

    Args:
        nats: of each row, `(tunes * candidates,)`; those of a tune follow
            each other.
        candidates: how many a tune has, `()`.
    """
    by_tune = tf.reshape(nats, [-1, candidates])
    best = tf.argmin(by_tune, axis=1, output_type=tf.int32)
    return tf.range(tf.shape(by_tune)[0]) * candidates + best


def mean_nats(nats: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Returns the mean surprise of each tune's tokens, `(batch,)`."""
    count = tf.reduce_sum(tf.cast(ids != text.PAD, tf.float32), axis=1)
    return tf.reduce_sum(nats, axis=1) / count


def nats_of_end(
    nats: tf.Tensor, ids: tf.Tensor, tokens: tf.Tensor
) -> tf.Tensor:
    """Returns the surprise of the last tokens of each tune, `(batch,)`.

    Args:
        nats: of each token, `(batch, time)`.
        ids: `(batch, time)`; END is followed by PAD.
        tokens: how many, END included, `()`.
    """
    length = tf.reduce_sum(tf.cast(ids != text.PAD, tf.int32), axis=1)
    place = tf.range(tf.shape(nats)[1])
    counts = place >= (length - tokens)[:, tf.newaxis]
    return tf.reduce_sum(tf.where(counts, nats, 0.0), axis=1)
