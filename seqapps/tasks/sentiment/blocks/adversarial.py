"""A worst case nearby: virtual adversarial training of word vectors."""

import tensorflow as tf

_PROBE = 0.1  # of the length of x, to find the worst direction


def unease(read, x, logits, strength: float):
    """How far the classes can be moved by a small step of the vectors.

        r = strength |x| g / |g|,  g = d/dr KL(p(x) || p(x + r)) at a random r
        unease = mean over texts of KL(p(x) || p(x + r))

    with |x| the length of all vectors of a text together, so that vectors do
    not grow away from it. It asks for no label. (Miyato, Dai and Goodfellow,
    Adversarial Training Methods for Semi-Supervised Text Classification, 2017,
    equations 5 and 6; their step has one length for all.)

    Args:
        read: vectors to logits.
        x: `(batch, time, size)`, 0 where padded.
        logits: of x, `(batch, classes)`.
        strength: length of the step, as a share of the length of x.

    Returns:
        A number.
    """
    logits, fixed = tf.stop_gradient(logits), tf.stop_gradient(x)
    there = tf.cast(tf.reduce_any(fixed != 0, -1, keepdims=True), x.dtype)
    length = _length(fixed)  # (batch, 1, 1)
    probe = tf.random.normal(tf.shape(x), dtype=x.dtype) * there
    probe = _PROBE * length * _unit(probe)
    with tf.GradientTape() as tape:
        tape.watch(probe)
        moved = _distance(logits, read(fixed + probe))
    worst = tf.stop_gradient(tape.gradient(moved, probe) * there)
    return _distance(logits, read(x + strength * length * _unit(worst)))


def _distance(logits, others):
    """The mean over texts of KL(softmax(logits) || softmax(others))."""
    logs = tf.nn.log_softmax(logits)  # (batch, classes)
    ratio = logs - tf.nn.log_softmax(others)
    return tf.reduce_mean(tf.reduce_sum(tf.exp(logs) * ratio, -1))


def _length(x):
    squares = tf.reduce_sum(tf.square(x), [1, 2], keepdims=True)
    return tf.sqrt(squares + 1e-12)


def _unit(x):
    x = x / (tf.reduce_max(tf.abs(x), [1, 2], keepdims=True) + 1e-30)
    return x / _length(x)
