"""Hypotheses in the tokenizer's own segmentation."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapps.decoding import Beams

_NEVER = -float("inf")


def canonicalise(
    codec: Any,
    beams: Beams,
    source_length: tf.Tensor,
    force: Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Gives each hypothesis the score of its text's own segmentation.

    A search may segment a word in another way than the tokenizer does; such a
    hypothesis is segmented and scored anew. Of hypotheses with the same text
    only the first is kept.

    Args:
        codec: of the sub-words.
        beams: of the search.
        source_length: S.
        force: `force(sources, targets) -> scores, attention` of target ids
            `(rows, T)`, given the indices of their sources `(rows,)`.

    Returns:
        Texts, ids, scores and attention weights, best first.
    """
    finished = beams.scores > _NEVER  # (batch, nbest)
    batch, nbest = tf.unstack(tf.shape(finished))
    texts = tf.where(finished, codec.target.decode(beams.tokens), "")
    canonical = codec.targets(tf.reshape(texts, [-1]))  # (rows, T)
    tokens = tf.reshape(beams.tokens, [batch * nbest, -1])
    longest = tf.maximum(tf.shape(canonical)[1], tf.shape(tokens)[1])
    canonical, tokens = _pad_to(canonical, longest), _pad_to(tokens, longest)
    differ = tf.reduce_any(canonical != tokens, -1)  # (rows,)
    differ = tf.where(differ & tf.reshape(finished, [-1]))  # (some, 1)
    scores = tf.reshape(beams.scores, [-1])
    attention = beams.attention_weights
    if attention is None:
        attention = tf.zeros([batch, nbest, longest, source_length])
    attention = tf.reshape(attention, [batch * nbest, -1, source_length])
    attention = _pad_to(attention, longest)  # (rows, T, S)

    def rescore():
        rows = differ[:, 0]
        ids = tf.gather(canonical, rows)
        new_scores, weights = force(rows // tf.cast(nbest, tf.int64), ids)
        weights += tf.zeros([source_length])  # (rows, T, 1) without attention
        return (
            tf.tensor_scatter_nd_update(tokens, differ, ids),
            tf.tensor_scatter_nd_update(scores, differ, new_scores),
            tf.tensor_scatter_nd_update(attention, differ, weights),
        )

    tokens, scores, attention = tf.cond(
        tf.size(differ) > 0, rescore, lambda: (tokens, scores, attention)
    )
    scores = tf.reshape(scores, [batch, nbest])
    equal = texts[:, tf.newaxis] == texts[:, :, tf.newaxis]
    earlier = tf.linalg.band_part(tf.ones([nbest, nbest], tf.int32), -1, 0)
    earlier -= tf.eye(nbest, dtype=tf.int32)  # (nbest, nbest): j before i
    duplicate = tf.reduce_any(equal & (earlier > 0), -1)  # (batch, nbest)
    scores, order = tf.math.top_k(tf.where(duplicate, _NEVER, scores), nbest)
    texts = tf.gather(texts, order, batch_dims=1)
    order += nbest * tf.range(batch)[:, tf.newaxis]
    return (
        tf.where(scores > _NEVER, texts, ""),
        tf.gather(tokens, order),
        scores,
        tf.gather(attention, order),
    )


def _pad_to(rows: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """Pads `(rows, T, ...)` with zeros to this T."""
    paddings = [[0, 0]] * rows.shape.rank
    paddings[1] = [0, length - tf.shape(rows)[1]]
    return tf.pad(rows, paddings)
