"""What a search finds, and the formula that ranks it."""

from typing import NamedTuple

import tensorflow as tf

# the least attention that a place is taken to have had, so that its logarithm
# is finite
_LEAST = 1e-6


class Beams(NamedTuple):
    """The best hypotheses of every row, best first.

    Where a row has fewer than were asked for, the rest have the score and the
    log-probability -inf, no tokens and length 0.

    Attributes:
        tokens: `(batch, nbest, time)`, END the last, then PAD; `time` is the
            longest of all.
        scores: `(batch, nbest)`, by `score`.
        log_probabilities: `(batch, nbest)`, the sum over tokens, END counted,
            in nats.
        lengths: `(batch, nbest)`, END counted.
        looks: `(batch, nbest, time, source)`, the attention when each token
            was chosen, 0 after END; None where `step` gives none.
    """

    tokens: tf.Tensor
    scores: tf.Tensor
    log_probabilities: tf.Tensor
    lengths: tf.Tensor
    looks: tf.Tensor | None


def score(
    log_probability,
    lengths,
    looks_sum=None,
    *,
    length_penalty=1.0,
    coverage_penalty=0.0,
    visible=None,
):
    """The score of hypotheses: likely, not just short, nothing left out.

        score = log p(y | x) / lp(y) + beta sum_s log(min(sum_t a_ts, 1))
        lp(y) = ((5 + |y|) / 6)^alpha

    Wu et al., Google's Neural Machine Translation System (2016), equation 14.

    Args:
        log_probability: `(...)`, log p(y | x).
        lengths: `(...)` or what broadcasts to it, |y| with END.
        looks_sum: `(..., source)`, the attention of each source place summed
            over the target, sum_t a_ts; None leaves the second term out.
        length_penalty: alpha, at least 0; 0 ranks by probability.
        coverage_penalty: beta, at least 0; the Python number 0 leaves the
            second term out.
        visible: what broadcasts to `looks_sum`, True for places that are no
            padding; None for all.

    Returns:
        `(...)` scores.
    """
    found = log_probability / brevity(lengths, length_penalty)
    if looks_sum is None or is_zero(coverage_penalty):
        return found
    covered = tf.math.log(tf.clip_by_value(looks_sum, _LEAST, 1.0))
    if visible is not None:
        covered = tf.where(visible, covered, 0.0)
    return found + coverage_penalty * tf.reduce_sum(covered, -1)


def brevity(lengths, length_penalty):
    """lp(y), what the log-probability of so many tokens is divided by."""
    return ((5.0 + tf.cast(lengths, tf.float32)) / 6.0) ** length_penalty


def is_zero(number) -> bool:
    """Whether it is a Python number, not a tensor, and 0."""
    return isinstance(number, int | float) and number == 0
