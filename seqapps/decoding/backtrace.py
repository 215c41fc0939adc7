"""From the ends of the best hypotheses back to their beginnings."""

import tensorflow as tf

from seqapps.decoding.scores import Beams
from seqapps.text import PAD

_NEVER = -float("inf")


def backwards(tokens, parents, log_p, scores, looks, nbest) -> Beams:
    """Reads the best hypotheses out of what every step of a search made.

    The search itself moves no history about: it notes from which slot each
    slot came, and this is followed once, at the end, for the best alone.

    Args:
        tokens: `(time, batch, beam)`, what each slot took.
        parents: `(time, batch, beam)`, the slot before from which it came.
        log_p: `(time, batch, beam)`, the sum so far.
        scores: `(time, batch, beam)`, -inf but where a hypothesis ended.
        looks: `(time, batch * beam, source)`, of the slots before, or None.
        nbest: how many to read.
    """
    time, batch, beam = tf.unstack(tf.shape(tokens))

    def by_row(values):  # (batch, time * beam + nbest)
        values = tf.transpose(values, [1, 0, 2])
        return tf.pad(
            tf.reshape(values, [batch, time * beam]),
            [[0, 0], [0, nbest]],  # where less was found than was asked for
            constant_values=_NEVER,
        )

    scores, places = tf.math.top_k(by_row(scores), nbest)  # (batch, nbest)
    found = scores > _NEVER
    lengths = tf.where(found, places // beam + 1, 0)
    longest = tf.maximum(tf.reduce_max(lengths), 1)

    def body(i, slot, slots):
        parent = tf.gather(parents[i], slot, batch_dims=1)
        before = tf.where(i < lengths, parent, slot)
        return i - 1, before, slots.write(i, slot)

    *_, slots = tf.while_loop(
        lambda i, *_: i >= 0,
        body,
        (
            longest - 1,
            places % beam,
            tf.TensorArray(tf.int32, longest, element_shape=[None, None]),
        ),
    )
    slots = tf.transpose(slots.stack(), [1, 2, 0])  # (batch, nbest, time)
    steps = tf.range(longest)
    inside = steps < lengths[..., tf.newaxis]
    # where slot 0 of this row and step lies in a flat (time, batch, beam)
    rows = tf.range(batch)[:, tf.newaxis, tf.newaxis]
    rows = (steps * batch + rows) * beam
    if looks is not None:
        looks = tf.reshape(looks, [time * batch * beam, tf.shape(looks)[-1]])
        before = tf.pad(slots[..., :-1], [[0, 0], [0, 0], [1, 0]])
        looks = tf.gather(looks, rows + before)
        looks = tf.where(inside[..., tf.newaxis], looks, 0.0)
    log_p = tf.gather(by_row(log_p), places, batch_dims=1)
    return Beams(
        tokens=tf.where(
            inside, tf.gather(tf.reshape(tokens, [-1]), rows + slots), PAD
        ),
        scores=scores,
        log_probabilities=tf.where(found, log_p, _NEVER),
        lengths=lengths,
        looks=looks,
    )
