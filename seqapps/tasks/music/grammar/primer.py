"""Checks a primer: people may write what the network may not."""

import tensorflow as tf

from seqapps.tasks.music.grammar.clock import ClockState
from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.grammar.mask import Grammar
from seqapps.tasks.music.grammar.sections import (
    LINES,
    NO_LINE,
    Ending,
    GrammarState,
    Line,
    Phase,
    Repeat,
    closers,
    is_bar_line,
    is_fresh_bar,
)


def may_have(
    grammar: Grammar,
    token: tf.Tensor,
    clock: ClockState,
    after: ClockState,
    state: GrammarState,
    form: Form,
) -> tf.Tensor:
    """Returns whether a primer may have a token here, `(batch,)`.

    Args:
        grammar: of the vocabulary.
        token: ids, `(batch,)`.
        clock: before the token.
        after: the clock after it.
        state: before the token.
        form: what is requested.
    """
    line = grammar.line(token)
    full = clock.position == clock.bar_ticks
    ends_pickup = (state.pickup_ticks < 0) & (clock.position > 0)
    ends_pickup &= grammar.bar_fit.can_fill(clock.bar_ticks - clock.position)
    closing_ticks = clock.bar_ticks - tf.maximum(state.pickup_ticks, 0)
    in_first = state.ending == Ending.FIRST
    planned = ~form.strict | (state.bars_left == 1) | in_first
    closes = (clock.position == closing_ticks) & planned
    closes &= state.in_later_pickup == 0
    closes &= _may_close(line, state, form)
    bar_line = tf.where(line == Line.BAR, full | ends_pickup, closes)
    music = state.phase == Phase.MUSIC
    first_ending = music & is_fresh_bar(clock, state)
    first_ending &= form.allows_endings(state.section)
    note = after.position <= after.bar_ticks
    fits = tf.where(is_bar_line(line), bar_line, note)
    fits = tf.where(line == Line.FIRST_ENDING, first_ending, fits & music)
    fits = tf.where(
        line == Line.SECOND_ENDING,
        state.phase == Phase.SECOND_ENDING,
        fits,
    )
    next_of_tuplet = (line == NO_LINE) & (after.tuplet_left < clock.tuplet_left)
    whole_tuplet = (clock.tuplet_left == 0) | next_of_tuplet
    return (whole_tuplet & fits) | (state.phase == Phase.OVER)


def _may_close(line: tf.Tensor, state: GrammarState, form: Form) -> tf.Tensor:
    """Returns whether a line of a primer may close its section, `(batch,)`.

    Unless the form is strict, people may repeat a section that no sign
    opened, and divide one that is to be repeated.

    Args:
        line: index into `LINES`, `(batch,)`.
        state: before the line.
        form: what is requested.
    """
    rows = closers(state, form)
    allowed = tf.gather(rows, line % len(LINES), batch_dims=1)
    # the next repeat needs no sign
    allowed |= (line == Line.CLOSE_REPEAT) & rows[:, Line.BOTH_REPEATS]
    opened_twice = (state.repeat == Repeat.MUST) & (line == Line.OPEN_REPEAT)
    free = (line != Line.FINAL) & ~opened_twice & ~form.strict
    return allowed | (free & (state.ending == Ending.NONE))
