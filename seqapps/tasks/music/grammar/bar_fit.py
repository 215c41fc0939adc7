"""Which notes fit into the rest of a bar: tables made once of a vocabulary."""

from math import gcd

import numpy as np
import tensorflow as tf

from seqapps.tasks.music.grammar.clock import TICKS, Clock
from seqapps.tasks.music.notation import bars as notation

_SOON = TICKS // 8  # a bar has at least an eighth left where a tie goes on


class Fit:
    """Tables over the ticks left in a bar.

    A note fits when it leaves nothing, or a rest that other notes fill
    exactly. A tuplet takes notes of one length, and is charged as a whole at
    its first note. A tied note must be followed by one of its pitch, so it
    fits where such a note fits after it.

    Args:
        tokens: the vocabulary.
        clock: of the same vocabulary.
    """

    def __init__(self, tokens: list[str], clock: Clock):
        notes = [notation.note(token) for token in tokens]
        ticks = np.array(clock.ticks)
        sounds = np.array([bool(n) and n.pitch != "z" for n in notes])
        tied = np.array([bool(n) and n.tied for n in notes])
        plain = np.array([bool(n) and not n.accidental for n in notes])
        pitches = sorted({n.pitch for n in notes if n and n.pitch != "z"})
        pitch = np.array(
            [
                pitches.index(n.pitch) + 1 if n and n.pitch != "z" else 0
                for n in notes
            ]
        )
        openers = np.array([notation.tuplet(token) for token in tokens])
        lengths = sorted(set(ticks[sounds & ~tied]))
        self._grid = gcd(*map(int, lengths)) if lengths else 1
        grid = self._grid
        times = {notation.TUPLETS[n] / (n + 1) for n in openers if n}
        rate = min(times | {1}) * min(lengths, default=grid)  # ticks a token
        self.most = int(clock.longest / rate) + 2  # tokens of a bar, with lines
        size = clock.longest // grid + 1
        fills = np.zeros(size, bool)  # rests that notes fill exactly
        fills[0] = True
        for rest in range(1, size):
            fills[rest] = any(
                length <= rest * grid and fills[rest - length // grid]
                for length in lengths
            )
        # what may go on from a tie, by pitch and rest
        follows = np.zeros([len(pitches) + 1, size], bool)
        for p, length in {
            (pitch[i], ticks[i]) for i in np.flatnonzero(sounds & plain & ~tied)
        }:
            step = length // grid
            if step < size:  # a bar may be shorter
                follows[p, step:] |= fills[: size - step]
        anywhere = follows[:, -(-_SOON // grid) :].all(axis=1)
        table = np.zeros([2, size, len(tokens)], bool)
        kinds = sorted(set(openers) - {0})
        firsts = np.zeros([len(kinds), size, len(tokens)], bool)
        for i, length in enumerate(ticks // grid):
            if ticks[i] == 0 or ticks[i] % grid:
                continue
            for rest in range(length, size):
                after = rest - length
                if not tied[i]:
                    table[:, rest, i] = fills[after]
                elif after:
                    table[:, rest, i] = follows[pitch[i], after]
                else:
                    table[1, rest, i] = anywhere[pitch[i]] and plain[i]
        for k, notes_ in enumerate(kinds):
            beats = notation.TUPLETS[notes_]
            for i in np.flatnonzero(sounds & ~tied):
                whole = beats * ticks[i] // grid
                firsts[k, whole:, i] = fills[: max(size - whole, 0)]
            table[:, :, openers == notes_] = firsts[k].any(1)[None, :, None]
        units = np.stack(
            [sounds & ~tied & (ticks == length) for length in lengths]
            or [np.zeros(len(tokens), bool)]
        )
        dead = np.zeros([1, len(tokens)], bool)
        flat = [t.reshape(-1, len(tokens)) for t in (table, firsts, units)]
        self._table = tf.constant(np.concatenate([*flat, dead]))
        self._dead = sum(map(len, flat))
        self._size = size
        first_row = np.zeros(10, np.int32)
        first_row[kinds] = (2 + np.arange(len(kinds))) * size
        self._first_row = tf.constant(first_row)
        unit_row = np.full(clock.longest + 2, self._dead, np.int32)
        for i, length in enumerate(lengths):
            if length <= clock.longest:
                unit_row[length] = len(flat[0]) + len(flat[1]) + i
        self._unit_row = tf.constant(unit_row)
        self._fills = tf.constant(fills)
        same = pitch[None] == np.arange(len(pitches) + 1)[:, None]
        same &= plain
        same[0] = True
        self._same = tf.constant(same)
        self._facts = tf.constant(np.stack([pitch, tied], 1), tf.int32)

    def read(self, token):
        """The pitch's number and whether a tie leads on: `(batch,)` each."""
        pitch, tied = tf.unstack(tf.gather(self._facts, token), axis=-1)
        return pitch, tied > 0

    def fills(self, ticks):
        """Whether notes can fill so many ticks exactly."""
        cell = tf.clip_by_value(ticks // self._grid, 0, self._size - 1)
        fine = (ticks >= 0) & (ticks % self._grid == 0)
        return fine & tf.gather(self._fills, cell)

    def allowed(self, rest, over, now, place):
        """Which notes and tuplets fit, `(batch, vocabulary)`.

        Args:
            rest: ticks left in the bar; below 0 nothing fits.
            over: whether a plain bar line may follow, and a tie cross it.
            now: the clock.
            place: of the grammar: its `tie` and `unit`.
        """
        fine = (rest >= 0) & (rest % self._grid == 0)
        cell = tf.clip_by_value(rest // self._grid, 0, self._size - 1)
        row = cell + self._size * tf.cast(over, tf.int32)
        first = tf.gather(self._first_row, now.notes) + cell
        row = tf.where(now.left == now.notes, first, row)
        row = tf.where(fine, row, self._dead)
        unit = tf.minimum(place.unit, tf.size(self._unit_row) - 1)
        inside = (now.left > 0) & (now.left < now.notes) & (rest >= 0)
        row = tf.where(inside, tf.gather(self._unit_row, unit), row)
        return tf.gather(self._table, row) & tf.gather(self._same, place.tie)
