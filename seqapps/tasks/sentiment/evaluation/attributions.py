"""Attributions of a label to words by integrated gradients.

Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks (2017).
"""

from typing import Any

import tensorflow as tf

STEPS = 50  # points on the path from the baseline to the input


def integrated_gradients(
    model: Any, inputs: tf.Tensor, temperature: float, steps: int = STEPS
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Contributions of words to the log-odds of the predicted class.

        F(x) = log p_c - log(1 - p_c),  p = softmax(z(x) / temperature)
        a_t = sum_d x_td / K sum_k dF/dx_td at (k - 1/2) / K x

    x are the word vectors; the baseline is 0, a text of blank words. The sum
    over t tends to F(x) - F(0) as K grows. The rest, a few hundredths of it,
    is distributed over the a_t in proportion to |a_t|, so that they sum to it.

    Args:
        model: a `TextNetwork`.
        inputs: `(batch, time, columns)` ids.
        temperature: divides the logits; see `codec`.
        steps: K.

    Returns:
        Logits over the temperature `(batch, classes)`, contributions
        `(batch, time)`, and the change F(x) - F(0), `(batch,)`.
    """
    mask = inputs[..., 0] != 0  # (batch, time)
    x = model.word_vectors(inputs)  # (batch, time, embedding)
    logits = model.classify(x, mask) / temperature  # (batch, classes)
    predicted = tf.argmax(logits, -1)  # (batch,)
    baseline = model.classify(tf.zeros_like(x), mask) / temperature
    change = log_odds(logits, predicted) - log_odds(baseline, predicted)

    total = tf.zeros_like(x)
    count = tf.cast(steps, x.dtype)

    def step(k: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            point = (tf.cast(k, x.dtype) + 0.5) / count * x
            tape.watch(point)
            logits = model.classify(point, mask) / temperature
            odds = log_odds(logits, predicted)
        return k + 1, total + tape.gradient(odds, point)

    _, total = tf.while_loop(
        lambda k, _: k < steps,
        step,
        (0, total),
        shape_invariants=(tf.TensorShape([]), x.shape),
    )
    contributions = tf.reduce_sum(x * total, -1) / count  # (batch, time)
    rest = change - tf.reduce_sum(contributions, -1)  # (batch,)
    shares = tf.abs(contributions)
    shares /= tf.reduce_sum(shares, -1, keepdims=True) + 1e-30
    contributions += rest[:, tf.newaxis] * shares
    return logits, contributions, change


def log_odds(logits: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
    """The log-odds of a class: its logit less the log-sum-exp of the others."""
    own = tf.one_hot(classes, logits.shape[-1], dtype=logits.dtype)
    others = tf.reduce_logsumexp(logits - 1e9 * own, -1)  # (batch,)
    return tf.reduce_sum(logits * own, -1) - others
