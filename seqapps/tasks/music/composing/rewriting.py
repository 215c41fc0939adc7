"""Writes some measures of a tune anew: chosen by chance, or a passage."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapps import decoding
from seqapps.export import demand
from seqapps.tasks.music.codec.lexer import TokenizedTune, tokenize
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.composing.candidates import (
    best_of,
    nats_of_end,
    token_nats,
)
from seqapps.tasks.music.composing.header import resolve_header
from seqapps.tasks.music.composing.measures import choose_bars, choose_measures
from seqapps.tasks.music.composing.theme import Theme, parse_theme
from seqapps.tasks.music.composing.variation import build_variation_step


class Passage(NamedTuple):
    """A passage to rewrite.

    Args:
        first: number of its first bar as written, `()`.
        last: of its last.
        candidates: how many to choose among.
    """

    first: tf.Tensor
    last: tf.Tensor
    candidates: tf.Tensor


class _Given(NamedTuple):
    """A tune that is given."""

    tune: TokenizedTune
    prompt: tf.Tensor  # (1, header_length)
    meter_ids: tf.Tensor  # (1,)
    key_ids: tf.Tensor  # (1,)
    theme: Theme


def _parse(codec: NoteCodec, abc: tf.Tensor, seed: tf.Tensor) -> _Given:
    tune = tokenize(abc)
    demand(tf.size(tune.tokens) > 0, "there is no tune in the ABC", "")
    header = resolve_header(codec, tune, "", "", "")
    meter_ids, key_ids = codec.sample_headers(*header, 1, seed)
    prompt = codec.prompt(meter_ids, key_ids, tune.rhythm[tf.newaxis])
    theme = parse_theme(codec, tune, prompt[0], key_ids)
    return _Given(tune, prompt, meter_ids, key_ids, theme)


def _sample(
    model: Any,
    codec: NoteCodec,
    given: _Given,
    theme: Theme,
    rewrite: tf.Tensor,
    sampling: dict[str, tf.Tensor],
) -> tf.Tensor:
    """Samples ids of the tune with new measures, `(batch, time)`."""
    measures = tf.size(theme.first_equal)
    length = codec.header_length + 2 * tf.size(theme.ids)
    length += codec.max_tokens_per_bar * measures
    step, start = build_variation_step(
        model, codec, theme, rewrite, length, sampling["seed"]
    )
    prompt = tf.repeat(given.prompt, tf.shape(rewrite)[0], axis=0)
    return decoding.sample(step, start, prompt, length=length, **sampling)


def _decode(codec: NoteCodec, given: _Given, ids: tf.Tensor) -> tf.Tensor:
    count = tf.shape(ids)[0]
    return codec.decode(
        ids,
        tf.repeat(given.meter_ids, count),
        tf.repeat(given.key_ids, count),
        given.tune.tokens,
    )


def vary_tune(
    model: Any,
    codec: NoteCodec,
    abc: tf.Tensor,
    strength: tf.Tensor,
    count: tf.Tensor,
    sampling: dict[str, tf.Tensor],
) -> dict[str, tf.Tensor]:
    """Writes some measures anew, as `Composer.vary` says.

    Args:
        model: a `LanguageModel`.
        codec: of its tokens.
        abc: a whole tune, `()`.
        strength: the share of different measures to rewrite.
        count: how many variations.
        sampling: arguments of `decoding.sample`.
    """
    given = _parse(codec, abc, sampling["seed"])
    theme = given.theme
    demand(
        tf.reduce_any(theme.all_rewritable),
        "no bar of the tune can be re-written",
        "",
    )
    rewrite = choose_measures(theme, strength, count, sampling["seed"])
    ids = _sample(model, codec, given, theme, rewrite, sampling)
    return {"abc": _decode(codec, given, ids), "changed": rewrite}


def rewrite_tune(
    model: Any,
    codec: NoteCodec,
    abc: tf.Tensor,
    passage: Passage,
    count: tf.Tensor,
    sampling: dict[str, tf.Tensor],
) -> dict[str, tf.Tensor]:
    """Writes a passage anew, as `Composer.rewrite` says.

    Candidates come from p(passage | what is before). Of these the one is kept
    that makes p(what follows | passage) greatest, so it leads where the tune
    goes on.

    Args:
        model: a `LanguageModel`.
        codec: of its tokens.
        abc: a whole tune, `()`.
        passage: which bars.
        count: how many tunes.
        sampling: arguments of `decoding.sample`.
    """
    given = _parse(codec, abc, sampling["seed"])
    theme, rewrite = choose_bars(
        given.theme, passage.first, passage.last, count * passage.candidates
    )
    ids = _sample(model, codec, given, theme, rewrite, sampling)
    nats = token_nats(model, codec, ids, theme.ticks, True)
    end = tf.reduce_max(tf.where(rewrite[0], theme.end, 0))
    following = tf.size(theme.ids) - end
    rows = best_of(nats_of_end(nats, ids, following), passage.candidates)
    return {
        "abc": _decode(codec, given, tf.gather(ids, rows)),
        "changed": tf.gather(rewrite, rows),
    }
