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
# a section begins after a whole bar, or one that its pick-up completes
_AFTER_FULL, _AFTER_SHORT = 1, 2
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


class Timeline(NamedTuple):
    """Where whole tunes stand after each of their tokens.

    Args:
        stamps: see `Clock.stamp`, `(batch, time)`.
        features: see `Clock.features`, `(batch, time, 2)`.
        position: ticks since the bar began, `(batch, time)`.
        bars: bars done as written, the pick-ups not counted, `(batch, time)`.
    """

    stamps: tf.Tensor
    features: tf.Tensor
    position: tf.Tensor
    bars: tf.Tensor


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
        orders_endings: whether `[1` and `[2` count in the order of tokens; if
            not, a bar stands at the same place in an ending as out of one.
    """

    def __init__(self, tokens: Sequence[str], orders_endings: bool = True):
        facts = [_token_facts(token) for token in tokens]
        if not orders_endings:
            facts = [
                fact._replace(in_body=0) if token in notation.ENDINGS else fact
                for fact, token in zip(facts, tokens, strict=True)
            ]
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

    def closes(self, token: tf.Tensor) -> tf.Tensor:
        """Returns whether tokens are bar lines that are no plain ones."""
        facts = _TokenFacts(*tf.unstack(tf.gather(self._facts, token), axis=-1))
        return (facts.bar_line > 0) & (facts.plain_bar_line == 0)

    def scan(self, ids: tf.Tensor, ticks: tf.Tensor | None = None) -> Timeline:
        """Returns where whole tunes stand after each of their tokens.

        Args:
            ids: `(batch, time)`.
            ticks: written length of each token; None looks it up.
        """
        count = tf.shape(ids)[1]
        rows = tf.TensorArray(tf.int32, count, element_shape=[None, 5])
        facts = _TokenFacts(*tf.unstack(tf.gather(self._facts, ids), axis=-1))
        plain, closes = facts.plain_bar_line > 0, self.closes(ids)

        def body(
            i: tf.Tensor,
            before: ClockState,
            pickup: tf.Tensor,
            bars: tf.Tensor,
            rows: tf.TensorArray,
        ) -> tuple[tf.Tensor, ClockState, tf.Tensor, tf.Tensor, tf.TensorArray]:
            length = None if ticks is None else ticks[:, i]
            state = self.advance(ids[:, i], before, length)
            shortest = before.bar_ticks + pickup - 1  # that is no pick-up
            is_pickup = (pickup > 0) & (before.position < shortest)
            counted = closes[:, i] | (plain[:, i] & ~is_pickup)
            bars += tf.cast(counted, tf.int32)
            ends_pickup = plain[:, i] | (facts.second_ending[:, i] > 0)
            begun = tf.where(state.position > 0, _AFTER_SHORT, _AFTER_FULL)
            pickup = tf.where(closes[:, i], begun, pickup)
            pickup = tf.where(ends_pickup, 0, pickup)
            stamp = self.stamp(state)[:, tf.newaxis]
            counts = tf.stack([state.position, bars], axis=-1)
            row = tf.concat([stamp, self.features(state), counts], -1)
            return i + 1, state, pickup, bars, rows.write(i, row)

        batch = tf.shape(ids)[0]
        start = (
            tf.constant(0),
            self.initial_state(batch),
            tf.fill([batch], _AFTER_FULL),
            tf.zeros([batch], tf.int32),
            rows,
        )
        *_, rows = tf.while_loop(lambda i, *_: i < count, body, start)
        rows = tf.transpose(rows.stack(), [1, 0, 2])  # (batch, time, 5)
        return Timeline(
            stamps=rows[:, :, 0],
            features=rows[:, :, 1:3],
            position=rows[:, :, 3],
            bars=rows[:, :, 4],
        )


def _token_facts(token: str) -> _TokenFacts:
    note, tuplet = notation.parse_note(token), notation.tuplet_size(token)
    meter = Fraction(token[2:]) if token[:2] == "M:" else 0
    in_header = token[:2] in ("M:", "K:", "R:") or token[:5] == "mode:"
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
