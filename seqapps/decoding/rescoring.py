"""Forced decoding: scores given target sequences under the model."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.decoding.stepping import (
    Step,
    call_step,
    loop_invariants,
    step_array,
)
from seqapps.text import PAD


class _Loop(NamedTuple):
    """The loop's variables; `rows` is the batch."""

    time: tf.Tensor  # ()
    tokens: tf.Tensor  # (rows,): the input of the next step
    states: Any  # (rows, ...)
    log_p: tf.TensorArray  # (time, rows)
    attention_weights: tf.TensorArray  # (time, rows, source)


def forced_decoding(
    step: Step, states: Any, start: tf.Tensor, tokens: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Computes the log-probability of each token of given sequences.

        l_t = log softmax(logits_t)[y_t], 0 where y_t is PAD

    The rules of a search do not renormalise, so the log-probability of a
    hypothesis of `beam_search` is the sum of these.

    Args:
        step: see `beam_search`; `rows` is the batch.
        states: nested tensors, the first axis the batch.
        start: `(batch,)`, the tokens before the first.
        tokens: `(batch, time)`, END last, then PAD.

    Returns:
        `(batch, time)` log-probabilities, and attention weights
        `(batch, time, source)`, 0 for PAD, or None if `step` returns none.
    """
    tokens = tf.cast(tokens, tf.int32)
    time = tf.shape(tokens)[1]
    has_weights = False  # whether `step` returns weights: tracing it tells

    def body(loop: _Loop) -> tuple[_Loop]:
        nonlocal has_weights
        i = loop.time
        logits, states, weights = call_step(step, loop.tokens, loop.states)
        targets = tokens[:, i]
        log_p = tf.gather(tf.nn.log_softmax(logits), targets, batch_dims=1)
        all_weights = loop.attention_weights
        if weights is not None:
            has_weights = True
            all_weights = all_weights.write(i, weights)
        return (
            _Loop(
                i + 1, targets, states, loop.log_p.write(i, log_p), all_weights
            ),
        )

    begin = _Loop(
        time=tf.constant(0),
        tokens=tf.cast(start, tf.int32),
        states=states,
        log_p=step_array(tf.float32, time),
        attention_weights=step_array(tf.float32, time),
    )
    (loop,) = tf.while_loop(
        lambda loop: loop.time < time,
        body,
        (begin,),
        (loop_invariants(begin),),
    )
    is_token = tokens != PAD
    log_p = tf.where(is_token, tf.transpose(loop.log_p.stack()), 0.0)
    if not has_weights:
        return log_p, None
    weights = tf.transpose(loop.attention_weights.stack(), [1, 0, 2])
    return log_p, tf.where(is_token[..., tf.newaxis], weights, 0.0)
