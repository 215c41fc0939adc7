"""The result of a search, and the formula that ranks hypotheses."""

from typing import NamedTuple

import tensorflow as tf

from seqapps import deprecated
from seqapps.decoding.stepping import Number

# the least total attention of a source place, so that its logarithm is finite
_LEAST_ATTENTION = 1e-6


class Beams(NamedTuple):
    """The best hypotheses of every row, best first.

    A row with fewer hypotheses than requested is filled up with some that
    have the score and the log-probability -inf, no tokens and length 0.

    Attributes:
        tokens: `(batch, nbest, time)`, END last, then PAD; `time` is that of
            the longest hypothesis.
        scores: `(batch, nbest)`, by `score_hypotheses`.
        log_probabilities: `(batch, nbest)`, the sum over tokens and END, in
            nats.
        lengths: `(batch, nbest)`, END included.
        attention_weights: `(batch, nbest, time, source)`, those with which
            each token was chosen, 0 after END; None if `step` returns none.
    """

    tokens: tf.Tensor
    scores: tf.Tensor
    log_probabilities: tf.Tensor
    lengths: tf.Tensor
    attention_weights: tf.Tensor | None

    @property
    def looks(self) -> tf.Tensor | None:
        """Deprecated: use `attention_weights`."""
        deprecated.warn("Beams.looks", "Beams.attention_weights")
        return self.attention_weights


@deprecated.arguments(looks_sum="attention_sum")
def score_hypotheses(
    log_probability: tf.Tensor,
    lengths: tf.Tensor,
    attention_sum: tf.Tensor | None = None,
    *,
    length_penalty: Number = 1.0,
    coverage_penalty: Number = 0.0,
    visible: tf.Tensor | None = None,
) -> tf.Tensor:
    """Scores hypotheses by probability, length and coverage of the source.

        score = log p(y | x) / lp(y) + beta sum_s log(min(sum_t a_ts, 1))
        lp(y) = ((5 + |y|) / 6)^alpha

    Wu et al., Google's Neural Machine Translation System (2016), equation 14.

    Args:
        log_probability: `(...)`, log p(y | x).
        lengths: |y|, END included; broadcasts to `(...)`.
        attention_sum: `(..., source)`, the attention weights of each source
            place summed over the target, sum_t a_ts; None leaves the second
            term out.
        length_penalty: alpha, at least 0; 0 ranks by probability.
        coverage_penalty: beta, at least 0; the Python number 0 leaves the
            second term out.
        visible: True for source places that are no padding; broadcasts to
            `attention_sum`. None for all.

    Returns:
        `(...)` scores.
    """
    scores = log_probability / length_divisor(lengths, length_penalty)
    if attention_sum is None or is_zero(coverage_penalty):
        return scores
    coverage = tf.clip_by_value(attention_sum, _LEAST_ATTENTION, 1.0)
    coverage = tf.math.log(coverage)
    if visible is not None:
        coverage = tf.where(visible, coverage, 0.0)
    return scores + coverage_penalty * tf.reduce_sum(coverage, -1)


def length_divisor(lengths: tf.Tensor, length_penalty: Number) -> tf.Tensor:
    """Computes lp(y), which divides log-probabilities of such lengths."""
    return ((5.0 + tf.cast(lengths, tf.float32)) / 6.0) ** length_penalty


def is_zero(number: Number) -> bool:
    """Whether a number is 0 in Python, not a tensor."""
    return isinstance(number, int | float) and number == 0
