"""Chorales as tensors: tokens, which of them are free, and their contexts."""

from typing import NamedTuple

import tensorflow as tf

HOLD, REST, OPEN = -1, -2, -3  # beside MIDI pitches
UNKNOWN, PLAIN, MARKED = 0, 1, 2  # of fermatas
_DOUBLINGS = 14  # a chorale has fewer than 2 ** 14 steps


class Grid(NamedTuple):
    """A batch of chorales, whole or in part.

    Args:
        tokens: MIDI pitches of notes that begin, `HOLD`, `REST` or `OPEN`;
            `(batch, time, 4)`.
        free: True for what is to be written, `(batch, time, 4)`.
        fermatas: of the soprano, what the network is told: `UNKNOWN`, `PLAIN`
            or `MARKED`, `(batch, time)`.
        marks: True where a voice has one, `(batch, time, 4)`.
        lengths: sixteenths of each chorale, `(batch,)`.
        pickup: sixteenths before its first bar line, `(batch,)`.
        bar: sixteenths of a bar, `(batch,)`.
        mode: 0 unknown, 1 major, 2 minor, `(batch,)`.
        shift: semitones that bring its key signature to none, `(batch,)`.
    """

    tokens: tf.Tensor
    free: tf.Tensor
    fermatas: tf.Tensor
    marks: tf.Tensor
    lengths: tf.Tensor
    pickup: tf.Tensor
    bar: tf.Tensor
    mode: tf.Tensor
    shift: tf.Tensor

    @property
    def valid(self) -> tf.Tensor:
        """True up to the end of each chorale, `(batch, time)`."""
        return tf.sequence_mask(self.lengths, tf.shape(self.tokens)[1])

    def repeated(self, count: tf.Tensor) -> "Grid":
        """Returns a grid of one chorale so many times."""
        return Grid(*(tf.repeat(each, count, axis=0) for each in self))


def note_starts(tokens: tf.Tensor) -> tf.Tensor:
    """Returns the step in which each note began, `(batch, time, 4)`."""
    steps = _steps(tokens)
    return _running_maximum(tf.where(tokens != HOLD, steps, 0))


def note_ends(tokens: tf.Tensor) -> tf.Tensor:
    """Returns the last step of each note, `(batch, time, 4)`."""
    steps = _steps(tokens)
    ends = tf.concat(
        [tokens[:, 1:] != HOLD, tf.ones_like(tokens[:, :1], tf.bool)], 1
    )
    backwards = tf.reverse(tf.where(ends, -steps, -(2**_DOUBLINGS)), [1])
    return -tf.reverse(_running_maximum(backwards), [1])


def sounding(tokens: tf.Tensor) -> tf.Tensor:
    """Returns what sounds in each step: pitches, `REST`, `OPEN` or `HOLD`.

    `HOLD` is left where nothing has begun.
    """
    starts = note_starts(tokens)
    each = tf.transpose(tokens, [0, 2, 1])  # (batch, 4, time)
    found = tf.gather(each, tf.transpose(starts, [0, 2, 1]), batch_dims=2)
    return tf.transpose(found, [0, 2, 1])


def whole_notes(tokens: tf.Tensor, free: tf.Tensor) -> tf.Tensor:
    """Returns what is free so that a note is free as a whole or not at all.

    A note is free if its beginning and its end are.
    """
    each = tf.transpose(free, [0, 2, 1])

    def at(steps: tf.Tensor) -> tf.Tensor:
        found = tf.gather(each, tf.transpose(steps, [0, 2, 1]), batch_dims=2)
        return tf.transpose(found, [0, 2, 1])

    return at(note_starts(tokens)) & at(note_ends(tokens))


def _steps(tokens: tf.Tensor) -> tf.Tensor:
    return tf.range(tf.shape(tokens)[1])[tf.newaxis, :, tf.newaxis]


def _running_maximum(x: tf.Tensor) -> tf.Tensor:
    """The maximum of all steps up to each, `(batch, time, ...)`."""
    time = tf.shape(x)[1]
    for doubling in range(_DOUBLINGS):
        by = tf.minimum(2**doubling, time)
        before = tf.pad(
            x[:, : time - by],
            [[0, 0], [by, 0], [0, 0]],
            constant_values=x.dtype.min,
        )
        x = tf.maximum(x, before)
    return x
