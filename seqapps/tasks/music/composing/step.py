"""One step of composing: the clock, the grammar and the network together."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.grammar.clock import ClockState
from seqapps.tasks.music.grammar.compass import Compass
from seqapps.tasks.music.grammar.countdown import BarsLeft, bars_left
from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.grammar.lookback import (
    NOT_TOLD,
    Memory,
    empty_memory,
    remember,
)
from seqapps.tasks.music.grammar.sections import GrammarState

NEVER = -1e9  # logit of a token that may not come
ALWAYS = -NEVER
_NO_COPY = -1

Step = Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]]


class Guide(NamedTuple):
    """What the tunes of a batch must keep to.

    Args:
        form: the plans of the tunes.
        compass: the notes that they may have.
        ticks: written length of each id, those of the primer's tokens that
            the vocabulary does not have included.
        constrained: whether the grammar masks the network's logits, `()`.
    """

    form: Form
    compass: Compass
    ticks: tf.Tensor
    constrained: tf.Tensor


class ComposingState(NamedTuple):
    """What is carried from token to token.

    Args:
        network: states of the network's layers.
        registers: the clock's and the grammar's states, `(batch, registers)`:
            packed, for a loop pays for every tensor that it carries.
        memory: the tokens so far.
        length: how many they are, `()`.
        section_starts: column at which each section begins,
            `(batch, sections)`.
        copied: column of the token to copy next, `(batch,)`; below 0 where
            none is copied.
    """

    network: list[Any]
    registers: tf.Tensor
    memory: Memory
    length: tf.Tensor
    section_starts: tf.Tensor
    copied: tf.Tensor


def pack(clock: ClockState, state: GrammarState) -> tf.Tensor:
    """Returns both states as one tensor, `(batch, registers)`."""
    return tf.stack([*clock, *state], axis=1)


def unpack(registers: tf.Tensor) -> tuple[ClockState, GrammarState]:
    """Returns the states that `pack` packed."""
    size = len(ClockState._fields)
    each = tf.unstack(registers, size + len(GrammarState._fields), axis=1)
    return ClockState(*each[:size]), GrammarState(*each[size:])


def build_step(
    model: Any, codec: NoteCodec, guide: Guide, length: tf.Tensor
) -> tuple[Step, ComposingState]:
    """Builds the step for `decoding.sample`, and its first state.

    Args:
        model: a `LanguageModel`.
        codec: of its tokens.
        guide: what is requested.
        length: the most tokens.
    """
    clock, grammar, form = codec.clock, codec.grammar, guide.form
    batch = tf.size(form.last)

    def apply_rules(
        token: tf.Tensor, ticks: tf.Tensor, state: ComposingState
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, ComposingState]:
        clock_state, grammar_state = unpack(state.registers)
        id_ = codec.to_vocabulary(token)
        section = grammar_state.section
        grammar_state = grammar.advance(
            id_, clock_state, grammar_state, form, ticks
        )
        before = _bars_left(guide, unpack(state.registers)[1])
        memory = remember(
            state.memory,
            state.length,
            clock.stamp(clock_state),
            token,
            before.section,
            clock.closes(id_),
        )
        clock_state = clock.advance(id_, clock_state, ticks)
        starts, copied = _copy(form, state, section, grammar_state.section)
        forced = tf.gather(memory.tokens, tf.maximum(copied, 0), batch_dims=1)
        forced = tf.where(copied >= 0, forced, text.PAD)
        allowed = grammar.allowed(
            clock_state, grammar_state, form, guide.compass
        )
        forced_only = allowed & tf.one_hot(
            forced, len(codec), True, False, dtype=tf.bool
        )
        possible = tf.reduce_any(forced_only, axis=1, keepdims=True)
        allowed = tf.where(possible, forced_only, allowed)
        unknown = (forced >= len(codec)) & guide.constrained
        state = ComposingState(
            network=[],
            registers=pack(clock_state, grammar_state),
            memory=memory,
            length=state.length + 1,
            section_starts=starts,
            copied=copied,
        )
        return (
            codec.step_inputs(
                id_, clock_state, memory, _bars_left(guide, grammar_state)
            ),
            allowed | ~guide.constrained,
            tf.where(unknown, forced, -1),
            state,
        )

    # hundreds of small operations on integers, compiled into one
    apply_rules = tf.function(apply_rules, jit_compile=True, autograph=False)

    def step(
        token: tf.Tensor, state: ComposingState
    ) -> tuple[tf.Tensor, ComposingState]:
        ticks = tf.gather(guide.ticks, token)
        inputs, allowed, forced_unknown, rules_state = apply_rules(
            token, ticks, state._replace(network=[])
        )
        logits, network = model.step(inputs, state.network)
        logits = tf.where(allowed, tf.cast(logits, tf.float32), NEVER)
        unknown = tf.size(guide.ticks) - len(codec)  # ids behind the vocabulary
        logits = tf.pad(logits, [[0, 0], [0, unknown]], constant_values=NEVER)
        forced = tf.one_hot(forced_unknown, len(codec) + unknown, True, False)
        logits = tf.where(forced, ALWAYS, logits)
        return logits, rules_state._replace(network=network)

    registers = pack(clock.initial_state(batch), grammar.initial_state(form))
    return step, ComposingState(
        network=model.initial_states(batch),
        registers=registers,
        memory=empty_memory(batch, length),
        length=tf.constant(0),
        section_starts=tf.fill(tf.shape(form.bars), codec.header_length),
        copied=tf.fill([batch], _NO_COPY),
    )


def _bars_left(guide: Guide, state: GrammarState) -> BarsLeft:
    """What the network is told; nothing where no mask keeps to it."""
    left = bars_left(state, guide.form)
    return BarsLeft(
        *(tf.where(guide.constrained, count, NOT_TOLD) for count in left)
    )


def _copy(
    form: Form,
    state: ComposingState,
    before: tf.Tensor,
    section: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns where sections start, and the column to copy next.

    Args:
        form: what is requested.
        state: before the token.
        before: the section before the token, `(batch,)`.
        section: the section after it, `(batch,)`.
    """
    begins = section > before
    is_section = tf.one_hot(
        section, tf.shape(form.bars)[1], True, False, dtype=tf.bool
    )
    starts = tf.where(
        is_section & begins[:, tf.newaxis],
        state.length + 1,
        state.section_starts,
    )
    source = form.at(form.source, section)
    first = tf.gather(starts, source, batch_dims=1)
    first = tf.where(source < section, first, _NO_COPY)
    following = tf.where(state.copied >= 0, state.copied + 1, _NO_COPY)
    return starts, tf.where(begins, first, following)
