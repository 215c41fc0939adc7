"""Forced decoding: what a network thinks of given sequences."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapps.decoding.stepping import array, shapes, take
from seqapps.text import PAD


def forced(step: Callable, states: Any, start, tokens):
    """The log-probability of each token of given sequences.

        l_t = log softmax(logits_t)[y_t], 0 where y_t is PAD

    The rules of a search do not renormalise, so a hypothesis of
    `beam_search` has the sum of these as its log-probability.

    Args:
        step: see `beam_search`; `rows` is the batch.
        states: nested tensors, the first axis the batch.
        start: `(batch,)`, the tokens before the first.
        tokens: `(batch, time)`, END the last, then PAD.

    Returns:
        `(batch, time)` log-probabilities, and looks `(batch, time, source)`,
        0 for PAD, or None where `step` gives none.
    """
    tokens = tf.cast(tokens, tf.int32)
    time = tf.shape(tokens)[1]
    has_looks = []  # whether `step` gives looks: known once it is traced

    def body(i, before, states, made, seen):
        logits, states, looks = take(step, before, states)
        wanted = tokens[:, i]
        log_p = tf.gather(tf.nn.log_softmax(logits), wanted, batch_dims=1)
        if looks is not None:
            has_looks[:] = [True]
            seen = seen.write(i, looks)
        return i + 1, wanted, states, made.write(i, log_p), seen

    begin = (
        tf.constant(0),
        tf.cast(start, tf.int32),
        states,
        array(tf.float32, time),
        array(tf.float32, time),
    )
    *_, made, seen = tf.while_loop(
        lambda i, *_: i < time, body, begin, shapes(begin)
    )
    there = tokens != PAD
    log_p = tf.where(there, tf.transpose(made.stack()), 0.0)
    if not has_looks:
        return log_p, None
    looks = tf.transpose(seen.stack(), [1, 0, 2])
    return log_p, tf.where(there[..., tf.newaxis], looks, 0.0)
