"""Sections of a tune: when one may close, and by which bar line."""

from enum import IntEnum
from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.grammar.clock import ClockState
from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.notation.sections import ENDING_BARS

LINES = ("|", "||", "|]", "|:", ":|", "::", "[1", "[2", "<end>")
NO_LINE = len(LINES)  # a note, a rest or a tuplet


class Line(IntEnum):
    """Indices into `LINES`."""

    BAR = 0
    DOUBLE = 1
    FINAL = 2
    OPEN_REPEAT = 3
    CLOSE_REPEAT = 4
    BOTH_REPEATS = 5
    FIRST_ENDING = 6
    SECOND_ENDING = 7
    END = 8


class Repeat(IntEnum):
    """Whether a section is repeated."""

    NEVER = 0
    MAYBE = 1
    MUST = 2  # a sign opened it


class Ending(IntEnum):
    """Which ending a bar stands in."""

    NONE = 0
    FIRST = 1
    SECOND = 2


class Phase(IntEnum):
    """What is due next."""

    MUSIC = 0
    OVER = 1  # the end of the tune
    SECOND_ENDING = 2


# Which lines may close a section.
CLOSERS = (
    "|| |:",  # within the tune, Repeat.NEVER
    "|| |: :| ::",  # Repeat.MAYBE
    ":| ::",  # Repeat.MUST
    "|]",  # at the end of the tune, Repeat.NEVER
    "|] :|",  # Repeat.MAYBE
    ":|",  # Repeat.MUST
    ":|",  # the first ending
    "|| |:",  # the second ending
    "|]",  # the second ending, at the end of the tune
    "||",  # planned by a strict form: neither this section nor the next repeats
    "|:",  # the next repeats
    ":|",  # this one repeats
    "::",  # both repeat
)
# rows of `CLOSERS`; those of a `Repeat` are added to the first two
_WITHIN, _AT_END = 0, 3
_FIRST_ENDING, _SECOND_ENDING, _SECOND_ENDING_AT_END = 6, 7, 8
_PLANNED = 9  # + 2 if this section repeats, + 1 if the next does
_CLOSERS_TABLE = [[line in row.split() for line in LINES] for row in CLOSERS]


class GrammarState(NamedTuple):
    """What the grammar keeps beside the clock; `(batch,)` int32 tensors.

    Args:
        pickup_ticks: length of the pick-up; -1 before the first bar line.
        in_later_pickup: 1 in the pick-up of a section after the first.
        bars_left: bars that the planned section still has, with this one.
        bars_done: bars done since the section began.
        section: index of the planned section.
        repeat: see `Repeat`.
        ending: see `Ending`.
        ending_bars: bars done in the ending.
        first_ending_bars: bars of the first ending; the second needs as many.
        phase: see `Phase`.
        tied_pitch: id of the pitch that a tie holds; 0 for none.
        note_ticks: written length of the last note, which the other notes of
            a tuplet must have too.
    """

    pickup_ticks: tf.Tensor
    in_later_pickup: tf.Tensor
    bars_left: tf.Tensor
    bars_done: tf.Tensor
    section: tf.Tensor
    repeat: tf.Tensor
    ending: tf.Tensor
    ending_bars: tf.Tensor
    first_ending_bars: tf.Tensor
    phase: tf.Tensor
    tied_pitch: tf.Tensor
    note_ticks: tf.Tensor


def ending_is_due(state: GrammarState, form: Form) -> tf.Tensor:
    """Returns whether the plan has a first ending begin here, `(batch,)`."""
    ending_bars = form.at(form.ending_bars, state.section)
    return (
        (ending_bars > 0)
        & (state.bars_left == 2 * ending_bars)
        & (state.ending == Ending.NONE)
    )


def is_bar_line(line: tf.Tensor) -> tf.Tensor:
    """Returns whether an index into `LINES` is a bar line's."""
    return line <= Line.BOTH_REPEATS


def is_fresh_bar(clock: ClockState, state: GrammarState) -> tf.Tensor:
    """Returns whether a bar outside of endings has just begun, `(batch,)`."""
    fresh = (clock.position == 0) & (clock.order == 0)
    return fresh & (state.ending == Ending.NONE)


