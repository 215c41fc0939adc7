"""How good a translation probably is, by what is seen of it, in a graph."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from seqapps import text
from seqapps.tasks.translation.codec.subwords import WORD_START

_NO_LETTERS = r"[^\pL\pM]+"
_LEAST = 1e-9
FEATURES = (
    "log-probability",  # the mean of the sub-words
    "uncovered",  # share of the source without attention
    "sharpness",  # of the attention, the mean of its largest weights
    "entropy",  # of the attention
    "length",  # of the source, its logarithm
    "length ratio",  # its logarithm
    "length distance",  # how far it is from 0
    "source pieces",  # sub-words a word
    "target pieces",
    "unknown words",  # share of the words of the source
    "unknown letters",  # share of the sub-words of the source
    "repeated",  # share of the sub-words that stood in the source before
    "copied",  # share of the sub-words of the target that are in the source
)


class Quality(tf.Module):
    """How good a translation probably is, 0 to 1, by two logistic regressions.

        q = sigmoid(w f + b) sigmoid(v f + c)

    over the `FEATURES` f of the translation, each between its low and its high
    value. The first factor estimates the chrF of a translation over 100, the
    second is the probability that the source is a text of its language.

    Args:
        weights: w, of as many features.
        bias: b.
        source_weights: v, likewise.
        source_bias: c.
        low: the least value of each feature.
        high: the largest.
        limit: translations whose q is less are unsure.
    """

    def __init__(
        self,
        weights: Sequence[float],
        bias: float,
        source_weights: Sequence[float],
        source_bias: float,
        low: Sequence[float],
        high: Sequence[float],
        limit: float,
    ):
        super().__init__()
        self.weights, self.bias = weights, bias
        self.source_weights, self.source_bias = source_weights, source_bias
        self.low, self.high, self.limit = low, high, limit

    def get_config(self) -> dict[str, Any]:
        return {
            "weights": list(self.weights),
            "bias": self.bias,
            "source_weights": list(self.source_weights),
            "source_bias": self.source_bias,
            "low": list(self.low),
            "high": list(self.high),
            "limit": self.limit,
        }

    def __call__(self, features: tf.Tensor) -> tf.Tensor:
        """q, `(...)`, of features `(..., features)`."""
        features = tf.clip_by_value(features, self.low, self.high)
        weights = tf.constant([self.weights, self.source_weights], tf.float32)
        logits = tf.matmul(features, weights, transpose_b=True)
        logits += [self.bias, self.source_bias]
        return tf.reduce_prod(tf.sigmoid(logits), -1)


def features(
    codec: Any,
    texts: tf.Tensor,
    sources: tf.Tensor,
    targets: tf.Tensor,
    attention: tf.Tensor,
    log_p: tf.Tensor,
) -> tf.Tensor:
    """What can be seen of translations, `(batch, nbest, features)`.

    Args:
        codec: a `PairCodec`.
        texts: the sources, `(batch,)`.
        sources: their ids with END, `(batch, S)`.
        targets: ids with END, `(batch, nbest, T)`.
        attention: `(batch, nbest, T, S)`.
        log_p: of the targets, the mean of their sub-words, `(batch, nbest)`.
    """
    s_mask = tf.cast(sources > text.END, tf.float32)[:, tf.newaxis]
    t_mask = tf.cast(targets != text.PAD, tf.float32)  # (batch, nbest, T)
    s_count = tf.reduce_sum(s_mask, -1)  # (batch, 1)
    t_count = tf.reduce_sum(t_mask, -1)  # (batch, nbest), with END
    covered = tf.reduce_sum(attention, 2)  # (batch, nbest, S)
    lacking = tf.maximum(1 - covered, 0.0)
    sharpness = tf.reduce_max(attention, -1)  # (batch, nbest, T)
    entropy = -tf.reduce_sum(
        attention * tf.math.log(tf.maximum(attention, _LEAST)), -1
    )
    ratio = tf.math.log((t_count + 1) / (s_count + 2))
    t_inside = tf.cast(targets > text.END, tf.float32)
    copied = tf.zeros_like(t_inside)
    if codec.source.pieces == codec.target.pieces:
        same = targets[..., tf.newaxis] == sources[:, tf.newaxis, tf.newaxis]
        copied = tf.cast(tf.reduce_any(same, -1), tf.float32)
    columns = [
        log_p,
        _mean(lacking, s_mask),
        _mean(sharpness, t_mask),
        _mean(entropy, t_mask),
        tf.math.log(s_count + 1),
        ratio,
        tf.abs(ratio),
        s_count / _words(codec.source, sources)[:, tf.newaxis],
        tf.reduce_sum(t_inside, -1) / _words(codec.target, targets),
        _unknown_words(codec, texts)[:, tf.newaxis],
        _mean(_is_rare(codec.source, sources)[:, tf.newaxis], s_mask),
        _mean(_is_repeated(sources)[:, tf.newaxis], s_mask),
        _mean(copied, t_inside),
    ]
    return tf.stack([c + tf.zeros_like(log_p) for c in columns], -1)


def _mean(values: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    total = tf.reduce_sum(values * mask, -1)
    return total / tf.maximum(tf.reduce_sum(mask, -1), 1.0)


def _words(tokenizer: Any, ids: tf.Tensor) -> tf.Tensor:
    """The number of words of ids `(..., time)`, 1 at least."""
    begins = [name.startswith(WORD_START) for name in tokenizer.names]
    begins = tf.gather(tf.constant(begins, tf.float32), ids)
    return tf.maximum(tf.reduce_sum(begins, -1), 1.0)


def _is_rare(tokenizer: Any, ids: tf.Tensor) -> tf.Tensor:
    """Whether each id is of an unknown letter, or of a byte of one."""
    rare = [
        i == text.UNKNOWN or name.startswith("<0x")
        for i, name in enumerate(tokenizer.names)
    ]
    return tf.gather(tf.constant(rare, tf.float32), ids)


def _is_repeated(ids: tf.Tensor) -> tf.Tensor:
    """Whether each of ids `(batch, S)` stands before it."""
    same = ids[:, tf.newaxis] == ids[:, :, tf.newaxis]
    size = tf.shape(ids)[1]
    before = tf.linalg.band_part(tf.ones([size, size], tf.int32), -1, 0)
    before -= tf.eye(size, dtype=tf.int32)
    return tf.cast(tf.reduce_any(same & (before > 0), -1), tf.float32)


def _unknown_words(codec: Any, texts: tf.Tensor) -> tf.Tensor:
    """The share of words that training did not have, `(batch,)`."""
    if not codec.casing:
        return tf.zeros_like(texts, tf.float32)
    plain = tf.strings.lower(texts, encoding="utf-8")
    words = tf.strings.split(tf.strings.regex_replace(plain, _NO_LETTERS, " "))
    unknown = tf.cast(codec.casing.find(words.flat_values) < 0, tf.float32)
    mean = tf.reduce_mean(words.with_values(unknown), -1)
    return tf.where(words.row_lengths() > 0, mean, 0.0)
