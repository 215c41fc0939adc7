"""Masks the tokens that would make a tune wrong.

A bar is filled exactly; a pick-up and the closing bar of a section make one
bar; tuplets, ties, repeats and endings are whole; the tune ends after so many
bars. Everything is integers, so it runs in the compiled loop.
"""

from collections.abc import Sequence

import tensorflow as tf

from seqapps.tasks.music.grammar import sections
from seqapps.tasks.music.grammar.bar_fit import BarFit
from seqapps.tasks.music.grammar.clock import Clock, ClockState
from seqapps.tasks.music.grammar.compass import Compass
from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.grammar.sections import (
    LINES,
    NO_LINE,
    Ending,
    GrammarState,
    Line,
    Phase,
    Repeat,
)

_MIN_BARS_BEFORE_ENDING = 3


class Grammar:
    """The grammar of a vocabulary.

    Args:
        tokens: the vocabulary; it has every one of `LINES`.
        clock: of the same vocabulary.
    """

    def __init__(self, tokens: Sequence[str], clock: Clock):
        self.bar_fit = BarFit(tokens, clock)
        lines = [LINES.index(t) if t in LINES else NO_LINE for t in tokens]
        self._lines = tf.constant(lines)

    def line(self, token: tf.Tensor) -> tf.Tensor:
        """Returns indices into `LINES`; `NO_LINE` for other tokens."""
        return tf.gather(self._lines, token)

    def initial_state(self, form: Form) -> GrammarState:
        """Returns the state before the first token.

        Args:
            form: what is requested.
        """
        bars = form.bars[:, 0]
        zero = tf.zeros_like(bars)
        repeat = tf.where(form.strict, form.repeated[:, 0], Repeat.MAYBE)
        return GrammarState(
            pickup_ticks=zero - 1,
            in_later_pickup=zero,
            bars_left=bars,
            bars_done=zero,
            section=zero,
            repeat=zero + repeat,
            ending=zero,
            ending_bars=zero,
            first_ending_bars=zero,
            phase=zero,
            tied_pitch=zero,
            note_ticks=zero,
        )

    def advance(
        self,
        token: tf.Tensor,
        clock: ClockState,
        state: GrammarState,
        form: Form,
        ticks: tf.Tensor,
    ) -> GrammarState:
        """Returns the state after one more token.

        Args:
            token: ids, `(batch,)`.
            clock: before the token.
            state: before the token.
            form: what is requested.
            ticks: written length of the token, `(batch,)`.
        """
        line = self.line(token)
        plain = line == Line.BAR
        closes = _is_closer(line)
        in_first = state.ending == Ending.FIRST
        full = clock.position >= clock.bar_ticks
        first_line = (state.pickup_ticks < 0) & (plain | closes)
        pickup_ticks = tf.where(
            first_line, tf.where(full, 0, clock.position), state.pickup_ticks
        )
        ends_pickup = (state.in_later_pickup > 0) | (first_line & ~full)
        counted = _int((plain & ~ends_pickup) | closes)
        bars_left = state.bars_left - counted
        ending_bars = state.ending_bars + counted
        leaves = closes & ~in_first  # the section
        plan_ends = leaves & (bars_left == 0)
        over = plan_ends & (state.section == form.last)
        next_planned = plan_ends & ~over
        section = state.section + _int(next_planned)
        opens_repeat = (line == Line.OPEN_REPEAT) | (line == Line.BOTH_REPEATS)
        still_open = (state.repeat == Repeat.MUST) & (
            state.ending == Ending.NONE
        )
        must_repeat = opens_repeat | (still_open & (line == Line.DOUBLE))
        pitch, tied = self.bar_fit.pitch_and_tie(token)
        return GrammarState(
            pickup_ticks=pickup_ticks,
            in_later_pickup=tf.where(
                leaves,
                _int(pickup_ticks > 0),
                tf.where(plain, 0, state.in_later_pickup),
            ),
            bars_left=tf.where(
                next_planned, form.at(form.bars, section), bars_left
            ),
            bars_done=tf.where(leaves, 0, state.bars_done + counted),
            section=section,
            repeat=tf.where(
                leaves, Repeat.MUST * _int(must_repeat), state.repeat
            ),
            ending=tf.where(
                line == Line.FIRST_ENDING,
                Ending.FIRST,
                tf.where(
                    line == Line.SECOND_ENDING,
                    Ending.SECOND,
                    state.ending * _int(~leaves),
                ),
            ),
            ending_bars=tf.where(_is_ending(line) | leaves, 0, ending_bars),
            first_ending_bars=tf.where(
                closes & in_first, ending_bars, state.first_ending_bars
            ),
            phase=tf.where(
                over,
                Phase.OVER,
                tf.where(closes & in_first, Phase.SECOND_ENDING, Phase.MUSIC),
            ),
            tied_pitch=tf.where(
                tied, pitch, tf.where(ticks > 0, 0, state.tied_pitch)
            ),
            note_ticks=tf.where(ticks > 0, ticks, state.note_ticks),
        )

    def can_continue(
        self,
        clock: ClockState,
        state: GrammarState,
        form: Form,
        compass: Compass | None = None,
    ) -> tf.Tensor:
        """Returns whether a right tune can go on from here, `(batch,)`."""
        allowed = self.allowed(clock, state, form, compass)
        some = tf.reduce_any(allowed, axis=1)
        return some & sections.bars_suffice(state, form)

    def allowed(
        self,
        clock: ClockState,
        state: GrammarState,
        form: Form,
        compass: Compass | None = None,
    ) -> tf.Tensor:
        """Returns which tokens may come next, `(batch, vocabulary)`.

        Args:
            clock: its state.
            state: the grammar's.
            form: what is requested.
            compass: the notes that there are; None for all.
        """
        narrow = compass.narrow if compass else False
        may_close, must_close = sections.closing(state, form)
        in_pickup = state.in_later_pickup > 0
        may_go_on = in_pickup | ~must_close  # a plain line may end this bar
        closing_ticks = clock.bar_ticks - tf.maximum(state.pickup_ticks, 0)
        ticks = tf.where(may_go_on, clock.bar_ticks, closing_ticks)
        music = state.phase == Phase.MUSIC
        due = sections.ending_is_due(state, form)
        due &= sections.is_fresh_bar(clock, state)
        rest = tf.where(music & ~due, ticks - clock.position, -1)
        # no tie may lead to both endings
        next_bar = state._replace(bars_left=state.bars_left - 1)
        may_tie = may_go_on & ~sections.ending_is_due(next_bar, form)
        notes = self.bar_fit.allowed(
            rest, may_tie, clock, state.tied_pitch, state.note_ticks, narrow
        )
        if compass:
            notes &= compass.notes
        no_tie = state.tied_pitch == 0
        may_have_line = music & (clock.tuplet_left == 0)
        ends_pickup = (
            (state.pickup_ticks < 0)
            & (clock.position > 0)
            & (2 * clock.position <= clock.bar_ticks)
            & self.bar_fit.can_fill(clock.bar_ticks - clock.position, narrow)
            & no_tie
        )
        full = clock.position == clock.bar_ticks
        bar_line = may_have_line & ((full & may_go_on) | ends_pickup)
        closes = (
            may_have_line
            & may_close
            & ~in_pickup
            & no_tie
            & (clock.position == closing_ticks)
            & (clock.position > 0)
        )
        first_ending = (
            may_have_line
            & sections.is_fresh_bar(clock, state)
            & (due | (state.bars_done >= _MIN_BARS_BEFORE_ENDING))
            & (due | (form.at(form.ending_bars, state.section) < 0))
            & no_tie  # it would lead to both endings
            & (state.repeat > Repeat.NEVER)
            & form.allows_endings(state.section)
            & sections.endings_fit(state.bars_left, 0, 0, form)
        )
        closers = sections.closers(state, form) & closes[:, tf.newaxis]
        by_line = tf.unstack(closers, len(LINES), axis=1)
        by_line[Line.BAR] = bar_line
        by_line[Line.FIRST_ENDING] = first_ending
        by_line[Line.SECOND_ENDING] = state.phase == Phase.SECOND_ENDING
        by_line[Line.END] = state.phase == Phase.OVER
        by_line.append(tf.zeros_like(bar_line))  # NO_LINE
        lines = tf.gather(tf.stack(by_line, axis=1), self._lines, axis=1)
        return notes | lines


def _is_closer(line: tf.Tensor) -> tf.Tensor:
    return sections.is_bar_line(line) & (line != Line.BAR)


def _is_ending(line: tf.Tensor) -> tf.Tensor:
    return (line == Line.FIRST_ENDING) | (line == Line.SECOND_ENDING)


def _int(condition: tf.Tensor) -> tf.Tensor:
    return tf.cast(condition, tf.int32)
