"""One step of composing: the clock, the grammar and the network together."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.grammar import clock as time
from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.grammar.sections import Place

NEVER = -1e9


class Guide(NamedTuple):
    """What a walk keeps to.

    Args:
        form: the plan of the tune.
        bars: of its first section, `(batch,)`.
        ticks: length of each id; ids behind the vocabulary's are tokens of a
            primer that the network does not know.
        constrained: False lets the network do as it likes.
    """

    form: Form
    bars: tf.Tensor
    ticks: tf.Tensor
    constrained: tf.Tensor


class State(NamedTuple):
    """What is carried from token to token.

    Args:
        network: states of the layers.
        registers: the clock's and the grammar's, `(batch, registers)`: packed,
            for a loop pays for every tensor that it carries.
        memory: the tokens so far and where they began.
        column: how many they are.
        starts: the token at which each section begins, `(batch, sections)`.
        copied: the token to copy next; below 0 for none, `(batch,)`.
    """

    network: list
    registers: tf.Tensor
    memory: time.Memory
    column: tf.Tensor
    starts: tf.Tensor
    copied: tf.Tensor


def pack(now: time.Now, place: Place):
    """Registers as one tensor, `(batch, registers)`."""
    return tf.stack([*now, *place], axis=1)


def unpack(registers) -> tuple[time.Now, Place]:
    """The clock and the grammar's place."""
    each = tf.unstack(registers, len(time.Now._fields + Place._fields), axis=1)
    size = len(time.Now._fields)
    return time.Now(*each[:size]), Place(*each[size:])


def walk(model, codec, guide: Guide, length) -> tuple[Callable, State]:
    """The step for `decoding.sample`, and the first state.

    Args:
        model: a `LanguageModel`.
        codec: a `NoteCodec`.
        guide: what is asked for.
        length: the most tokens.
    """
    clock, grammar, form = codec.clock, codec.grammar, guide.form
    batch = tf.size(guide.bars)

    def rules(token, ticks, state: State):
        now, place = unpack(state.registers)
        known = tf.where(token < len(codec), token, text.UNKNOWN)
        part = place.part
        place = grammar.advance(known, now, place, form, ticks)
        memory = time.remember(
            state.memory, state.column, clock.key(now), token
        )
        now = clock.advance(known, now, ticks)
        allowed = grammar.allowed(now, place, form)
        column = state.column + 1
        starts, copied = _follow(form, state, place, part)
        forced = tf.gather(memory.tokens, tf.maximum(copied, 0), batch_dims=1)
        forced = tf.where(copied >= 0, forced, text.PAD)
        only = tf.one_hot(forced, len(codec), True, False, dtype=tf.bool)
        right = tf.reduce_any(allowed & only, axis=1, keepdims=True)
        allowed &= only | ~right
        inputs = codec.seen(known, now, memory)
        registers = pack(now, place)
        state = State([], registers, memory, column, starts, copied)
        rare = tf.where((forced >= len(codec)) & guide.constrained, forced, -1)
        return inputs, allowed | ~guide.constrained, rare, state

    # hundreds of small operations on integers, made into one
    rules = tf.function(rules, jit_compile=True, autograph=False)

    def step(token, state: State):
        ticks = tf.gather(guide.ticks, token)
        inputs, allowed, rare, after = rules(
            token, ticks, state._replace(network=[])
        )
        logits, carried = model.step(inputs, state.network)
        logits = tf.where(allowed, tf.cast(logits, tf.float32), NEVER)
        spare = tf.size(guide.ticks) - len(codec)  # tokens of the primer only
        logits = tf.pad(logits, [[0, 0], [0, spare]], constant_values=NEVER)
        copied = tf.one_hot(rare, len(codec) + spare, True, False)
        logits = tf.where(copied, -NEVER, logits)
        return logits, after._replace(network=carried)

    registers = pack(clock.start(batch), grammar.start(guide.bars, form))
    return step, State(
        model.initial_states(batch),
        registers,
        time.memory(batch, length),
        tf.constant(0),
        tf.fill([batch, tf.size(form.bars)], codec.given),
        tf.fill([batch], -1),
    )


def _follow(form: Form, state: State, place: Place, part):
    """Where sections start, and which token a copied one takes next."""
    column = state.column + 1
    begins = place.part > part  # (batch,)
    here = tf.one_hot(
        place.part, tf.size(form.bars), True, False, dtype=tf.bool
    )
    starts = tf.where(here & begins[:, tf.newaxis], column, state.starts)
    source = tf.gather(form.source, place.part)
    first = tf.gather(starts, source, batch_dims=1)
    again = tf.where(source < place.part, first, -1)
    on = tf.where(state.copied >= 0, state.copied + 1, -1)
    return starts, tf.where(begins, again, on)
