"""Training batches: transposed chorales, and what of them is to be written."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from seqapps.tasks.chorale.codec import grid as grids
from seqapps.tasks.chorale.codec.base import shifts
from seqapps.tasks.chorale.codec.grid import HOLD, OPEN, REST, Grid
from seqapps.tasks.chorale.notation.chorale import VOICES, Chorale

_WORDS = {"_": HOLD, ".": REST, "?": OPEN}
_MODES = ("", "major", "minor")
# shares of what a batch asks for: the lower voices, all voices, each voice
# with even chance, a passage of all voices, a passage of some voices
_ASKED = (0.35, 0.15, 0.1, 0.2, 0.2)
_MULTIPLE = 64  # sixteenths that batches are padded to: few shapes to compile
_KNOWN = 0.7  # share of chorales whose fermatas and mode are told


class Tables(NamedTuple):
    """All chorales of a split, padded.

    Args:
        tokens: `(chorales, time, 4)`; see `Grid` for these.
        fermatas: `(chorales, time)`.
        lengths: `(chorales,)`; so for the rest.
        pickup: sixteenths before the first bar line.
        bar: sixteenths of a bar.
        mode: 0 unknown, 1 major, 2 minor.
        sharps: of the key signature.
        room: how far each can be transposed, down and up; `(chorales, 2)`.
    """

    tokens: tf.Tensor
    fermatas: tf.Tensor
    lengths: tf.Tensor
    pickup: tf.Tensor
    bar: tf.Tensor
    mode: tf.Tensor
    sharps: tf.Tensor
    room: tf.Tensor

    @classmethod
    def of(cls, rows: Sequence[tuple[Chorale, tuple[int, int]]]) -> "Tables":
        """Makes the tables of chorales, each with its room."""
        chorales = [chorale for chorale, _ in rows]
        longest = max(chorale.steps for chorale in chorales)
        time = -(-longest // _MULTIPLE) * _MULTIPLE
        tokens = np.full([len(rows), time, len(VOICES)], REST, np.int32)
        fermatas = np.zeros([len(rows), time], np.int32)
        for i, chorale in enumerate(chorales):
            for voice, text in enumerate(chorale.voices):
                words = [word.rstrip("^") for word in text.split()]
                tokens[i, : len(words), voice] = [
                    _WORDS[w] if w in _WORDS else int(w) for w in words
                ]
            marks = [n.start for n in chorale.notes(0) if n.fermata]
            if marks:
                fermatas[i] = grids.PLAIN
                fermatas[i, marks] = grids.MARKED

        def column(values: list[int]) -> tf.Tensor:
            return tf.constant(values, tf.int32)

        return cls(
            tokens=tf.constant(tokens),
            fermatas=tf.constant(fermatas),
            lengths=column([c.steps for c in chorales]),
            pickup=column([c.pickup for c in chorales]),
            bar=column([c.bar for c in chorales]),
            mode=column([_MODES.index(c.mode) for c in chorales]),
            sharps=column([c.sharps for c in chorales]),
            room=tf.constant([room for _, room in rows], tf.int32),
        )

    def grid(self, rows: tf.Tensor) -> Grid:
        """Returns chorales as they are, with nothing free."""
        lengths = tf.gather(self.lengths, rows)
        time = -(-tf.reduce_max(lengths) // _MULTIPLE) * _MULTIPLE
        tokens = tf.gather(self.tokens, rows)[:, :time]
        return Grid(
            tokens=tokens,
            free=tf.zeros_like(tokens, tf.bool),
            fermatas=tf.gather(self.fermatas, rows)[:, :time],
            marks=tf.zeros_like(tokens, tf.bool),  # the network sees none
            lengths=lengths,
            pickup=tf.gather(self.pickup, rows),
            bar=tf.gather(self.bar, rows),
            mode=tf.gather(self.mode, rows),
            shift=shifts(tf.gather(self.sharps, rows)),
        )

    def transposed(self, rows: tf.Tensor, seed: tf.Tensor) -> Grid:
        """Returns chorales in other keys; of some the mode is not told."""
        grid = self.grid(rows)
        room = tf.gather(self.room, rows)
        draw = _draw(seed, 1, tf.shape(rows))
        width = tf.cast(room[:, 1] - room[:, 0] + 1, tf.float32)
        by = room[:, 0] + tf.cast(tf.floor(draw * width), tf.int32)
        known = _draw(seed, 2, tf.shape(rows)) < _KNOWN
        told = _draw(seed, 3, tf.shape(rows))[:, tf.newaxis] < _KNOWN
        tokens = grid.tokens
        moved = tokens + by[:, tf.newaxis, tf.newaxis]
        return grid._replace(
            tokens=tf.where(tokens >= 0, moved, tokens),
            fermatas=tf.where(told, grid.fermatas, grids.UNKNOWN),
            mode=tf.where(known, grid.mode, 0),
            shift=(grid.shift - by + 5) % 12 - 5,
        )


def choose_free(grid: Grid, seed: tf.Tensor) -> Grid:
    """Chooses what of each chorale is to be written."""
    batch, time = tf.shape(grid.tokens)[0], tf.shape(grid.tokens)[1]
    voices = len(VOICES)
    lower = tf.constant([False, True, True, True])[tf.newaxis]
    some = _draw(seed, 4, [batch, voices]) < 0.5
    everything = tf.ones([batch, 1, voices], tf.bool)
    ends = tf.sort(_draw(seed, 5, [batch, 2]), axis=1)
    ends *= tf.cast(grid.lengths, tf.float32)[:, tf.newaxis]
    steps = tf.range(time, dtype=tf.float32)[tf.newaxis]
    within = (steps >= ends[:, :1]) & (steps <= ends[:, 1:])
    passage = grids.whole_notes(
        grid.tokens,
        tf.repeat(within[..., tf.newaxis], voices, axis=2),
    )
    asked = [
        tf.broadcast_to(each, [batch, time, voices])
        for each in (
            lower[:, tf.newaxis],
            everything,
            some[:, tf.newaxis],
            passage,
            passage & (some | lower)[:, tf.newaxis],
        )
    ]
    shares = tf.constant(np.cumsum(_ASKED)[:-1], tf.float32)
    draw = _draw(seed, 6, [batch, 1])
    which = tf.reduce_sum(tf.cast(draw > shares, tf.int32), 1)
    free = tf.gather(tf.stack(asked, 1), which, batch_dims=1)
    return grid._replace(free=free)


def _draw(seed: tf.Tensor, number: int, shape: tf.Tensor) -> tf.Tensor:
    """Uniform numbers from 0 to 1, others for each `number`."""
    seed = tf.random.experimental.stateless_fold_in(seed, number)
    return tf.random.stateless_uniform(shape, seed)