def _can_follow(bars: tf.Tensor, form: Form) -> tf.Tensor:
    """Returns whether so many bars may follow a closed section.

    Args:
        bars: `(batch,)` or `(batch, sizes)`.
        form: what is requested.
    """
    strict, least = form.strict, form.min_section_bars
    if bars.shape.rank == 2:
        strict, least = strict[:, tf.newaxis], least[:, tf.newaxis]
    return (bars == 0) | (~strict & (bars >= least))


def endings_fit(
    bars_left: tf.Tensor,
    ending_bars: tf.Tensor | int,
    more_than: tf.Tensor | int,
    form: Form,
) -> tf.Tensor:
    """Returns whether two equal endings fit into the bars left, `(batch,)`.

    Args:
        bars_left: with this one, `(batch,)`.
        ending_bars: bars done in the first ending.
        more_than: each ending has more bars than that.
        form: what is requested.
    """
    sizes = tf.constant(ENDING_BARS)
    done = tf.reshape(ending_bars, [-1, 1])
    rest = bars_left[:, tf.newaxis] + done - 2 * sizes  # (batch, sizes)
    longer = sizes > tf.reshape(more_than, [-1, 1])
    return tf.reduce_any(longer & (rest >= 0) & _can_follow(rest, form), axis=1)


def closing(state: GrammarState, form: Form) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns whether the section may, and must, end with this bar."""
    rest = state.bars_left - 1
    done = state.ending_bars + 1
    in_first = state.ending == Ending.FIRST
    in_second = state.ending == Ending.SECOND
    long = (state.bars_done + 1 >= form.min_section_bars) | form.strict
    may_plain = _can_follow(rest, form) & (long | (rest == 0))
    allowed_size = tf.reduce_any(
        done[:, tf.newaxis] == tf.constant(ENDING_BARS), axis=1
    )
    may_first = allowed_size & (rest >= done) & _can_follow(rest - done, form)
    equal = done >= state.first_ending_bars
    may = tf.where(in_first, may_first, tf.where(in_second, equal, may_plain))
    longer = endings_fit(state.bars_left, state.ending_bars, done, form)
    must = tf.where(in_first, ~longer, tf.where(in_second, equal, rest == 0))
    return may, must


def bars_suffice(state: GrammarState, form: Form) -> tf.Tensor:
    """Returns whether the bars left suffice for the endings begun, `(batch,)`.

    Args:
        state: the grammar's.
        form: what is requested.
    """
    due = state.phase == Phase.SECOND_ENDING
    in_second = due | (state.ending == Ending.SECOND)
    done = tf.where(due, 0, state.ending_bars)
    rest = state.bars_left - state.first_ending_bars + done
    return tf.where(
        in_second,
        (rest >= 0) & _can_follow(rest, form),
        tf.where(
            state.ending == Ending.FIRST,
            endings_fit(
                state.bars_left, state.ending_bars, state.ending_bars, form
            ),
            state.bars_left > 0,
        ),
    )


def closers(state: GrammarState, form: Form) -> tf.Tensor:
    """Returns which of `LINES` may close the section, `(batch, lines)`."""
    return tf.gather(tf.constant(_CLOSERS_TABLE), closers_row(state, form))


def closers_row(state: GrammarState, form: Form) -> tf.Tensor:
    """Returns the row of `CLOSERS` that holds, `(batch,)`."""
    section_ends = state.bars_left == 1
    tune_ends = section_ends & (state.section == form.last)
    in_second = state.ending == Ending.SECOND
    repeated = form.at(form.repeated, state.section)
    next_repeated = form.at(
        form.repeated, tf.minimum(state.section + 1, form.last)
    )
    planned = _PLANNED + 2 * tf.where(in_second, 0, repeated) + next_repeated
    planned_repeat = tf.where(in_second, 0, Repeat.MUST * repeated)
    repeat = tf.where(form.strict, planned_repeat, state.repeat)
    row = tf.where(
        tune_ends,
        tf.where(in_second, _SECOND_ENDING_AT_END, _AT_END + repeat),
        tf.where(
            section_ends & form.strict,
            planned,
            tf.where(in_second, _SECOND_ENDING, _WITHIN + state.repeat),
        ),
    )
    return tf.where(state.ending == Ending.FIRST, _FIRST_ENDING, row)
