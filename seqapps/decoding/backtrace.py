"""From the ends of the best hypotheses back to their first tokens."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.decoding.scores import Beams
from seqapps.decoding.stepping import Number
from seqapps.text import PAD

_IMPOSSIBLE = -float("inf")


class History(NamedTuple):
    """What every step of a search did with every slot."""

    tokens: tf.Tensor  # (time, batch, beam): the token that it took
    parents: tf.Tensor  # (time, batch, beam): the slot that it continues
    log_p: tf.Tensor  # (time, batch, beam): the sum so far
    scores: tf.Tensor  # (time, batch, beam): -inf unless a hypothesis ended
    # (time, batch * beam, source): with the slots as before the step, or None
    attention_weights: Any


def trace_back(history: History, nbest: Number) -> Beams:
    """Reads the best hypotheses out of the history of a search.

    The search itself moves no history about: each slot notes which slot it
    continues, and this is followed once, at the end, for the best only.

    Args:
        history: of all steps.
        nbest: how many hypotheses to read.
    """
    time, batch, beam = tf.unstack(tf.shape(history.tokens))

    def by_example(values: tf.Tensor) -> tf.Tensor:
        values = tf.transpose(values, [1, 0, 2])
        return tf.pad(
            tf.reshape(values, [batch, time * beam]),
            [[0, 0], [0, nbest]],  # where fewer ended than are requested
            constant_values=_IMPOSSIBLE,
        )  # (batch, time * beam + nbest)

    scores, ends = tf.math.top_k(by_example(history.scores), nbest)
    exists = scores > _IMPOSSIBLE  # (batch, nbest)
    lengths = tf.where(exists, ends // beam + 1, 0)
    longest = tf.maximum(tf.reduce_max(lengths), 1)
    slots = _slots(history.parents, ends % beam, lengths, longest)
    steps = tf.range(longest)
    is_token = steps < lengths[..., tf.newaxis]  # (batch, nbest, time)
    # where slot 0 of each example and step lies in a flat (time, batch, beam)
    first = tf.range(batch)[:, tf.newaxis, tf.newaxis]
    first = (steps * batch + first) * beam
    tokens = tf.gather(tf.reshape(history.tokens, [-1]), first + slots)
    weights = history.attention_weights
    if weights is not None:
        source = tf.shape(weights)[-1]
        weights = tf.reshape(weights, [time * batch * beam, source])
        parents = tf.pad(slots[..., :-1], [[0, 0], [0, 0], [1, 0]])
        weights = tf.gather(weights, first + parents)
        weights = tf.where(is_token[..., tf.newaxis], weights, 0.0)
    log_p = tf.gather(by_example(history.log_p), ends, batch_dims=1)
    return Beams(
        tokens=tf.where(is_token, tokens, PAD),
        scores=scores,
        log_probabilities=tf.where(exists, log_p, _IMPOSSIBLE),
        lengths=lengths,
        attention_weights=weights,
    )


def _slots(
    parents: tf.Tensor, last: tf.Tensor, lengths: tf.Tensor, longest: tf.Tensor
) -> tf.Tensor:
    """The slot of each hypothesis at each step, `(batch, nbest, time)`.

    Args:
        parents: see `History`.
        last: `(batch, nbest)`, the slot of its last step.
        lengths: `(batch, nbest)`, how many steps it has.
        longest: the most steps.
    """

    def body(
        i: tf.Tensor, slot: tf.Tensor, slots: tf.TensorArray
    ) -> tuple[tf.Tensor, tf.Tensor, tf.TensorArray]:
        parent = tf.gather(parents[i], slot, batch_dims=1)
        previous = tf.where(i < lengths, parent, slot)
        return i - 1, previous, slots.write(i, slot)

    empty = tf.TensorArray(tf.int32, longest, element_shape=[None, None])
    *_, slots = tf.while_loop(
        lambda i, *_: i >= 0, body, (longest - 1, last, empty)
    )
    return tf.transpose(slots.stack(), [1, 2, 0])
