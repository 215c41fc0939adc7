"""Sampling: one compiled loop over `step(tokens, states) -> logits, states`."""

from collections.abc import Callable

import tensorflow as tf

from seqapps.export.calls import demand
from seqapps.text import END, PAD

_NEVER = -float("inf")
_COLDEST = 1e-6  # below it a temperature is one at which only the peak is left


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
        temperature: below 1 bolder peaks, above 1 more surprise; 0 takes the
            likeliest token that is allowed.
        top_k: keep this many of the likeliest; 0 keeps all.
        top_p: keep the likeliest that together have this probability.
        banned: `(vocabulary,)`, True for what is never sampled. A row that may
            take nothing takes END.

    Returns:
        `(batch, time)` tokens; after END there is PAD.

    Raises:
        ValueError: the prompt is empty.
        tf.errors.InvalidArgumentError: the temperature is negative or not
            finite, or a logit is not a number.
    """
    if prompt.shape[1] == 0:
        raise ValueError("`prompt` must have a first token. Received: none")
    temperature = tf.cast(temperature, tf.float32)
    demand(
        (temperature >= 0) & tf.math.is_finite(temperature),
        "temperature must be a number of 0 or more, not",
        temperature,
    )
    top_k = tf.where(temperature == 0, 1, top_k)
    temperature = tf.maximum(temperature, _COLDEST)
    prompt = tf.cast(prompt, tf.int32)
    batch = tf.shape(prompt)[0]
    given = tf.shape(prompt)[1]
    tokens = tf.TensorArray(
        tf.int32, tf.maximum(length, 1), element_shape=[None]
    )
    tokens = tokens.write(0, prompt[:, 0])

    def go_on(i, token, ended, *_):
        return (i < length) & ~tf.reduce_all(ended)

    def body(i, token, ended, states, tokens):
        logits, states = step(token, states)  # (batch, vocabulary)
        wrong = tf.reduce_any(tf.math.is_nan(logits))
        demand(~wrong, "the network's logits are not numbers", "")
        logits = tf.cast(logits, tf.float32) / temperature
        if banned is not None:
            logits = tf.where(banned, _NEVER, logits)
        # where nothing is allowed, END is
        nothing = tf.reduce_all(logits == _NEVER, -1)  # (batch,)
        logits, order = likeliest(logits, top_k, top_p)
        drawn = tf.random.stateless_categorical(
            logits, 1, tf.stack([seed, i]), tf.int32
        )
        drawn = tf.where(nothing, 0, drawn[:, 0])
        drawn = tf.gather(order, drawn, batch_dims=1)  # (batch,)
        drawn = tf.where(nothing, END, drawn)
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
                lambda s: tf.TensorShape(
                    [None] * min(s.shape.rank, 1)
                ).concatenate(s.shape[1:]),
                states,
            ),
            tf.TensorShape(None),
        ),
    )
    return tf.transpose(tokens.stack())[:, :length]  # (batch, time)


def likeliest(logits, k, p):
    """The likeliest tokens: at most `k`, that together just reach `p`.

    Args:
        logits: `(batch, vocabulary)`.
        k: how many; 0 for all.
        p: of the probability that the `k` have, 1 for all.

    Returns:
        Logits sorted downwards, those left out at -inf, and the tokens in this
        order; `(batch, vocabulary)` each.
    """
    size = tf.shape(logits)[-1]
    logits, order = tf.math.top_k(logits, size)
    place = tf.range(size)
    kept = (place < k) | (k == 0)
    chances = tf.nn.softmax(tf.where(kept, logits, _NEVER))
    before = tf.cumsum(chances, axis=-1, exclusive=True)
    kept &= (before < p) | (place == 0)
    return tf.where(kept, logits, _NEVER), order
