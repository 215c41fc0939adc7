"""Translates texts of any number of sentences, inside the graph."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from seqapps import text
from seqapps.decoding.scores import length_divisor
from seqapps.tasks.translation.codec import passages
from seqapps.tasks.translation.codec.chunks import in_chunks
from seqapps.tasks.translation.codec.passages import Passages
from seqapps.tasks.translation.codec.placement import (
    Place,
    join_tokens,
    places,
)

NO_GLOSSARY = (("", ""),)  # no term
_CHUNK = 64  # pieces that are translated together
_COLLECTED = {
    "texts": tf.string,
    "scores": tf.float32,
    "quality": tf.float32,
    "lengths": tf.int32,
    "sources": tf.int32,
    "source_lengths": tf.int32,
    "targets": tf.int32,
    "target_lengths": tf.int32,
    "attention": tf.float32,
}


class Hypotheses(NamedTuple):
    """Translations of pieces.

    Attributes:
        texts: `(batch, nbest)`.
        scores: `(batch, nbest)`, -inf for what is no translation.
        attention: `(batch, nbest, T, S)`.
        sources: ids, `(batch, S)`.
        targets: ids, `(batch, nbest, T)`.
        quality: `(batch, nbest)`, the probability that each is good; 0 if the
            codec has no estimate.
    """

    texts: tf.Tensor
    scores: tf.Tensor
    attention: tf.Tensor
    sources: tf.Tensor
    targets: tf.Tensor
    quality: tf.Tensor

    def outputs(self, codec: Any) -> dict[str, tf.Tensor]:
        """What `translate` returns."""
        quality = {}
        if codec.quality:
            unsure = self.quality[:, 0] < codec.quality.limit
            quality = {"quality": self.quality, "unsure": unsure}
        return {
            "texts": self.texts,
            "scores": self.scores,
            **quality,
            "attention": self.attention,
            "source_tokens": codec.source.strings(self.sources),
            "target_tokens": codec.target.strings(self.targets),
        }


def languages_of(codec: Any) -> tuple[str, str] | None:
    """The languages whose numbers are masked; None if masks are not known."""
    known = codec.language, codec.target_language
    return known if codec.has_masks else None


def translate_texts(
    translate: Callable[[tf.Tensor], Hypotheses],
    codec: Any,
    texts: tf.Tensor,
    glossary: tf.Tensor,
    nbest: tf.Tensor,
    length_penalty: tf.Tensor,
) -> Hypotheses:
    """Splits texts, translates their pieces, and joins the translations.

    A score is that of the whole text, with the log-probabilities and the
    lengths of the pieces summed:

        score = sum_i log p(y_i | x_i) / lp(sum_i |y_i|)

    Only a text of one piece has further translations. Attention is block by
    block, for a piece is translated without the others; that of the first 320
    sub-words is returned, for its size is the square of their number.

    Args:
        translate: from `(some,)` pieces to `Hypotheses`.
        codec: a `PairCodec`.
        texts: `(batch,)` strings.
        glossary: see `protection.protect`.
        nbest: translations of each text.
        length_penalty: of the scores.
    """
    glossary = tf.convert_to_tensor(glossary)  # a default is a Python value
    signature = [tf.TensorSpec([None], tf.string)]
    shared = passages.apart(translate, signature)  # called from two places
    in_pieces = passages.apart(
        lambda texts: _in_pieces(
            shared, codec, texts, glossary, nbest, length_penalty
        ),
        signature,
    )
    plain = passages.are_plain(
        texts, glossary, codec.most_words, codec.casing, codec.names
    )
    return tf.cond(
        plain & (tf.size(texts) <= _CHUNK),
        lambda: shared(texts),
        lambda: in_pieces(texts),
    )


def _in_pieces(
    translate: Callable[[tf.Tensor], Hypotheses],
    codec: Any,
    texts: tf.Tensor,
    glossary: tf.Tensor,
    nbest: tf.Tensor,
    length_penalty: tf.Tensor,
) -> Hypotheses:
    """`translate_texts` for texts of any kind."""
    parts = passages.prepare(
        texts,
        glossary,
        codec.most_words,
        codec.language,
        languages=languages_of(codec),
        casing=codec.casing,
        names=codec.names,
    )
    place = places(parts.counts)
    found, order = in_chunks(
        lambda some: _flat(
            translate(tf.gather(parts.texts, some)), place, some
        ),
        parts.texts,
        ~parts.copied,
        _CHUNK,
        _COLLECTED,
    )
    count = tf.size(parts.texts)

    def spread(values: tf.Tensor, empty: Any) -> tf.Tensor:
        """`(pieces, nbest)` values, from those of what was translated."""
        values = tf.reshape(values, [-1, nbest])
        values = tf.concat([values, tf.fill([1, nbest], empty)], 0)
        index = tf.fill([count], tf.size(order))
        index = tf.tensor_scatter_nd_update(
            index, order[:, tf.newaxis], tf.range(tf.size(order))
        )
        return tf.gather(values, index)

    translations, scores = passages.finish(
        parts, spread(found["texts"], ""), spread(found["scores"], 0.0)
    )
    whole, exists = passages.join(parts, translations, scores)
    lengths = spread(found["lengths"], 0)
    scores = _total(parts, place, scores, lengths, length_penalty)
    quality = _mean(parts, place, spread(found["quality"], 0.0), lengths)
    return Hypotheses(
        whole,
        tf.where(exists, scores, -float("inf")),
        *join_tokens(found, order, place, tf.shape(whole), count),
        tf.where(exists, quality, 0.0),
    )


def _flat(
    found: Hypotheses, place: Place, some: tf.Tensor
) -> dict[str, tf.Tensor]:
    """What is found for some pieces, without padding, one after the other.

    Of a text there is one END.
    """
    nbest = tf.shape(found.texts)[1]
    inner = 1 - tf.cast(tf.gather(place.is_last, some), tf.int32)  # (some,)
    sources = _length(found.sources) - inner
    lengths = _length(found.targets)  # (some, nbest)
    targets = tf.maximum(lengths - inner[:, tf.newaxis], 0)
    is_shown = tf.gather(place.is_alone, some)[:, tf.newaxis]
    is_shown |= tf.range(nbest) == 0
    targets = tf.where(is_shown, targets, 0)
    longest = tf.shape(found.attention)
    s = tf.sequence_mask(sources, longest[3])  # (some, S)
    t = tf.sequence_mask(targets, longest[2])  # (some, nbest, T)
    seen = t & tf.gather(place.is_early, some)[:, tf.newaxis, tf.newaxis]
    seen = seen[..., tf.newaxis] & s[:, tf.newaxis, tf.newaxis]
    return {
        "texts": tf.reshape(found.texts, [-1]),
        "scores": tf.reshape(found.scores, [-1]),
        "quality": tf.reshape(found.quality, [-1]),
        "lengths": tf.reshape(lengths, [-1]),
        "sources": tf.boolean_mask(found.sources, s),
        "source_lengths": sources,
        "targets": tf.boolean_mask(found.targets, t),
        "target_lengths": tf.reshape(targets, [-1]),
        "attention": tf.boolean_mask(found.attention, seen),
    }


def _length(ids: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(ids != text.PAD, tf.int32), -1)


def _total(
    parts: Passages,
    place: Place,
    scores: tf.Tensor,
    lengths: tf.Tensor,
    length_penalty: tf.Tensor,
) -> tf.Tensor:
    """The scores of whole texts, `(batch, nbest)`."""
    count = tf.size(parts.counts)
    log_p = scores * length_divisor(lengths, length_penalty)
    log_p = tf.where(parts.copied[:, tf.newaxis], 0.0, log_p)
    log_p = tf.math.unsorted_segment_sum(log_p, place.rows, count)
    lengths = tf.math.unsorted_segment_sum(lengths, place.rows, count)
    several = log_p / length_divisor(lengths, length_penalty)
    own = tf.pad(scores, [[0, 1], [0, 0]])
    own = tf.gather(own, tf.maximum(tf.cumsum(parts.counts) - 1, 0))
    return tf.where((parts.counts == 1)[:, tf.newaxis], own, several)


def _mean(
    parts: Passages, place: Place, quality: tf.Tensor, lengths: tf.Tensor
) -> tf.Tensor:
    """The quality of whole texts, `(batch, nbest)`, by the length of pieces.

    That of a text without a word to translate is 1 if it has something to
    keep, such as a number or a URL, which cannot go wrong; else it is 0, as of
    an empty one, of "?!" and of one letter a hundred times.
    """
    count = tf.size(parts.counts)
    lengths = tf.cast(lengths, tf.float32)  # 0 for what is copied
    total = tf.math.unsorted_segment_sum(lengths, place.rows, count)
    sums = tf.math.unsorted_segment_sum(quality * lengths, place.rows, count)
    copied = tf.cast(passages.are_kept(parts), tf.int32)
    copied = tf.math.unsorted_segment_max(copied, place.rows, count)
    copied = tf.cast(copied > 0, tf.float32)[:, tf.newaxis]
    return tf.where(total > 0, sums / tf.maximum(total, 1.0), copied)
