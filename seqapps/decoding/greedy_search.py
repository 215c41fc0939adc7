"""Greedy decoding: the likeliest token, one after another."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapps.decoding.constraints import Repeats, candidates, never
from seqapps.decoding.scores import Beams, is_zero, score
from seqapps.decoding.stepping import array, shapes, take
from seqapps.text import END, PAD


def greedy(
    step: Callable,
    states: Any,
    start,
    *,
    limits,
    length_penalty=1.0,
    coverage_penalty=0.0,
    no_repeat=0,
    minimum=0,
    banned=None,
    visible=None,
) -> Beams:
    """Takes the likeliest token at every step: `beam_search` of width one.

        y_t = argmax_v log softmax(logits_t)[v], of what the rules allow

    Args:
        step: see `beam_search`; `rows` is the batch.
        states: nested tensors, the first axis the batch.
        start: `(batch,)`, the tokens before the first; not in the result.
        limits: see `beam_search`, as all that follow. The penalties change
            the scores alone.
        length_penalty: see `score`.
        coverage_penalty: see `score`.
        no_repeat: no n-gram of so many tokens twice; 0 allows all.
        minimum: END comes after at least so many tokens.
        banned: `(vocabulary,)`, True for what is never taken.
        visible: `(batch, source)`, False for padding of the source.

    Returns:
        `Beams` with one hypothesis a row.
    """
    batch = tf.shape(start)[0]
    limits = tf.maximum(tf.cast(limits, tf.int32), 1)[:, tf.newaxis]
    most = tf.maximum(tf.reduce_max(limits), 1)
    repeats, forbidden = Repeats(no_repeat), never(banned, batch)
    has_looks = []  # whether `step` gives looks: known once it is traced

    def body(i, tokens, live, log_p, states, history, made, seen):
        logits, states, looks = take(step, tokens, states)
        values, tokens = candidates(
            logits,
            1,
            last=limits == i + 1,
            early=None if is_zero(minimum) else i < minimum,
            never=forbidden,
            repeated=repeats.forbidden(history),
        )  # (batch, 1)
        tokens = tf.where(live, tokens[:, 0], PAD)
        if looks is not None:
            has_looks[:] = [True]
            seen = seen.write(i, tf.where(live[:, tf.newaxis], looks, 0.0))
        return (
            i + 1,
            tokens,
            live & (tokens != END),
            log_p + tf.where(live, values[:, 0], 0.0),
            states,
            repeats.extend(history, tokens),
            made.write(i, tokens),
            seen,
        )

    begin = (
        tf.constant(0),
        tf.cast(start, tf.int32),
        tf.fill([batch], True),
        tf.zeros([batch]),
        states,
        repeats.begin(batch),
        array(tf.int32, most),
        array(tf.float32, most),
    )
    invariants = list(shapes(begin))
    invariants[5] = tf.nest.map_structure(
        lambda _: tf.TensorShape([None, None]), begin[5]
    )
    time, _, _, log_p, _, _, made, seen = tf.while_loop(
        lambda i, tokens, live, *_: (i == 0) | tf.reduce_any(live),
        body,
        begin,
        tuple(invariants),
    )
    times = tf.range(time)
    tokens = tf.transpose(made.gather(times))  # (batch, time)
    looks = None
    if has_looks:
        looks = tf.transpose(seen.gather(times), [1, 0, 2])
    lengths = tf.reduce_sum(tf.cast(tokens != PAD, tf.int32), 1)
    scores = score(
        log_p,
        lengths,
        None if looks is None else tf.reduce_sum(looks, 1),
        length_penalty=length_penalty,
        coverage_penalty=coverage_penalty,
        visible=visible,
    )
    return Beams(
        *(v[:, tf.newaxis] for v in (tokens, scores, log_p, lengths)),
        looks=None if looks is None else looks[:, tf.newaxis],
    )
