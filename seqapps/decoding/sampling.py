"""Sampling: one compiled loop over `step(tokens, states) -> logits, states`."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.decoding.stepping import Number, Step, loop_invariants
from seqapps.export.calls import demand
from seqapps.text import END, PAD

_IMPOSSIBLE = -float("inf")
_COLDEST = 1e-6  # below it a temperature leaves only the likeliest token


class _Loop(NamedTuple):
    """The loop's variables."""

    time: tf.Tensor  # ()
    tokens: tf.Tensor  # (batch,): the input of the next step
    has_ended: tf.Tensor  # (batch,): True after END
    states: Any  # (batch, ...)
    all_tokens: tf.TensorArray  # (time, batch)


def sample(
    step: Step,
    states: Any,
    prompt: tf.Tensor,
    *,
    length: Number,
    seed: Number,
    temperature: Number = 1.0,
    top_k: Number = 0,
    top_p: Number = 1.0,
    banned: tf.Tensor | None = None,
) -> tf.Tensor:
    """Samples one token after another.

        p(y_t | y_<t) = softmax(logits_t / temperature), cut to top-k, top-p

    Random numbers are stateless: token t of row b is a function of the seed,
    t, b and the tokens before it, so the rows of a small batch are the first
    rows of a larger one.

    Args:
        step: `step(tokens, states) -> logits, states` with `tokens` `(batch,)`
            and `logits` `(batch, vocabulary)`.
        states: nested tensors, the first axis the batch.
        prompt: `(batch, prompt_length)` tokens to start with; PAD where the
            network chooses. The first is never PAD.
        length: the most tokens, prompt and END included.
        seed: an integer.
        temperature: below 1 sharpens the distribution, above 1 flattens it; 0
            takes the likeliest allowed token.
        top_k: sample from this many likeliest tokens; 0 for all.
        top_p: sample from the likeliest tokens that together have this
            probability.
        banned: `(vocabulary,)`, True for tokens that are never sampled. A row
            without an allowed token takes END.

    Returns:
        `(batch, time)` tokens; END is followed by PAD.

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
    prompt_length = tf.shape(prompt)[1]

    def body(loop: _Loop) -> tuple[_Loop]:
        i = loop.time
        logits, states = step(loop.tokens, loop.states)
        wrong = tf.reduce_any(tf.math.is_nan(logits))
        demand(~wrong, "the network's logits are not numbers", "")
        logits = tf.cast(logits, tf.float32) / temperature
        if banned is not None:
            logits = tf.where(banned, _IMPOSSIBLE, logits)
        all_banned = tf.reduce_all(logits == _IMPOSSIBLE, -1)  # (batch,)
        logits, order = filter_top_k_top_p(logits, top_k, top_p)
        ranks = tf.random.stateless_categorical(
            logits, 1, tf.stack([seed, i]), tf.int32
        )
        ranks = tf.where(all_banned, 0, ranks[:, 0])
        sampled = tf.gather(order, ranks, batch_dims=1)  # (batch,)
        sampled = tf.where(all_banned, END, sampled)
        prompted = prompt[:, tf.minimum(i, prompt_length - 1)]  # (batch,)
        tokens = tf.where(
            (i < prompt_length) & (prompted != PAD), prompted, sampled
        )
        tokens = tf.where(loop.has_ended, PAD, tokens)
        return (
            _Loop(
                time=i + 1,
                tokens=tokens,
                has_ended=loop.has_ended | (tokens == END),
                states=states,
                all_tokens=loop.all_tokens.write(i, tokens),
            ),
        )

    all_tokens = tf.TensorArray(
        tf.int32, tf.maximum(length, 1), element_shape=[None]
    )
    begin = _Loop(
        time=tf.constant(1),
        tokens=prompt[:, 0],
        has_ended=tf.zeros(batch, tf.bool),
        states=states,
        all_tokens=all_tokens.write(0, prompt[:, 0]),
    )
    (loop,) = tf.while_loop(
        lambda loop: (loop.time < length) & ~tf.reduce_all(loop.has_ended),
        body,
        (begin,),
        (loop_invariants(begin),),
    )
    tokens = tf.transpose(loop.all_tokens.stack())  # (batch, time)
    return tokens[:, :length]


def filter_top_k_top_p(
    logits: tf.Tensor, k: Number, p: Number
) -> tuple[tf.Tensor, tf.Tensor]:
    """Sorts logits and keeps the likeliest: at most `k`, that just reach `p`.

    Holtzman et al., The Curious Case of Neural Text Degeneration (2020).

    Args:
        logits: `(batch, vocabulary)`.
        k: how many tokens to keep; 0 for all.
        p: keep those that have this share of the probability of the `k`; 1
            for all.

    Returns:
        Logits in descending order, -inf where they are filtered out, and their
        tokens in this order; `(batch, vocabulary)` each.
    """
    size = tf.shape(logits)[-1]
    logits, order = tf.math.top_k(logits, size)
    rank = tf.range(size)
    keep = (rank < k) | (k == 0)
    probabilities = tf.nn.softmax(tf.where(keep, logits, _IMPOSSIBLE))
    likelier = tf.cumsum(probabilities, axis=-1, exclusive=True)
    keep &= (likelier < p) | (rank == 0)
    return tf.where(keep, logits, _IMPOSSIBLE), order
