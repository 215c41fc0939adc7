"""Virtual adversarial training on word vectors."""

from collections.abc import Callable

import tensorflow as tf

_PROBE = 0.1  # length of the probe, as a share of the length of x


def virtual_adversarial_loss(
    classify: Callable[[tf.Tensor], tf.Tensor],
    x: tf.Tensor,
    logits: tf.Tensor,
    strength: float,
) -> tf.Tensor:
    """The divergence of the predictions under an adversarial perturbation.

        r = strength |x| g / |g|,  g = d/dr KL(p(x) || p(x + r)) at a random r
        loss = mean over texts of KL(p(x) || p(x + r))

    |x| is the length of all vectors of a text together, so that the network
    cannot evade r by making its vectors longer. No labels are needed. (Miyato,
    Dai and Goodfellow, Adversarial Training Methods for Semi-Supervised Text
    Classification, 2017, equations 5 and 6; there r has one length for all
    texts.)

    Args:
        classify: word vectors to logits.
        x: `(batch, time, size)` word vectors, 0 where padded.
        logits: of x, `(batch, classes)`.
        strength: the length of r, as a share of the length of x.

    Returns:
        A scalar.
    """
    logits, fixed = tf.stop_gradient(logits), tf.stop_gradient(x)
    visible = tf.cast(tf.reduce_any(fixed != 0, -1, keepdims=True), x.dtype)
    length = _length(fixed)  # (batch, 1, 1)
    probe = tf.random.normal(tf.shape(x), dtype=x.dtype) * visible
    probe = _PROBE * length * _unit(probe)
    with tf.GradientTape() as tape:
        tape.watch(probe)
        divergence = _divergence(logits, classify(fixed + probe))
    worst = tf.stop_gradient(tape.gradient(divergence, probe) * visible)
    perturbed = x + strength * length * _unit(worst)
    return _divergence(logits, classify(perturbed))


def _divergence(logits: tf.Tensor, others: tf.Tensor) -> tf.Tensor:
    """The mean over texts of KL(softmax(logits) || softmax(others))."""
    log_p = tf.nn.log_softmax(logits)  # (batch, classes)
    ratio = log_p - tf.nn.log_softmax(others)
    return tf.reduce_mean(tf.reduce_sum(tf.exp(log_p) * ratio, -1))


def _length(x: tf.Tensor) -> tf.Tensor:
    squares = tf.reduce_sum(tf.square(x), [1, 2], keepdims=True)
    return tf.sqrt(squares + 1e-12)


def _unit(x: tf.Tensor) -> tf.Tensor:
    x = x / (tf.reduce_max(tf.abs(x), [1, 2], keepdims=True) + 1e-30)
    return x / _length(x)
