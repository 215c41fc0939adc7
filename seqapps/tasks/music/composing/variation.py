"""One step of a variation, in which some measures of a theme are rewritten."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.composing.step import NEVER, Step
from seqapps.tasks.music.composing.theme import Theme
from seqapps.tasks.music.grammar.clock import ClockState
from seqapps.tasks.music.grammar.countdown import BarsLeft
from seqapps.tasks.music.grammar.form import free_form
from seqapps.tasks.music.grammar.lookback import Memory, empty_memory, remember
from seqapps.tasks.music.grammar.sections import GrammarState

_CHANGE_STREAM = -4  # of random numbers, beside those of `decoding.sample`
_NONE = -1  # no token is forced; a measure has not begun


class VariationState(NamedTuple):
    """What is carried from token to token.

    Args:
        network: states of the network's layers.
        clock: its state.
        grammar: its state; only ties and tuplets matter.
        memory: the tokens so far.
        length: how many they are, `()`.
        cursor: index of the theme's token that is next, `(batch,)`; in a
            measure that is rewritten, of its first token.
        filled: ticks written of a measure that is rewritten, `(batch,)`.
        starts: column at which each rewritten measure begins,
            `(batch, measures)`; below 0 before that.
    """

    network: list[Any]
    clock: ClockState
    grammar: GrammarState
    memory: Memory
    length: tf.Tensor
    cursor: tf.Tensor
    filled: tf.Tensor
    starts: tf.Tensor


def build_variation_step(
    model: Any,
    codec: NoteCodec,
    theme: Theme,
    rewrite: tf.Tensor,
    length: tf.Tensor,
    seed: tf.Tensor,
) -> tuple[Step, VariationState]:
    """Builds the step for `decoding.sample`, and its first state.

    At one place in each rewritten measure the theme's token is not allowed,
    so that the measure does change.

    Args:
        model: a `LanguageModel`.
        codec: of its tokens.
        theme: the tune.
        rewrite: which measures to rewrite, `(batch, measures)`.
        length: the most tokens.
        seed: of the places where measures change.
    """
    clock, grammar = codec.clock, codec.grammar
    batch = tf.shape(rewrite)[0]
    form = free_form(tf.ones([batch], tf.int32))
    theme_size = tf.size(theme.ids)
    size = len(codec) + theme_size  # of the vocabulary and the theme's tokens
    change_at = _change_at(theme, rewrite, seed)

    def one_hot(ids: tf.Tensor) -> tf.Tensor:
        return tf.one_hot(ids, size, True, False, dtype=tf.bool)

    def step(
        token: tf.Tensor, state: VariationState
    ) -> tuple[tf.Tensor, VariationState]:
        id_ = codec.to_vocabulary(token)
        ticks = tf.gather(theme.ticks, token)
        grammar_state = grammar.advance(
            id_, state.clock, state.grammar, form, ticks
        )
        memory = remember(
            state.memory,
            state.length,
            clock.stamp(state.clock),
            token,
            tf.gather(theme.left.section, state.cursor),
            clock.closes(id_),
        )
        clock_state = clock.advance(id_, state.clock, ticks)
        passed = clock_state.position - state.clock.position
        cursor, filled = _advance_cursor(
            theme, rewrite, state, passed, codec.header_length
        )
        left = BarsLeft(*(tf.gather(bars, cursor) for bars in theme.left))
        logits, network = model.step(
            codec.step_inputs(id_, clock_state, memory, left),
            state.network,
        )
        length = state.length + 1
        measure, rewritten = _measure_at(theme, rewrite, cursor)
        begun = tf.gather(state.starts, measure, batch_dims=1) >= 0
        enters = rewritten & ~begun & (length >= codec.header_length)
        is_measure = tf.one_hot(
            measure, tf.size(theme.first_equal), True, False, dtype=tf.bool
        )
        starts = tf.where(
            is_measure & enters[:, tf.newaxis], length, state.starts
        )
        after = VariationState(
            network=network,
            clock=clock_state,
            grammar=grammar_state,
            memory=memory,
            length=length,
            cursor=cursor,
            filled=filled,
            starts=starts,
        )
        notes = grammar.bar_fit.allowed(
            tf.gather(theme.measure_ticks, measure) - filled,
            tf.zeros([batch], tf.bool),
            clock_state,
            grammar_state.tied_pitch,
            grammar_state.note_ticks,
        )
        notes = tf.pad(notes, [[0, 0], [0, theme_size]])
        written = length - tf.gather(starts, measure, batch_dims=1)
        changes = written == tf.gather(change_at, measure, batch_dims=1)
        original = tf.gather(
            theme.ids, tf.clip_by_value(cursor + written, 0, theme_size - 1)
        )
        changed = notes & ~one_hot(tf.where(changes, original, _NONE))
        possible = tf.reduce_any(changed, axis=1, keepdims=True)
        notes = tf.where(possible, changed, notes)
        forced = _forced(theme, after, measure, rewritten)
        allowed = tf.where((forced >= 0)[:, tf.newaxis], one_hot(forced), notes)
        logits = tf.cast(logits, tf.float32)
        logits = tf.pad(logits, [[0, 0], [0, theme_size]])
        return tf.where(allowed, logits, NEVER), after

    zero = tf.zeros([batch], tf.int32)
    return step, VariationState(
        network=model.initial_states(batch),
        clock=clock.initial_state(batch),
        grammar=grammar.initial_state(form),
        memory=empty_memory(batch, length),
        length=tf.constant(0),
        cursor=zero,
        filled=zero,
        starts=tf.fill(tf.shape(rewrite), _NONE),
    )


def _change_at(theme: Theme, rewrite: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns which token of each measure changes, `(batch, measures)`."""
    sizes = tf.math.unsorted_segment_sum(
        tf.ones_like(theme.ids), theme.measure, tf.size(theme.first_equal)
    )
    numbers = tf.random.stateless_uniform(
        tf.shape(rewrite), tf.stack([seed, _CHANGE_STREAM])
    )
    return tf.cast(numbers * tf.cast(sizes, tf.float32), tf.int32)


