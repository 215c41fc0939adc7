"""Variations: the walk in which some bars of a theme are re-written."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.composing.step import NEVER
from seqapps.tasks.music.composing.theme import Theme
from seqapps.tasks.music.grammar import clock as time
from seqapps.tasks.music.grammar import form as forms
from seqapps.tasks.music.grammar.sections import Place


def choose(theme: Theme, strength, count, seed):
    """Which measures to re-write, `(count, measures)`.

    Measures that are the same stay the same: they are chosen together.

    Args:
        theme: the tune.
        strength: the share, above 0 and up to 1.
        count: how many variations.
        seed: of the choice.
    """
    measures = tf.size(theme.twin)
    first = theme.free & (theme.twin == tf.range(measures))
    kinds = tf.reduce_sum(tf.cast(first, tf.float32))
    wanted = tf.maximum(tf.cast(tf.round(strength * kinds), tf.int32), 1)
    chance = tf.random.stateless_uniform(
        [count, measures], tf.stack([seed, -3])
    )
    chance = tf.where(first, chance, -1.0)
    order = tf.argsort(chance, direction="DESCENDING", stable=True)
    rank = tf.argsort(order)
    chosen = first & (rank < wanted)
    return tf.gather(chosen, theme.twin, axis=1)


class State(NamedTuple):
    """What is carried from token to token.

    Args:
        network: states of the layers.
        now: the clock.
        place: of the grammar: its tie and its tuplet.
        memory: the tokens so far.
        column: how many they are.
        at: which token of the theme is next, `(batch,)`.
        filled: ticks written of a measure that is re-written.
        starts: where each measure begins, `(batch, measures)`.
    """

    network: list
    now: time.Now
    place: Place
    memory: time.Memory
    column: tf.Tensor
    at: tf.Tensor
    filled: tf.Tensor
    starts: tf.Tensor


def walk(
    model, codec, theme: Theme, rewrite, length, seed
) -> tuple[Callable, State]:
    """The step for `decoding.sample`, and the first state.

    Somewhere in each measure that is re-written the old token may not come,
    so that it does change.

    Args:
        model: a `LanguageModel`.
        codec: a `NoteCodec`.
        theme: the tune.
        rewrite: of `choose`.
        length: the most tokens.
        seed: of where measures change.
    """
    clock, grammar = codec.clock, codec.grammar
    batch = tf.shape(rewrite)[0]
    form = forms.read(tf.constant(""), tf.constant(1))
    spare = tf.size(theme.ids)
    tokens = tf.math.unsorted_segment_sum(
        tf.ones_like(theme.ids), theme.measure, tf.size(theme.twin)
    )
    chance = tf.random.stateless_uniform(
        tf.shape(rewrite), tf.stack([seed, -4])
    )
    turn = tf.cast(chance * tf.cast(tokens, tf.float32), tf.int32)
    size = len(codec) + spare

    def step(token, state: State):
        known = tf.where(token < len(codec), token, text.UNKNOWN)
        ticks = tf.gather(theme.ticks, token)
        place = grammar.advance(known, state.now, state.place, form, ticks)
        memory = time.remember(
            state.memory, state.column, clock.key(state.now), token
        )
        now = clock.advance(known, state.now, ticks)
        logits, network = model.step(
            codec.seen(known, now, memory), state.network
        )
        column = state.column + 1
        begun = column > codec.given
        here, free = _here(theme, rewrite, state.at)
        filled = tf.where(
            free & begun, state.filled + now.place - state.now.place, 0
        )
        full = filled >= tf.gather(theme.capacity, here)
        at = tf.where(
            free,
            tf.where(full, tf.gather(theme.after, here), state.at),
            state.at + 1,
        )
        at = tf.where(begun, tf.minimum(at, spare - 1), 0)
        filled = tf.where(free & ~full, filled, 0)
        here, free = _here(theme, rewrite, at)
        begun = tf.gather(state.starts, here, batch_dims=1) >= 0
        enters = free & ~begun & (column >= codec.given)
        mine = tf.one_hot(here, tf.size(theme.twin), True, False, dtype=tf.bool)
        starts = tf.where(mine & enters[:, tf.newaxis], column, state.starts)
        forced = _forced(theme, memory, starts, column, at, here, free)
        written = column - tf.gather(starts, here, batch_dims=1)
        turns = written == tf.gather(turn, here, batch_dims=1)
        old = tf.gather(theme.ids, tf.clip_by_value(at + written, 0, spare - 1))
        old = tf.one_hot(
            tf.where(turns, old, -1), size, True, False, dtype=tf.bool
        )
        rest = tf.gather(theme.capacity, here) - filled
        notes = grammar.fit.allowed(
            rest, tf.zeros([batch], tf.bool), now, place
        )
        notes = tf.pad(notes, [[0, 0], [0, spare]])
        others = tf.reduce_any(notes & ~old, axis=1, keepdims=True)
        notes &= ~old | ~others
        only = tf.one_hot(forced, size, True, False, dtype=tf.bool)
        allowed = tf.where((forced >= 0)[:, tf.newaxis], only, notes)
        logits = tf.pad(tf.cast(logits, tf.float32), [[0, 0], [0, spare]])
        return tf.where(allowed, logits, NEVER), State(
            network, now, place, memory, column, at, filled, starts
        )

    zero = tf.zeros([batch], tf.int32)
    return step, State(
        model.initial_states(batch),
        clock.start(batch),
        grammar.start(zero + 1, form),
        time.memory(batch, length),
        tf.constant(0),
        zero,
        zero,
        tf.fill(tf.shape(rewrite), -1),
    )


def _here(theme: Theme, rewrite, at):
    """The measure at a token of the theme, and whether it is re-written."""
    measure = tf.gather(theme.measure, at)
    here = tf.maximum(measure, 0)
    free = tf.gather(rewrite, here, batch_dims=1)
    return here, free & (measure >= 0)


def _forced(theme: Theme, memory, starts, column, at, here, free):
    """The token that must come, `(batch,)`; below 0 where one is sampled."""
    twin = tf.gather(theme.twin, here)
    source = tf.gather(starts, twin, batch_dims=1)
    begun = tf.gather(starts, here, batch_dims=1)
    place = tf.maximum(source + column - begun, 0)
    again = tf.gather(memory.tokens, place, batch_dims=1)
    again = tf.where(twin < here, again, -1)
    return tf.where(free, again, tf.gather(theme.ids, at))
