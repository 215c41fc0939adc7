"""Which words made the class: integrated gradients.

Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks (2017).
"""

import tensorflow as tf

STEPS = 50  # points on the way from blank words to these


def integrate(model, inputs, temperature: float, steps: int = STEPS) -> tuple:
    """Contributions of words to the log-odds of the likeliest class.

        F(x) = log p_c - log(1 - p_c),  p = softmax(z(x) / temperature)
        a_t = sum_d x_td / K sum_k dF/dx_td at (k - 1/2) / K x

    x are the words' vectors, and 0 is a blank word. The sum over t tends to
    F(x) - F(0) as K grows; what is missing from it, a few hundredths of it, is
    shared out over the a_t as their sizes are, so that they sum to it.

    Args:
        model: a `TextNetwork`.
        inputs: `(batch, time, columns)`.
        temperature: of the probabilities.
        steps: K.

    Returns:
        Logits over the temperature `(batch, classes)`, contributions
        `(batch, time)`, and the change F(x) - F(0), `(batch,)`.
    """
    mask = inputs[..., 0] != 0  # (batch, time)
    x = model.vectors(inputs)  # (batch, time, embedding)
    logits = model.read(x, mask) / temperature  # (batch, classes)
    chosen = tf.argmax(logits, -1)  # (batch,)
    blank = model.read(tf.zeros_like(x), mask) / temperature
    change = _odds(logits, chosen) - _odds(blank, chosen)

    total = tf.zeros_like(x)
    whole = tf.cast(steps, x.dtype)

    def step(k, total):
        with tf.GradientTape() as tape:
            part = (tf.cast(k, x.dtype) + 0.5) / whole * x
            tape.watch(part)
            odds = _odds(model.read(part, mask) / temperature, chosen)
        return k + 1, total + tape.gradient(odds, part)

    _, total = tf.while_loop(
        lambda k, _: k < steps,
        step,
        (0, total),
        shape_invariants=(tf.TensorShape([]), x.shape),
    )
    given = tf.reduce_sum(x * total, -1) / whole  # (batch, time)
    missing = change - tf.reduce_sum(given, -1)  # (batch,)
    sizes = tf.abs(given)
    sizes /= tf.reduce_sum(sizes, -1, keepdims=True) + 1e-30
    given += missing[:, tf.newaxis] * sizes
    return logits, given, change


def _odds(logits, chosen):
    """Log-odds of a class: its logit less what the others come to."""
    own = tf.one_hot(chosen, logits.shape[-1], dtype=logits.dtype)
    others = tf.reduce_logsumexp(logits - 1e9 * own, -1)  # (batch,)
    return tf.reduce_sum(logits * own, -1) - others
