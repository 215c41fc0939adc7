"""Turns a request into a prompt and a guide for `step`."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.codec import lexer
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.composing.choice import (
    UNBOUNDED,
    Beginning,
    choose_forms,
)
from seqapps.tasks.music.composing.compass import build_compass
from seqapps.tasks.music.composing.header import resolve_header
from seqapps.tasks.music.composing.step import Guide
from seqapps.tasks.music.grammar import primer as primer_rules
from seqapps.tasks.music.grammar.clock import ClockState
from seqapps.tasks.music.grammar.form import Form, parse_form
from seqapps.tasks.music.grammar.sections import GrammarState

_LENGTH_MULTIPLE = 512  # tokens: few sizes, so that little is compiled


class Arguments(NamedTuple):
    """The arguments of `generate` that shape a tune; see `Composer`."""

    key: tf.Tensor
    mode: tf.Tensor
    meter: tf.Tensor
    rhythm: tf.Tensor
    bars: tf.Tensor
    form: tf.Tensor
    primer: tf.Tensor
    lowest: tf.Tensor
    highest: tf.Tensor
    count: tf.Tensor
    candidates: tf.Tensor
    seed: tf.Tensor
    constrained: tf.Tensor


class Request(NamedTuple):
    """A prompt, and what the tunes must keep to.

    A row is a candidate; those of one tune follow each other.

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
    meter_ids, key_ids, rhythms = _sample_headers(
        codec, header, primer.rhythm, arguments.rhythm, count, seed
    )
    form = parse_form(arguments.form, bars)
    unbounded = ~form.strict[0] & (bars == 0)
    form = form._replace(bars=tf.where(unbounded, UNBOUNDED, form.bars))
    ids = codec.token_ids(primer.tokens, key_ids[0])
    _check_unknown(codec, primer, ids)
    ticks = tf.concat([codec.ticks, primer.ticks], 0)
    prompt = codec.prompt(meter_ids, key_ids, rhythms)
    clock, state = _read_primer(
        codec, tf.concat([prompt[0], ids], 0), ticks, form
    )
    compass = build_compass(codec, key_ids, arguments.lowest, arguments.highest)
    form = choose_forms(
        codec,
        Beginning(clock, state, form, bars),
        meter_ids,
        key_ids,
        rhythms,
        compass,
        seed,
    )
    total = tf.reduce_max(tf.reduce_sum(form.bars, axis=1))
    prompt = tf.concat([prompt, tf.tile(ids[tf.newaxis], [count, 1])], 1)
    length = tf.shape(prompt)[1] + codec.max_tokens_per_bar * (total + 1)
    length += (-length) % _LENGTH_MULTIPLE
    times = tf.maximum(arguments.candidates, 1)
    meter_ids, key_ids, prompt, notes = (
        tf.repeat(rows, times, axis=0)
        for rows in (meter_ids, key_ids, prompt, compass.notes)
    )
    return Request(
        meter_ids=meter_ids,
        key_ids=key_ids,
        prompt=prompt,
        tokens=primer.tokens,
        guide=Guide(
            form=form.repeat(times),
            compass=compass._replace(notes=notes),
            ticks=ticks,
            constrained=tf.cast(arguments.constrained, tf.bool),
        ),
        length=length,
    )


def _sample_headers(
    codec: NoteCodec,
    header: tuple[tf.Tensor, tf.Tensor, tf.Tensor],
    own: tf.Tensor,
    rhythm: tf.Tensor,
    count: tf.Tensor,
    seed: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Samples metres, keys and kinds of tunes, `(count,)` each.

    Args:
        codec: samples them.
        header: key, mode and metre that are requested.
        own: kind of the primer; it is taken if none is requested.
        rhythm: kind that is requested.
        count: how many.
        seed: of the random numbers.
    """
    if not codec.plans:
        tf.debugging.Assert(
            rhythm == "", ["this network knows no rhythm such as", rhythm]
        )
        sampled = codec.sample_headers(*header, count, seed)
        return *sampled, tf.fill([count], "")
    known = tf.reduce_any(tf.constant(codec.plans.rhythms) == own)
    rhythm = tf.where((rhythm == "") & known, own, rhythm)
    meter_ids, key_ids = codec.sample_headers(
        *header, count, seed, codec.plans.log_shares(rhythm)
    )
    return (
        meter_ids,
        key_ids,
        codec.plans.sample_rhythms(meter_ids, key_ids, rhythm, seed),
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
    form: Form,
) -> tuple[ClockState, GrammarState]:
    """Checks the primer, and returns the states after it.

    Args:
        codec: of the network's tokens.
        tokens: ids of the header and the primer, `(tokens,)`.
        ticks: written length of each id.
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
        codec.grammar.initial_state(form),
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