def _measure_at(
    theme: Theme, rewrite: tf.Tensor, cursor: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the measure at a cursor, and whether it is rewritten."""
    measure = tf.gather(theme.measure, cursor)
    inside = measure >= 0
    measure = tf.maximum(measure, 0)
    return measure, tf.gather(rewrite, measure, batch_dims=1) & inside


def _advance_cursor(
    theme: Theme,
    rewrite: tf.Tensor,
    state: VariationState,
    passed: tf.Tensor,
    header_length: int,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns cursor and filled ticks after a token.

    Args:
        theme: the tune.
        rewrite: as for `build_variation_step`.
        state: before the token.
        passed: ticks that the token took, `(batch,)`.
        header_length: tokens before the theme's first.
    """
    in_body = state.length + 1 > header_length
    measure, rewritten = _measure_at(theme, rewrite, state.cursor)
    filled = tf.where(rewritten & in_body, state.filled + passed, 0)
    full = filled >= tf.gather(theme.measure_ticks, measure)
    cursor = tf.where(
        rewritten,
        tf.where(full, tf.gather(theme.end, measure), state.cursor),
        state.cursor + 1,
    )
    cursor = tf.minimum(cursor, tf.size(theme.ids) - 1)
    return (
        tf.where(in_body, cursor, 0),
        tf.where(rewritten & ~full, filled, 0),
    )


def _forced(
    theme: Theme,
    state: VariationState,
    measure: tf.Tensor,
    rewritten: tf.Tensor,
) -> tf.Tensor:
    """Returns the token that must come, `(batch,)`; below 0 for any.

    Args:
        theme: the tune.
        state: at the token.
        measure: at the cursor, `(batch,)`.
        rewritten: whether it is, `(batch,)`.
    """
    first = tf.gather(theme.first_equal, measure)
    source = tf.gather(state.starts, first, batch_dims=1)
    start = tf.gather(state.starts, measure, batch_dims=1)
    column = tf.maximum(source + state.length - start, 0)
    copied = tf.gather(state.memory.tokens, column, batch_dims=1)
    copied = tf.where(first < measure, copied, _NONE)
    return tf.where(rewritten, copied, tf.gather(theme.ids, state.cursor))
