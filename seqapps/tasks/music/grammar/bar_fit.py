"""Tables of the notes that fit into the rest of a bar."""

from collections.abc import Sequence
from math import gcd

import numpy as np
import tensorflow as tf

from seqapps.tasks.music.grammar.clock import TICKS, Clock, ClockState
from seqapps.tasks.music.notation import bars as notation

_MIN_TICKS_AFTER_TIE = TICKS // 8  # in the bar that a tie leads into
_LONGEST_TUPLET = 9


class BarFit:
    """Tables over the ticks left in a bar.

    A note fits when it leaves nothing, or a rest that other notes fill
    exactly. A tuplet takes notes of one length, and is charged as a whole at
    its first note. A tied note must be followed by one of its pitch, so it
    fits where such a note fits after it.

    Args:
        tokens: the vocabulary.
        clock: of the same vocabulary.
    """

    def __init__(self, tokens: Sequence[str], clock: Clock):
        facts = _Facts(tokens, clock)
        self._grid = facts.grid
        self._size = facts.size
        self.max_tokens_per_bar = facts.max_tokens_per_bar()
        wide = facts.rows(facts.lengths)
        narrow = facts.rows(facts.common_lengths)
        parts = [
            part.reshape(-1, len(tokens))
            for part in (*wide, facts.next_of_tuplet(), *narrow)
        ]
        parts.append(np.zeros([1, len(tokens)], bool))  # nothing fits
        _, first_row, next_row, self._narrow_row, _, self._nothing_row = (
            np.cumsum([0, *map(len, parts[:-1])]).tolist()
        )
        self._table = tf.constant(np.concatenate(parts))
        first_rows = np.zeros(_LONGEST_TUPLET + 1, np.int32)
        for row, count in enumerate(facts.tuplets):
            first_rows[count] = first_row + row * self._size
        next_rows = np.full(clock.longest_bar + 2, self._nothing_row, np.int32)
        for row, length in enumerate(facts.lengths):
            if length <= clock.longest_bar:
                next_rows[length] = next_row + row
        self._first_rows = tf.constant(first_rows)  # by notes of the tuplet
        self._next_rows = tf.constant(next_rows)  # by ticks of the last note
        self._can_fill = tf.constant(
            np.stack(
                [
                    facts.can_fill(facts.lengths),
                    facts.can_fill(facts.common_lengths),
                ]
            )
        )
        self.common_lengths = tf.constant(facts.common_lengths, tf.int32)
        self.notes = tf.constant(facts.sounds & ~facts.tied)
        self._continues = tf.constant(facts.continues())
        self._pitch_and_tie = tf.constant(
            np.stack([facts.pitch, facts.tied], 1), tf.int32
        )

    def pitch_and_tie(self, token: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the pitch's id and whether a tie leads on, `(batch,)`."""
        pitch, tied = tf.unstack(tf.gather(self._pitch_and_tie, token), axis=-1)
        return pitch, tied > 0

    def can_fill(
        self, ticks: tf.Tensor, narrow: tf.Tensor | bool = False
    ) -> tf.Tensor:
        """Returns whether notes can fill so many ticks exactly.

        Args:
            ticks: `(batch,)`.
            narrow: whether only notes of common lengths can, `()`.
        """
        cell = tf.clip_by_value(ticks // self._grid, 0, self._size - 1)
        on_grid = (ticks >= 0) & (ticks % self._grid == 0)
        row = tf.cast(narrow, tf.int32)
        return on_grid & tf.gather(self._can_fill[row], cell)

    def allowed(
        self,
        rest: tf.Tensor,
        may_go_on: tf.Tensor,
        clock: ClockState,
        tied_pitch: tf.Tensor,
        note_ticks: tf.Tensor,
        narrow: tf.Tensor | bool = False,
    ) -> tf.Tensor:
        """Returns which notes and tuplets fit, `(batch, vocabulary)`.

        Args:
            rest: ticks left in the bar; below 0 nothing fits.
            may_go_on: whether a plain bar line may follow, and a tie cross it.
            clock: its state.
            tied_pitch: id of the pitch that a tie holds; 0 for none.
            note_ticks: written length of the last note.
            narrow: whether only notes of common lengths fit, `()`.
        """
        on_grid = (rest >= 0) & (rest % self._grid == 0)
        cell = tf.clip_by_value(rest // self._grid, 0, self._size - 1)
        row = cell + self._size * tf.cast(may_go_on, tf.int32)
        first_row = tf.gather(self._first_rows, clock.tuplet_notes) + cell
        starts_tuplet = clock.tuplet_left == clock.tuplet_notes
        row = tf.where(starts_tuplet, first_row, row)
        row += self._narrow_row * tf.cast(narrow, tf.int32)
        row = tf.where(on_grid, row, self._nothing_row)
        ticks = tf.minimum(note_ticks, tf.size(self._next_rows) - 1)
        in_tuplet = (clock.tuplet_left > 0) & ~starts_tuplet & (rest >= 0)
        row = tf.where(in_tuplet, tf.gather(self._next_rows, ticks), row)
        return tf.gather(self._table, row) & tf.gather(
            self._continues, tied_pitch
        )


class _Facts:
    """Arrays over a vocabulary, and tables made of them.

    Tables have one row for every rest of a bar, in steps of `grid` ticks.
    """

    def __init__(self, tokens: Sequence[str], clock: Clock):
        notes = [notation.parse_note(token) for token in tokens]
        self.longest_bar = clock.longest_bar
        self.ticks = np.array(clock.ticks)
        self.sounds = np.array(
            [n is not None and n.pitch != "z" for n in notes]
        )
        self.tied = np.array([n is not None and n.tied for n in notes])
        self.plain = np.array(
            [n is not None and not n.accidental for n in notes]
        )
        self.pitches = sorted({n.pitch for n in notes if n and n.pitch != "z"})
        ids = {pitch: i for i, pitch in enumerate(self.pitches, 1)}
        self.pitch = np.array([ids.get(n.pitch, 0) if n else 0 for n in notes])
        self.tuplet = np.array(
            [notation.tuplet_size(token) for token in tokens]
        )
        self.tuplets = sorted(set(self.tuplet.tolist()) - {0})
        free = self.sounds & ~self.tied
        self.lengths = sorted(set(self.ticks[free].tolist()))
        # lengths that half of the pitches have: most of an octave has them
        self.common_lengths = [
            length
            for length in self.lengths
            if 2 * len(set(self.pitch[free & (self.ticks == length)].tolist()))
            >= len(self.pitches)
        ]
        self.grid = gcd(*self.lengths) if self.lengths else 1
        self.size = clock.longest_bar // self.grid + 1

    def max_tokens_per_bar(self) -> int:
        """Returns the most tokens that a bar may have, with its lines."""
        rates = {notation.TUPLETS[n] / (n + 1) for n in self.tuplets}
        ticks_per_token = min(rates | {1}) * min(
            self.lengths, default=self.grid
        )
        return int(self.longest_bar / ticks_per_token) + 2

    def rows(self, lengths: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Returns `notes` and `first_of_tuplet`, of notes of these lengths."""
        can_fill = self.can_fill(lengths)
        known = np.isin(self.ticks, lengths) | self.tied
        first_notes = self.first_of_tuplet(can_fill) & known
        notes = self.notes(can_fill, lengths) & known
        for row, count in enumerate(self.tuplets):
            opener = self.tuplet == count
            notes[:, :, opener] = first_notes[row].any(1)[None, :, None]
        return notes, first_notes

    def can_fill(self, lengths: Sequence[int]) -> np.ndarray:
        """Returns which rests notes of these lengths fill, `(size,)`."""
        fills = np.zeros(self.size, bool)
        fills[0] = True
        for rest in range(1, self.size):
            fills[rest] = any(
                length <= rest * self.grid and fills[rest - length // self.grid]
                for length in lengths
            )
        return fills

    def notes(self, can_fill: np.ndarray, lengths: Sequence[int]) -> np.ndarray:
        """Returns which notes fit, `(2, size, vocabulary)`.

        The first axis says whether a plain bar line may follow.
        """
        after_tie = self._after_tie(can_fill, lengths)
        least = -(-_MIN_TICKS_AFTER_TIE // self.grid)
        over_bar_line = np.all(after_tie[:, least:], axis=1)  # (pitches,)
        table = np.zeros([2, self.size, len(self.ticks)], bool)
        for i, length in enumerate(self.ticks // self.grid):
            if self.ticks[i] == 0 or self.ticks[i] % self.grid:
                continue
            for rest in range(length, self.size):
                left = rest - length
                if not self.tied[i]:
                    table[:, rest, i] = can_fill[left]
                elif left:
                    table[:, rest, i] = after_tie[self.pitch[i], left]
                else:
                    crosses = over_bar_line[self.pitch[i]] and self.plain[i]
                    table[1, rest, i] = crosses
        return table

    def _after_tie(
        self, can_fill: np.ndarray, lengths: Sequence[int]
    ) -> np.ndarray:
        """Returns where a tie of a pitch can end, `(pitches + 1, size)`."""
        table = np.zeros([len(self.pitches) + 1, self.size], bool)
        known = np.isin(self.ticks, lengths)
        ends = np.flatnonzero(self.sounds & self.plain & ~self.tied & known)
        for pitch, ticks in {(self.pitch[i], self.ticks[i]) for i in ends}:
            length = ticks // self.grid
            if length < self.size:  # a bar may be shorter
                table[pitch, length:] |= can_fill[: self.size - length]
        return table

    def first_of_tuplet(self, can_fill: np.ndarray) -> np.ndarray:
        """Returns the first notes that fit, `(tuplets, size, vocabulary)`."""
        table = np.zeros([len(self.tuplets), self.size, len(self.ticks)], bool)
        for row, count in enumerate(self.tuplets):
            beats = notation.TUPLETS[count]
            for i in np.flatnonzero(self.sounds & ~self.tied):
                whole = beats * self.ticks[i] // self.grid
                left = max(self.size - whole, 0)
                table[row, whole:, i] = can_fill[:left]
        return table

    def next_of_tuplet(self) -> np.ndarray:
        """Returns the notes of each length, `(lengths, vocabulary)`."""
        free = self.sounds & ~self.tied
        rows = [free & (self.ticks == length) for length in self.lengths]
        return np.stack(rows or [np.zeros(len(self.ticks), bool)])

    def continues(self) -> np.ndarray:
        """Returns what may follow a tie, `(pitches + 1, vocabulary)`."""
        pitches = np.arange(len(self.pitches) + 1)
        table = (self.pitch[None] == pitches[:, None]) & self.plain
        table[0] = True  # no tie
        return table
