"""How many bars a tune has: counted in the loop, and kept to."""

from collections.abc import Callable
from fractions import Fraction

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music import bars as notation

_TICKS = 384  # of a whole note: a triplet of semiquavers comes out even


def keep(step: Callable, codec, bars, meters) -> tuple[Callable, list]:
    """Wraps a network's step so that tunes end after so many bars.

    The time written is added up token by token. Before it fills `bars` bars
    the tune may not end; from then on it may only close, and then must. A
    pick-up is completed by the closing bar, so it is counted with it.

    Args:
        step: `step(tokens, states) -> logits, states`.
        codec: a `NoteCodec`.
        bars: how many; 0 leaves the length to the network.
        meters: numbers of metres, `(batch,)`.

    Returns:
        Another step, whose states are `[states, *registers]`, and the first
        registers.
    """
    tokens = codec.vocabulary.tokens
    notes = [notation.note(token) for token in tokens]
    ticks = tf.constant(
        [int(note.length * _TICKS) if note else 0 for note in notes]
    )
    notes_of = tf.constant([notation.tuplet(token) for token in tokens])
    beats_of = tf.constant(
        [notation.TUPLETS.get(notation.tuplet(t), 1) for t in tokens]
    )
    closes = tf.constant([token in ("|]", ":|") for token in tokens])
    ends = tf.range(len(tokens)) == text.END
    lengths = [int(Fraction(meter) * _TICKS) for meter in codec.meters]
    wanted = bars * tf.gather(lengths, meters)  # (batch,)

    def counting(token, states):
        states, written, left, into, of = states
        length = tf.gather(ticks, token)
        sounds = length > 0
        written += tf.where(left > 0, length * into // of, length)
        left = tf.maximum(left - tf.cast(sounds, tf.int32), 0)
        opened = tf.gather(notes_of, token)
        left = tf.where(opened > 0, opened, left)
        into = tf.where(opened > 0, tf.gather(beats_of, token), into)
        of = tf.where(opened > 0, opened, of)
        logits, states = step(token, states)
        full = (written >= wanted)[:, tf.newaxis]
        closed = full & tf.gather(closes, token)[:, tf.newaxis]
        allowed = tf.where(full, tf.where(closed, ends, closes), ~ends)
        logits = tf.where(allowed | (bars == 0), logits, -1e9)
        return logits, [states, written, left, into, of]

    zero = tf.zeros_like(meters)
    return counting, [zero, zero, zero + 1, zero + 1]
