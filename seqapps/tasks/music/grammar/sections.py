"""Sections: when one may close, and by which bar line."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.grammar.form import Form

LINES = ("|", "||", "|]", "|:", ":|", "::", "[1", "[2", "<end>")
_ENDINGS = (1, 2, 4)  # bars that a first ending may have
# Which lines may close a section. Repeatable: 0 no, 1 it may be repeated, 2 it
# must be, for a sign opened it.
CLOSERS = (
    "|| |:",  # within the tune, not repeatable
    "|| |: :| ::",
    ":| ::",
    "|]",  # at the end of the tune, not repeatable
    "|] :|",
    ":|",
    ":|",  # the first ending
    "|| |:",  # the second ending
    "|]",  # the second ending, at the end
    "||",  # asked for by a form: this section repeated or not, then the next
    "|:",
    ":|",
    "::",
)
_FIRST, _SECOND, _ASKED = 6, 7, 9
_MAY = [[line in row.split() for line in LINES] for row in CLOSERS]


class Place(NamedTuple):
    """Registers, `(batch,)` integers each, beside the clock's.

    Args:
        pickup: its ticks; -1 before the first bar line.
        short: 1 in the pick-up of a later section.
        left: bars that the planned section still has, this one counted.
        since: bars done since the section began.
        part: which planned section it is.
        repeatable: see `CLOSERS`.
        ending: 0 none, 1 the first, 2 the second.
        done: bars done in the ending.
        asked: bars of the first ending, for the second to have.
        phase: whether the tune is over, or the second ending due.
        tie: number of the pitch that is held on; 0 for none.
        unit: ticks of each note of the tuplet.
    """

    pickup: tf.Tensor
    short: tf.Tensor
    left: tf.Tensor
    since: tf.Tensor
    part: tf.Tensor
    repeatable: tf.Tensor
    ending: tf.Tensor
    done: tf.Tensor
    asked: tf.Tensor
    phase: tf.Tensor
    tie: tf.Tensor
    unit: tf.Tensor


def _right(bars, form: Form):
    """Whether a section of so many bars may follow."""
    return (bars == 0) | (~form.strict & (bars >= form.shortest))


def feasible(left, done, least, form: Form):
    """Whether two equal endings come out, with more than `least` bars each."""
    sizes = tf.constant(_ENDINGS)
    rest = left[:, tf.newaxis] + tf.reshape(done, [-1, 1]) - 2 * sizes
    longer = sizes > tf.reshape(least, [-1, 1])
    return tf.reduce_any(longer & (rest >= 0) & _right(rest, form), axis=1)


def closing(place: Place, form: Form):
    """Whether the section may, and whether it must, end with this bar."""
    rest = place.left - 1
    done = place.done + 1
    first, second = place.ending == 1, place.ending == 2
    long = (place.since + 1 >= form.shortest) | form.strict
    plain = _right(rest, form) & (long | (rest == 0))
    size = tf.reduce_any(done[:, tf.newaxis] == tf.constant(_ENDINGS), axis=1)
    back = size & (rest >= done) & _right(rest - done, form)
    equal = done >= place.asked
    may = tf.where(first, back, tf.where(second, equal, plain))
    longer = feasible(place.left, place.done, done, form)
    must = tf.where(first, ~longer, tf.where(second, equal, rest == 0))
    return may, must


def comes_out(place: Place, due, form: Form):
    """Whether the bars left are enough, and right for the endings begun.

    Args:
        place: the registers.
        due: whether the second ending must come now.
        form: what was asked for.
    """
    second = due | (place.ending == 2)
    rest = place.left - place.asked + tf.where(due, 0, place.done)
    return tf.where(
        second,
        (rest >= 0) & _right(rest, form),
        tf.where(
            place.ending == 1,
            feasible(place.left, place.done, place.done, form),
            place.left > 0,
        ),
    )


def closes(slot, place: Place, form: Form):
    """Whether a line of a primer may close its section, `(batch,)`.

    Unless a form is asked for, people may repeat a section that no sign
    opened, and part one that is to be repeated.

    Args:
        slot: of the line in `LINES`.
        place: before it.
        form: what was asked for.
    """
    rows = closers(place, form)
    planned = tf.gather(rows, slot % len(LINES), batch_dims=1)
    planned |= (slot == 4) & rows[:, 5]  # the next repeat needs no sign
    again = (place.repeatable == 2) & (slot == 3)
    free = (slot != 2) & ~again & (place.ending == 0) & ~form.strict
    return planned | free


def closers(place: Place, form: Form):
    """Which of `LINES` may close the section, `(batch, lines)`."""
    return tf.gather(tf.constant(_MAY), context(place, form))


def context(place: Place, form: Form):
    """The row of `CLOSERS`, `(batch,)`."""
    last = tf.size(form.bars) - 1
    ends = place.left == 1
    final = ends & (place.part == last)
    second = place.ending == 2
    now = tf.gather(form.repeated, place.part)
    after = tf.gather(form.repeated, tf.minimum(place.part + 1, last))
    asked = _ASKED + 2 * tf.where(second, 0, now) + after
    closing = tf.where(
        form.strict,
        tf.where(second, 0, 2 * now),  # as the form has it
        place.repeatable,
    )
    row = tf.where(
        final,
        tf.where(second, _SECOND + 1, 3 + closing),
        tf.where(
            ends & form.strict,
            asked,
            tf.where(second, _SECOND, place.repeatable),
        ),
    )
    return tf.where(place.ending == 1, _FIRST, row)
