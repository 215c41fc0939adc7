"""Beam search: one compiled loop forwards, one back along the best."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.decoding.backtrace import History, trace_back
from seqapps.decoding.next_tokens import (
    RepeatedNgrams,
    best_tokens,
    places_of_banned,
)
from seqapps.decoding.scores import (
    Beams,
    is_zero,
    length_divisor,
    score_hypotheses,
)
from seqapps.decoding.stepping import (
    Number,
    Step,
    call_step,
    loop_invariants,
    step_array,
)
from seqapps.text import END

_IMPOSSIBLE = -float("inf")


class _Loop(NamedTuple):
    """The loop's variables; `rows` is batch * beam."""

    time: tf.Tensor  # ()
    is_live: tf.Tensor  # (): whether any slot is live
    tokens: tf.Tensor  # (rows,): the input of the next step
    log_p: tf.Tensor  # (batch, beam): -inf where the slot is not live
    width: tf.Tensor  # (batch, 1): slots that no finished hypothesis holds
    best: tf.Tensor  # (batch, nbest): scores of finished hypotheses
    states: Any  # (rows, ...)
    coverage: Any  # (rows, source): summed attention weights; () if not needed
    ngrams: Any  # see `RepeatedNgrams`
    history: History  # of TensorArrays


def beam_search(
    step: Step,
    states: Any,
    start: tf.Tensor,
    *,
    beam: Number,
    limits: tf.Tensor,
    nbest: Number = 1,
    length_penalty: Number = 1.0,
    coverage_penalty: Number = 0.0,
    no_repeat: Number = 0,
    minimum: Number = 0,
    banned: tf.Tensor | None = None,
    visible: tf.Tensor | None = None,
) -> Beams:
    """Searches for the best sequences with a beam of hypotheses.

        log p(y_1..t) = log p(y_1..t-1) + log softmax(logits_t)[y_t]

    Every row has `beam` slots. At a step the continuations of its live slots
    compete by log p for the slots that no finished hypothesis holds; one that
    takes END is finished and keeps its slot. A row is done when none of its
    live slots can beat the `nbest`-th finished hypothesis by its score: log p
    never grows, so log p / lp(limit) is the most that it can reach. Rules
    (`limits`, `minimum`, `banned`, `no_repeat`) forbid tokens and leave the
    probabilities of the others as they are; a row without an allowed token
    takes END. PAD is always forbidden. The result for a row does not depend on
    the batch, and `beam=1` is `greedy`.

    Wu et al., Google's Neural Machine Translation System (2016), section 7.

    Args:
        step: `step(tokens, states) -> logits, states` or `logits, states,
            attention_weights`, with `tokens` `(rows,)`, `logits`
            `(rows, vocabulary)` and `attention_weights` `(rows, source)`.
            Slot k of example b is row b * beam + k. Let `step` itself hold what
            never changes, such as an encoder's memory, instead of the states:
            these are moved about at every step. Slots change places only
            within their example, so the memory may be repeated `beam` times
            once or, cheaper, the rows reshaped to `(batch, beam, ...)`.
        states: nested tensors, the first axis the batch: `beam_search` repeats
            them. Their shapes stay as they are.
        start: `(batch,)`, the tokens before the first; not in the result.
        beam: slots a row.
        limits: `(batch,)`, the most tokens of each row, END included, at least
            1; the last that fits can only be END, so all hypotheses end.
        nbest: hypotheses to return, at most `beam`.
        length_penalty: see `score_hypotheses`; at least 0.
        coverage_penalty: see `score_hypotheses`; at least 0. A Python 0 saves
            work that a tensor does not.
        no_repeat: no n-gram of this many tokens occurs twice; 0 allows all.
        minimum: END comes after at least this many tokens.
        banned: `(vocabulary,)`, True for tokens that are never taken.
        visible: `(batch, source)`, False for padding of the source; only for
            `coverage_penalty`. None for all True.

    Returns:
        `Beams`; equal scores are in the order in which they were finished.
    """
    batch = tf.shape(start)[0]
    limits = tf.maximum(tf.cast(limits, tf.int32), 1)[:, tf.newaxis]
    max_steps = tf.maximum(tf.reduce_max(limits), 1)
    largest_divisor = length_divisor(limits, length_penalty)  # (batch, 1)
    last_step = tf.repeat(limits, beam, axis=0)  # (rows, 1)
    slot = tf.range(beam)
    first = tf.range(batch)[:, tf.newaxis] * beam  # each example's first row
    ngrams = RepeatedNgrams(no_repeat)
    banned_places = places_of_banned(banned, batch * beam)
    use_coverage = not is_zero(coverage_penalty)
    has_weights = False  # whether `step` returns weights: tracing it tells

    def body(loop: _Loop) -> tuple[_Loop]:
        nonlocal has_weights
        i, history = loop.time, loop.history
        logits, states, weights = call_step(step, loop.tokens, loop.states)
        values, tokens = best_tokens(
            logits,
            beam,
            is_last=last_step == i + 1,
            too_early=None if is_zero(minimum) else i < minimum,
            banned_places=banned_places,
            repeated=ngrams.forbidden(loop.ngrams),
        )  # (rows, count)
        count = tf.shape(values)[1]
        values += tf.reshape(loop.log_p, [-1, 1])
        values = tf.reshape(values, [batch, beam * count])
        log_p, places = tf.math.top_k(values, beam)  # (batch, beam)
        log_p = tf.where(slot < loop.width, log_p, _IMPOSSIBLE)
        tokens = tf.gather(
            tf.reshape(tokens, [batch, beam * count]), places, batch_dims=1
        )
        # an empty slot may hold a place of no token, which `step` cannot take
        tokens = tf.where(log_p > _IMPOSSIBLE, tokens, END)
        parents = places // count
        rows = tf.reshape(first + parents, [-1])

        coverage, attention_sum = loop.coverage, None
        if weights is not None:
            has_weights = True
            history = history._replace(
                attention_weights=history.attention_weights.write(i, weights)
            )
            if use_coverage:
                coverage = tf.gather(coverage + weights, rows)
                attention_sum = tf.reshape(
                    coverage, [batch, beam, tf.shape(weights)[1]]
                )
        scores = score_hypotheses(
            log_p,
            i + 1,
            attention_sum,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
            visible=None if visible is None else visible[:, tf.newaxis],
        )
        ended = (tokens == END) & (log_p > _IMPOSSIBLE)
        scores = tf.where(ended, scores, _IMPOSSIBLE)
        best, _ = tf.math.top_k(
            tf.concat([loop.best, scores], 1), tf.shape(loop.best)[1]
        )
        live = tf.where(ended, _IMPOSSIBLE, log_p)
        reachable = tf.reduce_max(live, 1, keepdims=True) / largest_divisor
        live = tf.where(reachable > best[:, -1:], live, _IMPOSSIBLE)
        next_tokens = tf.reshape(tokens, [-1])
        return (
            _Loop(
                time=i + 1,
                is_live=tf.reduce_any(live > _IMPOSSIBLE),
                tokens=next_tokens,
                log_p=live,
                width=loop.width
                - tf.reduce_sum(tf.cast(ended, tf.int32), 1, keepdims=True),
                best=best,
                states=tf.nest.map_structure(
                    lambda state: tf.gather(state, rows), states
                ),
                coverage=coverage,
                ngrams=ngrams.extend(loop.ngrams, next_tokens, rows),
                history=history._replace(
                    tokens=history.tokens.write(i, tokens),
                    parents=history.parents.write(i, parents),
                    log_p=history.log_p.write(i, log_p),
                    scores=history.scores.write(i, scores),
                ),
            ),
        )

    begin = _Loop(
        time=tf.constant(0),
        is_live=tf.constant(True),
        tokens=tf.repeat(tf.cast(start, tf.int32), beam),
        log_p=tf.zeros([batch, 1]) + tf.where(slot == 0, 0.0, _IMPOSSIBLE),
        width=tf.fill([batch, 1], beam),
        best=tf.fill([batch, nbest], _IMPOSSIBLE),
        states=tf.nest.map_structure(
            lambda state: tf.repeat(state, beam, axis=0), states
        ),
        coverage=tf.zeros([batch * beam, 1]) if use_coverage else (),
        ngrams=ngrams.begin(batch * beam),
        history=History(
            tokens=step_array(tf.int32, max_steps),
            parents=step_array(tf.int32, max_steps),
            log_p=step_array(tf.float32, max_steps),
            scores=step_array(tf.float32, max_steps),
            attention_weights=step_array(tf.float32, max_steps),
        ),
    )
    any_matrix = tf.TensorShape([None, None])
    invariants = loop_invariants(begin)._replace(
        coverage=any_matrix if use_coverage else (),
        ngrams=tf.nest.map_structure(lambda _: any_matrix, begin.ngrams),
    )
    (loop,) = tf.while_loop(
        lambda loop: loop.is_live, body, (begin,), (invariants,)
    )
    steps = tf.range(loop.time)
    history = loop.history
    weights = history.attention_weights
    return trace_back(
        History(
            tokens=history.tokens.gather(steps),
            parents=history.parents.gather(steps),
            log_p=history.log_p.gather(steps),
            scores=history.scores.gather(steps),
            attention_weights=weights.gather(steps) if has_weights else None,
        ),
        nbest,
    )
