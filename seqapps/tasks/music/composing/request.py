"""Turns a request into a prompt and a guide for `step`."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.codec import lexer
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.composing.header import resolve_header
from seqapps.tasks.music.composing.step import Guide
from seqapps.tasks.music.grammar import primer as primer_rules
from seqapps.tasks.music.grammar.clock import ClockState
from seqapps.tasks.music.grammar.form import Form, parse_form
from seqapps.tasks.music.grammar.sections import GrammarState

_UNBOUNDED = 10**6  # bars
_MAX_BARS_AHEAD = 64  # that a tune goes on for if no length is requested
_LENGTH_MULTIPLE = 512  # tokens: few sizes, so that little is compiled


class Arguments(NamedTuple):
    """The arguments of `generate` that shape a tune; see `Composer`."""

    key: tf.Tensor
    mode: tf.Tensor
    meter: tf.Tensor
    bars: tf.Tensor
    form: tf.Tensor
    primer: tf.Tensor
    count: tf.Tensor
    seed: tf.Tensor
    constrained: tf.Tensor


class Request(NamedTuple):
    """A prompt, and what the tunes must keep to.

    Args:
        meter_ids: `(batch,)`.
        key_ids: `(batch,)`.
        prompt: ids, `(batch, prompt)`, from `len(codec)` on for tokens that
            the vocabulary does not have.
        tokens: the primer's, which such ids stand for.
        guide: for `build_step`.
        length: the most tokens of a tune, `()`.
    """

    meter_ids: tf.Tensor
    key_ids: tf.Tensor
    prompt: tf.Tensor
    tokens: tf.Tensor
    guide: Guide
    length: tf.Tensor


def build_request(codec: NoteCodec, arguments: Arguments) -> Request:
    """Builds a request.

    Args:
        codec: of the network's tokens.
        arguments: plain values.

    Raises:
        InvalidArgumentError: it cannot be met.
    """
    bars, seed = arguments.bars, arguments.seed
    count = tf.maximum(arguments.count, 1)  # another check refuses less
    primer = lexer.without_final_bar_line(lexer.tokenize(arguments.primer))
    tf.debugging.Assert(
        (tf.size(primer.tokens) > 0)
        | (tf.strings.strip(arguments.primer) == ""),
        ["the primer has no note"],
    )
    header = resolve_header(
        codec, primer, arguments.key, arguments.mode, arguments.meter
    )
    meter_ids, key_ids = codec.sample_headers(*header, count, seed)
    form = parse_form(arguments.form, bars)
    first_bars = tf.where(
        form.strict, form.bars[0], tf.where(bars > 0, bars, _UNBOUNDED)
    )
    ids = codec.token_ids(primer.tokens, key_ids[0])
    _check_unknown(codec, primer, ids)
    ticks = tf.concat([codec.ticks, primer.ticks], 0)
    prompt = codec.prompt(meter_ids, key_ids)
    clock, state = _read_primer(
        codec, tf.concat([prompt[0], ids], 0), ticks, first_bars, form
    )
    bars, form = _choose_bars(
        codec, clock, state, first_bars, form, count, seed
    )
    total = tf.maximum(tf.reduce_max(bars), tf.reduce_sum(form.bars))
    prompt = tf.concat([prompt, tf.tile(ids[tf.newaxis], [count, 1])], 1)
    length = tf.shape(prompt)[1] + codec.max_tokens_per_bar * (total + 1)
    length += (-length) % _LENGTH_MULTIPLE
    constrained = tf.cast(arguments.constrained, tf.bool)
    return Request(
        meter_ids=meter_ids,
        key_ids=key_ids,
        prompt=prompt,
        tokens=primer.tokens,
        guide=Guide(form, bars, ticks, constrained),
        length=length,
    )


def _check_unknown(
    codec: NoteCodec, primer: lexer.TokenizedTune, ids: tf.Tensor
) -> None:
    """Refuses tokens that a tune cannot go on after."""
    unknown = tf.boolean_mask(primer.tokens, ids >= len(codec))
    tuplets = tf.strings.regex_full_match(unknown, r"\([2-9]")
    tf.debugging.Assert(
        ~tf.reduce_any(tuplets),
        ["the network knows no such tuplet:", unknown],
    )
    last = tf.where(primer.ticks > 0)[-1:, 0]  # note or rest
    ties = tf.strings.regex_full_match(tf.gather(primer.tokens, last), ".*-")
    tf.debugging.Assert(
        tf.reduce_all(tf.gather(ids, last) < len(codec)) | ~tf.reduce_any(ties),
        ["the primer ends with a tie from a note too rare: leave it off"],
    )


def _read_primer(
    codec: NoteCodec,
    tokens: tf.Tensor,
    ticks: tf.Tensor,
    first_bars: tf.Tensor,
    form: Form,
) -> tuple[ClockState, GrammarState]:
    """Checks the primer, and returns the states after it.

    Args:
        codec: of the network's tokens.
        tokens: ids of the header and the primer, `(tokens,)`.
        ticks: written length of each id.
        first_bars: of the first section, `()`.
        form: what is requested.
    """

    def body(
        i: tf.Tensor,
        clock: ClockState,
        state: GrammarState,
        wrong_bar: tf.Tensor,
    ) -> tuple[tf.Tensor, ClockState, GrammarState, tf.Tensor]:
        token = tokens[i][tf.newaxis]
        id_ = codec.to_vocabulary(token)
        token_ticks = tf.gather(ticks, token)
        after = codec.clock.advance(id_, clock, token_ticks)
        fits = primer_rules.may_have(
            codec.grammar, id_, clock, after, state, form
        )[0]
        bar = clock.bar[0] + tf.where(state.pickup_ticks[0] > 0, 0, 1)
        wrong_bar = tf.where(fits | (wrong_bar > 0), wrong_bar, bar)
        state = codec.grammar.advance(id_, clock, state, form, token_ticks)
        return i + 1, after, state, wrong_bar

    start = (
        tf.constant(0),
        codec.clock.initial_state(1),
        codec.grammar.initial_state(first_bars[tf.newaxis], form),
        tf.constant(0),  # no bar is wrong
    )
    _, clock, state, wrong_bar = tf.while_loop(
        lambda i, *_: i < tf.size(tokens), body, start
    )
    tf.debugging.Assert(
        wrong_bar == 0,
        ["the primer does not fit its metre or the form in bar", wrong_bar],
    )
    tf.debugging.Assert(
        clock.tuplet_left[0] == 0,
        ["the primer ends within a tuplet: complete it"],
    )
    return clock, state


def _choose_bars(
    codec: NoteCodec,
    clock: ClockState,
    state: GrammarState,
    first_bars: tf.Tensor,
    form: Form,
    count: tf.Tensor,
    seed: tf.Tensor,
) -> tuple[tf.Tensor, Form]:
    """Chooses the bars of each tune's first section, so that it can end.

    Args:
        codec: samples them if no length is requested.
        clock: after the primer, `(1,)`.
        state: the grammar's after the primer, `(1,)`.
        first_bars: `()`; `_UNBOUNDED` if no length is requested.
        form: what is requested.
        count: how many tunes.
        seed: of the random numbers.

    Returns:
        `(count,)` bars, and the form with its `min_section_bars`.
    """
    section, bars_left = state.section[0], state.bars_left[0]
    section_bars = tf.where(form.strict, form.bars[section], first_bars)
    done = tf.reduce_sum(form.bars[:section]) + section_bars - bars_left
    tf.debugging.Assert(
        bars_left > 0,
        ["the primer has", done, "bars or more already: ask for more bars"],
    )

    def can_continue(bars_left: tf.Tensor, form: Form) -> tf.Tensor:
        repeats = tf.size(bars_left)
        clocks, states = tf.nest.map_structure(
            lambda register: tf.repeat(register, repeats), (clock, state)
        )
        states = states._replace(bars_left=bars_left)
        return codec.grammar.can_continue(clocks, states, form)

    ahead = tf.range(1, _MAX_BARS_AHEAD + 1)
    possible = can_continue(ahead, form._replace(min_section_bars=4))
    not_less = possible & (ahead >= ahead[:, tf.newaxis])
    next_possible = 1 + tf.argmax(tf.cast(not_less, tf.int32), 1, tf.int32)
    sampled = codec.sample_bars(count, done + 1, seed) - done
    sampled = tf.gather(next_possible, tf.minimum(sampled, _MAX_BARS_AHEAD) - 1)
    free = first_bars == _UNBOUNDED
    left = tf.where(free, sampled, state.bars_left)
    bars = tf.where(free, done + left, tf.fill([count], first_bars))
    form = form._replace(
        min_section_bars=tf.clip_by_value(tf.reduce_min(bars) // 2, 1, 4)
    )
    has_begun = clock.bar[0] + clock.position[0] > 0
    tf.debugging.Assert(
        ~has_begun | tf.reduce_all(can_continue(left, form)),
        [
            "the last bar or ending of the primer cannot come out in",
            tf.where(form.strict, tf.reduce_sum(form.bars), bars[0]),
            "bars: ask for more bars",
        ],
    )
    return bars, form
