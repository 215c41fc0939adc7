"""Decoding: one compiled loop over `step(tokens, states) -> logits, states`."""

from collections.abc import Callable

import tensorflow as tf

from seqapps.text import END, PAD

_NEVER = -1e9


def sample(
    step: Callable,
    states: list,
    prompt,
    *,
    length,
    seed,
    temperature=1.0,
    top_k=0,
    top_p=1.0,
    banned=None,
):
    """Samples one token after another.

        p(y_t | y_<t) = softmax(logits_t / temperature), cut to top-k, top-p

    Chance is stateless: token t of row b is a function of the seed, t, b and
    what came before it, so a batch begins as a smaller batch does.

    Args:
        step: `step(tokens, states) -> logits, states` with `tokens` `(batch,)`
            and `logits` `(batch, vocabulary)`.
        states: nested tensors, the first axis the batch.
        prompt: `(batch, given)` tokens to start with; PAD where the network
            chooses. The first is never PAD.
        length: the most tokens, prompt and end counted.
        seed: an integer.
        temperature: below 1 bolder peaks, above 1 more surprise.
        top_k: keep this many of the likeliest; 0 keeps all.
        top_p: keep the likeliest that together have this probability.
        banned: `(vocabulary,)`, True for what is never sampled.

    Returns:
        `(batch, time)` tokens; after END there is PAD.
    """
    batch = tf.shape(prompt)[0]
    given = tf.shape(prompt)[1]
    tokens = tf.TensorArray(tf.int32, length, element_shape=[None])
    tokens = tokens.write(0, prompt[:, 0])

    def go_on(i, token, ended, *_):
        return (i < length) & ~tf.reduce_all(ended)

    def body(i, token, ended, states, tokens):
        logits, states = step(token, states)  # (batch, vocabulary)
        logits = tf.cast(logits, tf.float32) / temperature
        if banned is not None:
            logits = tf.where(banned, _NEVER, logits)
        logits = nucleus(best(logits, top_k), top_p)
        drawn = tf.random.stateless_categorical(
            logits, 1, tf.stack([seed, i]), tf.int32
        )[:, 0]  # (batch,)
        asked = prompt[:, tf.minimum(i, given - 1)]  # (batch,)
        token = tf.where((i < given) & (asked != PAD), asked, drawn)
        token = tf.where(ended, PAD, token)
        return (
            i + 1,
            token,
            ended | (token == END),
            states,
            tokens.write(i, token),
        )

    *_, tokens = tf.while_loop(
        go_on,
        body,
        (
            tf.constant(1),
            prompt[:, 0],
            tf.zeros(batch, tf.bool),
            states,
            tokens,
        ),
        shape_invariants=(
            tf.TensorShape([]),
            tf.TensorShape([None]),
            tf.TensorShape([None]),
            tf.nest.map_structure(
                lambda s: tf.TensorShape([None, *s.shape[1:]]), states
            ),
            tf.TensorShape(None),
        ),
    )
    return tf.transpose(tokens.stack())  # (batch, time)


def best(logits, k):
    """Keeps the `k` largest logits of each row; all where `k` is 0."""
    size = tf.shape(logits)[-1]
    k = tf.where(k > 0, tf.minimum(k, size), size)
    floor = tf.sort(logits, direction="DESCENDING")[:, k - 1, tf.newaxis]
    return tf.where(logits < floor, _NEVER, logits)


def nucleus(logits, p):
    """Keeps the fewest likeliest tokens whose probability is at least `p`."""
    order = tf.argsort(logits, direction="DESCENDING", stable=True)
    chances = tf.nn.softmax(tf.gather(logits, order, batch_dims=1))
    before = tf.cumsum(chances, axis=-1, exclusive=True)  # (batch, vocabulary)
    kept = tf.reduce_sum(tf.cast(before < p, tf.int32), axis=-1)  # (batch,)
    rank = tf.argsort(order)  # (batch, vocabulary)
    return tf.where(rank < tf.maximum(kept, 1)[:, tf.newaxis], logits, _NEVER)
