"""Counts the time of a tune, token by token."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.notation import bars as notation

TICKS = 384  # of a whole note: a triplet of demisemiquavers comes out even
LOOKBACKS = (1, 2, 4, 8, 16)  # bars
POSITIONS, SECTION_BARS = 160, 16  # how many values each feature has
NO_TOKEN = 0  # where nothing stood that many bars before
STAMPS_PER_BAR = 2**13  # see `Clock.stamp`
_TICKS_PER_POSITION = 4
_STAMPS_PER_TICK = 8
_BOUNDARIES = ("|:", ":|", "::", "||")


class ClockState(NamedTuple):
    """Where a tune stands in time; `(batch,)` int32 tensors.

    Args:
        bar_ticks: length of a whole bar.
        bar: bars begun before this one. A short bar at a repeat and the
            pick-up after it count as one.
        section_bar: the same, counted from the last repeat or double bar.
        position: ticks since the bar began.
        order: tokens of no length since the last note or bar line.
        tuplet_left: notes of the tuplet still to come.
        tuplet_notes: notes of the tuplet in all.
        tuplet_beats: the tuplet is played in the time of so many notes.
    """

    bar_ticks: tf.Tensor
    bar: tf.Tensor
    section_bar: tf.Tensor
    position: tf.Tensor
    order: tf.Tensor
    tuplet_left: tf.Tensor
    tuplet_notes: tf.Tensor
    tuplet_beats: tf.Tensor


class _TokenFacts(NamedTuple):
    """What the clock knows of a token; the flags are 0 or 1."""

    ticks: int = 0
    bar_ticks: int = 0
    tuplet_notes: int = 0
    tuplet_beats: int = 1
    bar_line: int = 0
    boundary: int = 0
    plain_bar_line: int = 0
    second_ending: int = 0
    in_body: int = 0


class Clock:
    """Counts time, token by token.

    Args:
        tokens: the vocabulary; metres are `M:6/8`.
    """

    def __init__(self, tokens: Sequence[str]):
        facts = [_token_facts(token) for token in tokens]
        self._facts = tf.constant(facts)  # (vocabulary, facts)
        self.ticks = [token.ticks for token in facts]
        self.longest_bar = max(token.bar_ticks for token in facts)

    def initial_state(self, batch: tf.Tensor | int) -> ClockState:
        """Returns the state before the first token."""
        zero = tf.zeros([batch], tf.int32)
        return ClockState(
            bar_ticks=zero,
            bar=zero,
            section_bar=zero,
            position=zero,
            order=zero,
            tuplet_left=zero,
            tuplet_notes=zero + 1,
            tuplet_beats=zero + 1,
        )

    def advance(
        self,
        token: tf.Tensor,
        state: ClockState,
        ticks: tf.Tensor | None = None,
    ) -> ClockState:
        """Returns the state after one more token.

        A bar line begins a new bar when it is a plain one or the bar is full;
        a shorter bar before a repeat goes on in the pick-up after it.

        Args:
            token: ids, `(batch,)`.
            state: before the token.
            ticks: written length of the token, `(batch,)`; None looks it up.
        """
        facts = _TokenFacts(
            *tf.unstack(tf.gather(self._facts, token), axis=-1)
        )  # (batch,) each
        ticks = facts.ticks if ticks is None else ticks
        bar_line = facts.bar_line > 0
        in_tuplet = state.tuplet_left > 0
        length = tf.where(
            in_tuplet, ticks * state.tuplet_beats // state.tuplet_notes, ticks
        )
        new_bar = (
            bar_line
            & ((facts.plain_bar_line > 0) | (state.position >= state.bar_ticks))
        ) | ((facts.second_ending > 0) & (state.position > 0))
        bars = tf.cast(new_bar, tf.int32)
        left = tf.maximum(state.tuplet_left - tf.cast(ticks > 0, tf.int32), 0)
        opens_tuplet = facts.tuplet_notes > 0
        return ClockState(
            bar_ticks=tf.where(
                facts.bar_ticks > 0, facts.bar_ticks, state.bar_ticks
            ),
            bar=state.bar + bars,
            section_bar=tf.where(
                facts.boundary > 0, 0, state.section_bar + bars
            ),
            position=tf.where(new_bar, 0, state.position + length),
            order=tf.where(
                new_bar | (length > 0), 0, state.order + facts.in_body
            ),
            tuplet_left=tf.where(
                opens_tuplet, facts.tuplet_notes, tf.where(bar_line, 0, left)
            ),
            tuplet_notes=tf.where(
                opens_tuplet, facts.tuplet_notes, state.tuplet_notes
            ),
            tuplet_beats=tf.where(
                opens_tuplet, facts.tuplet_beats, state.tuplet_beats
            ),
        )

    def stamp(self, state: ClockState) -> tf.Tensor:
        """Returns one integer for the time within the tune, `(batch,)`.

        Bar, position and order make it up, so stamps of the same position
        some bars apart differ by a multiple of one constant.
        """
        last = STAMPS_PER_BAR // _STAMPS_PER_TICK - 1
        position = tf.minimum(state.position, last)
        order = tf.minimum(state.order, _STAMPS_PER_TICK - 1)
        bar = state.bar * STAMPS_PER_BAR
        return bar + position * _STAMPS_PER_TICK + order

    def features(self, state: ClockState) -> tf.Tensor:
        """Returns position in the bar and bar of the section, `(batch, 2)`."""
        position = tf.minimum(
            state.position // _TICKS_PER_POSITION, POSITIONS - 1
        )
        bar = tf.minimum(state.section_bar, SECTION_BARS - 1)
        return tf.stack([position, bar], axis=-1)

    def inputs(self, ids: tf.Tensor) -> tf.Tensor:
        """Returns the network's inputs for whole tunes.

        Args:
            ids: `(batch, time)`.

        Returns:
            `(batch, time, 3 + lookbacks)`: the token, the two `features`
            after it, and the tokens that stood at the same position some bars
            before; `NO_TOKEN` where there was none.
        """
        count = tf.shape(ids)[1]
        rows = tf.TensorArray(tf.int32, count, element_shape=[None, 3])

        def body(
            i: tf.Tensor, state: ClockState, rows: tf.TensorArray
        ) -> tuple[tf.Tensor, ClockState, tf.TensorArray]:
            state = self.advance(ids[:, i], state)
            stamp = self.stamp(state)[:, tf.newaxis]
            row = tf.concat([stamp, self.features(state)], -1)
            return i + 1, state, rows.write(i, row)

        start = self.initial_state(tf.shape(ids)[0])
        *_, rows = tf.while_loop(
            lambda i, *_: i < count, body, (tf.constant(0), start, rows)
        )
        rows = tf.transpose(rows.stack(), [1, 0, 2])  # (batch, time, 3)
        stamps, features = rows[:, :, 0], rows[:, :, 1:]
        # the stamp after one token is when the next token begins
        following = tf.concat([ids[:, 1:], ids[:, :1]], 1)
        row, column = tf.range(count)[:, tf.newaxis], tf.range(count)
        earlier = tf.where(column < row, column, -1)  # (time, time)
        lookbacks = []
        for bars in LOOKBACKS:
            wanted = stamps - bars * STAMPS_PER_BAR
            same = stamps[:, tf.newaxis] == wanted[:, :, tf.newaxis]
            index = tf.reduce_max(tf.where(same, earlier, -1), -1)
            tokens = tf.gather(following, tf.maximum(index, 0), batch_dims=1)
            lookbacks.append(tf.where(index >= 0, tokens, NO_TOKEN))
        return tf.concat(
            [ids[:, :, tf.newaxis], features, tf.stack(lookbacks, -1)], -1
        )


def _token_facts(token: str) -> _TokenFacts:
    note, tuplet = notation.parse_note(token), notation.tuplet_size(token)
    meter = Fraction(token[2:]) if token[:2] == "M:" else 0
    in_header = token[:2] in ("M:", "K:") or token[:5] == "mode:"
    return _TokenFacts(
        ticks=int((note.length if note else 0) * TICKS),
        bar_ticks=int(meter * TICKS),
        tuplet_notes=tuplet,
        tuplet_beats=notation.TUPLETS.get(tuplet, 1),
        bar_line=int(token in notation.BAR_LINES),
        boundary=int(token in _BOUNDARIES),
        plain_bar_line=int(token == "|"),
        second_ending=int(token == "[2"),
        in_body=int(not in_header),
    )
