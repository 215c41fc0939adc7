"""Beam search: one compiled loop forwards, one back along the best."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.decoding.backtrace import backwards
from seqapps.decoding.constraints import Repeats, candidates, never
from seqapps.decoding.scores import Beams, brevity, is_zero, score
from seqapps.decoding.stepping import array, shapes, take
from seqapps.text import END

_NEVER = -float("inf")


class _Slots(NamedTuple):
    """What the loop carries; `rows` is batch * beam."""

    time: tf.Tensor  # ()
    live: tf.Tensor  # (): whether there is a live slot
    tokens: tf.Tensor  # (rows,): what the next step reads
    log_p: tf.Tensor  # (batch, beam): -inf where the slot is not live
    width: tf.Tensor  # (batch, 1): slots that no finished hypothesis has
    best: tf.Tensor  # (batch, nbest): scores of finished hypotheses
    states: Any  # (rows, ...)
    coverage: Any  # (rows, source): the sum of looks; () if not needed
    repeats: Any
    made: tuple  # TensorArrays, a row a time step: see `_Made`


class _Made(NamedTuple):
    """What every time step made, `(time, batch, beam)` each."""

    tokens: Any
    parents: Any
    log_p: Any
    scores: Any  # -inf where the slot did not finish at this step
    looks: Any  # of the step's own slots, not of those they became


def beam_search(
    step: Callable,
    states: Any,
    start,
    *,
    beam,
    limits,
    nbest=1,
    length_penalty=1.0,
    coverage_penalty=0.0,
    no_repeat=0,
    minimum=0,
    banned=None,
    visible=None,
) -> Beams:
    """The best sequences that a search of some width finds.

        log p(y_1..t) = log p(y_1..t-1) + log softmax(logits_t)[y_t]

    Every row has `beam` slots. At a step the continuations of its live slots
    compete by log p for the slots that no finished hypothesis holds; one that
    takes END is finished and keeps its slot. A row is done when none of its
    live slots can beat the `nbest`-th finished hypothesis by `score`:
    log p never grows, so log p / lp(limit) is the most that it can get. Rules
    (`limits`, `minimum`, `banned`, `no_repeat`) forbid tokens and leave the
    probabilities of the others as they are; a row that may take nothing else
    takes END. PAD is always forbidden. All this holds in a batch as for a row
    alone, and `beam=1` is `greedy`.

    Wu et al., Google's Neural Machine Translation System (2016), section 7.

    Args:
        step: `step(tokens, states) -> logits, states` or `logits, states,
            looks`, with `tokens` `(rows,)`, `logits` `(rows, vocabulary)` and
            `looks` `(rows, source)`, the attention. Slot k of example b is
            row b * beam + k. What never changes, an encoder's memory, is
            better held by `step` itself than put into the states: it is then
            not moved about at every step. Slots change places only within
            their example, so it may be repeated `beam` times once and for all
            or, cheaper, met as `(batch, beam, ...)`.
        states: nested tensors, the first axis the batch: `beam_search` repeats
            them. Their shapes stay as they are.
        start: `(batch,)`, the tokens before the first; not in the result.
        beam: slots a row.
        limits: `(batch,)`, the most tokens of each row, END counted, at least
            1; the last that fits can only be END, so all hypotheses end.
        nbest: hypotheses to return, of `beam` at most.
        length_penalty: see `score`; at least 0.
        coverage_penalty: see `score`; at least 0. A Python 0 saves work that
            a tensor does not.
        no_repeat: no n-gram of so many tokens twice; 0 allows all.
        minimum: END comes after at least so many tokens.
        banned: `(vocabulary,)`, True for what is never taken.
        visible: `(batch, source)`, False for padding of the source; only
            for `coverage_penalty`. None for all True.

    Returns:
        `Beams`; equal scores stand in the order in which they were finished.
    """
    batch = tf.shape(start)[0]
    limits = tf.maximum(tf.cast(limits, tf.int32), 1)[:, tf.newaxis]
    most = tf.maximum(tf.reduce_max(limits), 1)
    longest = brevity(limits, length_penalty)  # (batch, 1)
    last = tf.repeat(limits, beam, axis=0)  # (rows, 1)
    slot = tf.range(beam)
    first = tf.range(batch)[:, tf.newaxis] * beam  # each example's first row
    repeats, forbidden = Repeats(no_repeat), never(banned, batch * beam)
    covers = not is_zero(coverage_penalty)
    seen = None if visible is None else visible[:, tf.newaxis]
    has_looks = []  # whether `step` gives looks: known once it is traced

    def body(slots: _Slots):
        i, made = slots.time, slots.made
        logits, states, looks = take(step, slots.tokens, slots.states)
        values, tokens = candidates(
            logits,
            beam,
            last=last == i + 1,
            early=None if is_zero(minimum) else i < minimum,
            never=forbidden,
            repeated=repeats.forbidden(slots.repeats),
        )  # (rows, count)
        count = tf.shape(values)[1]
        values += tf.reshape(slots.log_p, [-1, 1])
        values = tf.reshape(values, [batch, beam * count])
        log_p, places = tf.math.top_k(values, beam)  # (batch, beam)
        log_p = tf.where(slot < slots.width, log_p, _NEVER)
        tokens = tf.gather(
            tf.reshape(tokens, [batch, beam * count]), places, batch_dims=1
        )
        # an empty slot may hold a place of no token, which `step` cannot take
        tokens = tf.where(log_p > _NEVER, tokens, END)
        parents = places // count
        rows = tf.reshape(first + parents, [-1])

        coverage, looks_sum = slots.coverage, None
        if looks is not None:
            has_looks[:] = [True]
            made = made._replace(looks=made.looks.write(i, looks))
            if covers:
                coverage = tf.gather(coverage + looks, rows)
                looks_sum = tf.reshape(
                    coverage, [batch, beam, tf.shape(looks)[1]]
                )
        scores = score(
            log_p,
            i + 1,
            looks_sum,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
            visible=seen,
        )
        ended = (tokens == END) & (log_p > _NEVER)
        scores = tf.where(ended, scores, _NEVER)
        best, _ = tf.math.top_k(
            tf.concat([slots.best, scores], 1), tf.shape(slots.best)[1]
        )
        live = tf.where(ended, _NEVER, log_p)
        most_yet = tf.reduce_max(live, 1, keepdims=True) / longest
        live = tf.where(most_yet > best[:, -1:], live, _NEVER)
        flat = tf.reshape(tokens, [-1])
        return (
            _Slots(
                time=i + 1,
                live=tf.reduce_any(live > _NEVER),
                tokens=flat,
                log_p=live,
                width=slots.width
                - tf.reduce_sum(tf.cast(ended, tf.int32), 1, keepdims=True),
                best=best,
                states=tf.nest.map_structure(
                    lambda state: tf.gather(state, rows), states
                ),
                coverage=coverage,
                repeats=repeats.extend(slots.repeats, flat, rows),
                made=made._replace(
                    tokens=made.tokens.write(i, tokens),
                    parents=made.parents.write(i, parents),
                    log_p=made.log_p.write(i, log_p),
                    scores=made.scores.write(i, scores),
                ),
            ),
        )

    begin = _Slots(
        time=tf.constant(0),
        live=tf.constant(True),
        tokens=tf.repeat(tf.cast(start, tf.int32), beam),
        log_p=tf.zeros([batch, 1]) + tf.where(slot == 0, 0.0, _NEVER),
        width=tf.fill([batch, 1], beam),
        best=tf.fill([batch, nbest], _NEVER),
        states=tf.nest.map_structure(
            lambda state: tf.repeat(state, beam, axis=0), states
        ),
        coverage=tf.zeros([batch * beam, 1]) if covers else (),
        repeats=repeats.begin(batch * beam),
        made=_Made(
            array(tf.int32, most),
            array(tf.int32, most),
            array(tf.float32, most),
            array(tf.float32, most),
            array(tf.float32, most),
        ),
    )
    wide = tf.TensorShape([None, None])
    (slots,) = tf.while_loop(
        lambda slots: slots.live,
        body,
        (begin,),
        (
            shapes(begin)._replace(
                coverage=wide if covers else (),
                repeats=tf.nest.map_structure(lambda _: wide, begin.repeats),
            ),
        ),
    )
    times = tf.range(slots.time)
    made = slots.made
    return backwards(
        *(a.gather(times) for a in made[:-1]),
        made.looks.gather(times) if has_looks else None,
        nbest,
    )
