"""Chooses the form of each tune, as requested or as often as it is learned."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.grammar.clock import ClockState
from seqapps.tasks.music.grammar.compass import Compass
from seqapps.tasks.music.grammar.form import FREE_ENDING, Form, free_form
from seqapps.tasks.music.grammar.sections import Ending, GrammarState, Phase
from seqapps.tasks.music.notation.sections import MOST_SECTIONS

UNBOUNDED = 10**6  # bars
_MAX_BARS_AHEAD = 64  # that a tune goes on for if no length is requested


class Beginning(NamedTuple):
    """The states after a primer, or before the first token.

    Args:
        clock: its state, `(1,)`.
        state: the grammar's, `(1,)`.
        form: with which the primer was read, of one tune.
        bars: that are requested, `()`; 0 for any.
    """

    clock: ClockState
    state: GrammarState
    form: Form
    bars: tf.Tensor

    @property
    def done(self) -> tf.Tensor:
        """Bars that are done, `()`."""
        section = self.state.section[0]
        begun = tf.reduce_sum(self.form.bars[0, : section + 1])
        return begun - self.state.bars_left[0]

    @property
    def has_begun(self) -> tf.Tensor:
        """Whether there is a primer, `()`."""
        return self.clock.bar[0] + self.clock.position[0] > 0

    @property
    def is_plain(self) -> tf.Tensor:
        """Whether no section or ending is done or begun, `()`."""
        state = self.state
        return (
            (state.bars_done[0] == self.done)
            & (state.ending[0] == Ending.NONE)
            & (state.phase[0] == Phase.MUSIC)
        )


def choose_forms(
    codec: NoteCodec,
    begun: Beginning,
    meter_ids: tf.Tensor,
    key_ids: tf.Tensor,
    rhythms: tf.Tensor,
    compass: Compass,
    seed: tf.Tensor,
) -> Form:
    """Chooses the form of each tune, so that it can end.

    Args:
        codec: samples what is not requested.
        begun: what the tunes go on from.
        meter_ids: `(batch,)`.
        key_ids: `(batch,)`.
        rhythms: names, `(batch,)`.
        compass: of the tunes.
        seed: of the random numbers.

    Raises:
        InvalidArgumentError: the primer does not come out in the bars.
    """
    count = tf.size(meter_ids)
    tf.debugging.Assert(
        begun.state.bars_left[0] > 0,
        [
            "the primer has",
            begun.done,
            "bars or more already: ask for more bars",
        ],
    )
    requested = begun.form.repeat(count)
    if codec.plans:
        requested = codec.plans.sample_endings(meter_ids, requested, seed)
        sections = tf.range(tf.shape(requested.bars)[1])
        primed = begun.has_begun & (sections <= begun.state.section[0])
        requested = requested._replace(
            ending_bars=tf.where(primed, FREE_ENDING, requested.ending_bars)
        )
    free = _free_forms(codec, begun, count, compass, seed)
    _check_end(codec, begun, free, compass)
    if codec.plans:
        first = tf.where(begun.has_begun, begun.done + 1, 0)
        planned = codec.plans.sample_forms(
            meter_ids, key_ids, rhythms, begun.bars, first, seed
        )
        free = _where(planned.strict & begun.is_plain, planned, free)
    return _where(requested.strict, requested, free)


def _free_forms(
    codec: NoteCodec,
    begun: Beginning,
    count: tf.Tensor,
    compass: Compass,
    seed: tf.Tensor,
) -> Form:
    """Forms that leave the sections to the network."""
    done = begun.done
    # such a form has one section, whatever the primer's is
    state = begun.state._replace(section=tf.zeros_like(begun.state.section))
    begun = begun._replace(state=state)
    ahead = tf.range(1, _MAX_BARS_AHEAD + 1)
    plan = free_form(ahead)
    plan = plan._replace(min_section_bars=tf.fill(tf.shape(ahead), 4))
    possible = _can_continue(codec, begun, ahead, plan, compass)
    not_less = possible & (ahead >= ahead[:, tf.newaxis])
    next_possible = 1 + tf.argmax(tf.cast(not_less, tf.int32), 1, tf.int32)
    sampled = codec.sample_bars(count, done + 1, seed) - done
    sampled = tf.gather(next_possible, tf.minimum(sampled, _MAX_BARS_AHEAD) - 1)
    bars = tf.where(begun.bars > 0, begun.bars, done + sampled)
    form = free_form(bars, MOST_SECTIONS if codec.plans else 1)
    least = tf.clip_by_value(tf.reduce_min(bars) // 2, 1, 4)
    return form._replace(min_section_bars=tf.fill([count], least))


def _check_end(
    codec: NoteCodec, begun: Beginning, free: Form, compass: Compass
) -> None:
    """Refuses a primer that cannot come out in the bars."""
    strict = begun.form.strict[0]
    left = tf.where(strict, begun.state.bars_left, free.bars[:, 0] - begun.done)
    form = begun.form.repeat(tf.size(left))
    form = form._replace(min_section_bars=free.min_section_bars)
    right = tf.reduce_all(_can_continue(codec, begun, left, form, compass))
    bars = tf.where(strict, tf.reduce_sum(begun.form.bars), free.bars[0, 0])
    tf.debugging.Assert(
        ~begun.has_begun | right,
        [
            "the last bar or ending of the primer cannot come out in",
            bars,
            "bars: ask for more bars",
        ],
    )


def _can_continue(
    codec: NoteCodec,
    begun: Beginning,
    bars_left: tf.Tensor,
    form: Form,
    compass: Compass,
) -> tf.Tensor:
    """Whether a right tune can go on with so many bars left, `(bars,)`."""
    repeats = tf.size(bars_left)
    clocks, states = tf.nest.map_structure(
        lambda register: tf.repeat(register, repeats),
        (begun.clock, begun.state),
    )
    states = states._replace(bars_left=bars_left)
    compass = compass._replace(notes=tf.repeat(compass.notes[:1], repeats, 0))
    return codec.grammar.can_continue(clocks, states, form, compass)


def _where(condition: tf.Tensor, form: Form, other: Form) -> Form:
    """The form where the condition holds, `(batch,)`, and else the other."""
    size = tf.maximum(tf.shape(form.bars)[1], tf.shape(other.bars)[1])

    def either(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        if a.shape.rank == 1:
            return tf.where(condition, a, b)
        a, b = (tf.pad(x, [[0, 0], [0, size - tf.shape(x)[1]]]) for x in (a, b))
        return tf.where(condition[:, tf.newaxis], a, b)

    return Form(*(either(a, b) for a, b in zip(form, other, strict=True)))
