"""Greedy decoding: the likeliest token at every step."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.decoding.next_tokens import (
    RepeatedNgrams,
    best_tokens,
    places_of_banned,
)
from seqapps.decoding.scores import Beams, is_zero, score_hypotheses
from seqapps.decoding.stepping import (
    Number,
    Step,
    call_step,
    loop_invariants,
    step_array,
)
from seqapps.text import END, PAD


class _Loop(NamedTuple):
    """The loop's variables; `rows` is the batch."""

    time: tf.Tensor  # ()
    tokens: tf.Tensor  # (rows,): the input of the next step
    is_live: tf.Tensor  # (rows,): False after END
    log_p: tf.Tensor  # (rows,)
    states: Any  # (rows, ...)
    ngrams: Any  # see `RepeatedNgrams`
    all_tokens: tf.TensorArray  # (time, rows)
    attention_weights: tf.TensorArray  # (time, rows, source)


def greedy(
    step: Step,
    states: Any,
    start: tf.Tensor,
    *,
    limits: tf.Tensor,
    length_penalty: Number = 1.0,
    coverage_penalty: Number = 0.0,
    no_repeat: Number = 0,
    minimum: Number = 0,
    banned: tf.Tensor | None = None,
    visible: tf.Tensor | None = None,
) -> Beams:
    """Takes the likeliest token at every step: `beam_search` of width one.

        y_t = argmax_v log softmax(logits_t)[v], over the allowed tokens

    Args:
        step: see `beam_search`; `rows` is the batch.
        states: nested tensors, the first axis the batch.
        start: `(batch,)`, the tokens before the first; not in the result.
        limits: see `beam_search`, as for all that follow. The penalties
            change only the scores.
        length_penalty: see `score_hypotheses`.
        coverage_penalty: see `score_hypotheses`.
        no_repeat: no n-gram of this many tokens occurs twice; 0 allows all.
        minimum: END comes after at least this many tokens.
        banned: `(vocabulary,)`, True for tokens that are never taken.
        visible: `(batch, source)`, False for padding of the source.

    Returns:
        `Beams` with one hypothesis a row.
    """
    batch = tf.shape(start)[0]
    limits = tf.maximum(tf.cast(limits, tf.int32), 1)[:, tf.newaxis]
    longest = tf.maximum(tf.reduce_max(limits), 1)
    ngrams = RepeatedNgrams(no_repeat)
    banned_places = places_of_banned(banned, batch)
    has_weights = False  # whether `step` returns weights: tracing it tells

    def body(loop: _Loop) -> tuple[_Loop]:
        nonlocal has_weights
        i = loop.time
        logits, states, weights = call_step(step, loop.tokens, loop.states)
        log_p, tokens = best_tokens(
            logits,
            1,
            is_last=limits == i + 1,
            too_early=None if is_zero(minimum) else i < minimum,
            banned_places=banned_places,
            repeated=ngrams.forbidden(loop.ngrams),
        )  # (rows, 1)
        live = loop.is_live
        tokens = tf.where(live, tokens[:, 0], PAD)
        all_weights = loop.attention_weights
        if weights is not None:
            has_weights = True
            weights = tf.where(live[:, tf.newaxis], weights, 0.0)
            all_weights = all_weights.write(i, weights)
        return (
            _Loop(
                time=i + 1,
                tokens=tokens,
                is_live=live & (tokens != END),
                log_p=loop.log_p + tf.where(live, log_p[:, 0], 0.0),
                states=states,
                ngrams=ngrams.extend(loop.ngrams, tokens),
                all_tokens=loop.all_tokens.write(i, tokens),
                attention_weights=all_weights,
            ),
        )

    begin = _Loop(
        time=tf.constant(0),
        tokens=tf.cast(start, tf.int32),
        is_live=tf.fill([batch], True),
        log_p=tf.zeros([batch]),
        states=states,
        ngrams=ngrams.begin(batch),
        all_tokens=step_array(tf.int32, longest),
        attention_weights=step_array(tf.float32, longest),
    )
    invariants = loop_invariants(begin)._replace(
        ngrams=tf.nest.map_structure(
            lambda _: tf.TensorShape([None, None]), begin.ngrams
        )
    )
    (loop,) = tf.while_loop(
        lambda loop: (loop.time == 0) | tf.reduce_any(loop.is_live),
        body,
        (begin,),
        (invariants,),
    )
    steps = tf.range(loop.time)
    tokens = tf.transpose(loop.all_tokens.gather(steps))  # (batch, time)
    weights = None
    if has_weights:
        weights = loop.attention_weights.gather(steps)
        weights = tf.transpose(weights, [1, 0, 2])  # (batch, time, source)
    lengths = tf.reduce_sum(tf.cast(tokens != PAD, tf.int32), 1)
    scores = score_hypotheses(
        loop.log_p,
        lengths,
        None if weights is None else tf.reduce_sum(weights, 1),
        length_penalty=length_penalty,
        coverage_penalty=coverage_penalty,
        visible=visible,
    )
    return Beams(
        tokens=tokens[:, tf.newaxis],
        scores=scores[:, tf.newaxis],
        log_probabilities=loop.log_p[:, tf.newaxis],
        lengths=lengths[:, tf.newaxis],
        attention_weights=None if weights is None else weights[:, tf.newaxis],
    )
