"""The graph functions of a composer: plain strings in, plain strings out."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapps import decoding, pipeline, text
from seqapps.export import demand
from seqapps.tasks.music.codec.characters import CharacterCodec
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.composing.candidates import (
    best_of,
    mean_nats,
    token_nats,
)
from seqapps.tasks.music.composing.compass import HIGHEST, LOWEST
from seqapps.tasks.music.composing.request import Arguments, build_request
from seqapps.tasks.music.composing.rewriting import (
    Passage,
    rewrite_tune,
    vary_tune,
)
from seqapps.tasks.music.composing.step import build_step
from seqapps.tasks.music.options import REWRITE_CANDIDATES, GenerateOptions

_STRING = tf.TensorSpec([], tf.string)
_STRINGS = tf.TensorSpec([None], tf.string)
_INT = tf.TensorSpec([], tf.int32)
_FLOAT = tf.TensorSpec([], tf.float32)
_BOOL = tf.TensorSpec([], tf.bool)
# arguments of `generate` and `vary`: temperature, top_k, top_p, seed
_SAMPLING = [_FLOAT, _INT, _FLOAT, _INT]


def functions(
    model: Any, codec: NoteCodec | CharacterCodec
) -> dict[str, tf.types.experimental.GenericFunction]:
    """Builds the functions that are exported.

    Args:
        model: a `LanguageModel`.
        codec: of its tokens.

    Returns:
        `generate`, `score`, a short `serving_default` and, for notes, `vary`
        and `rewrite`.
    """
    compose = _compose_notes if codec.grammar else _compose_characters

    def generate(
        key=GenerateOptions.key,
        mode=GenerateOptions.mode,
        meter=GenerateOptions.meter,
        bars=GenerateOptions.bars or 0,
        form=GenerateOptions.form,
        primer="",
        count=GenerateOptions.count,
        temperature=GenerateOptions.temperature,
        top_k=GenerateOptions.top_k,
        top_p=GenerateOptions.top_p,
        seed=GenerateOptions.seed,
        constrained=True,
        rhythm=GenerateOptions.rhythm,
        lowest=LOWEST,
        highest=HIGHEST,
        candidates=GenerateOptions.candidates,
    ):
        demand(bars >= 0, "bars must be 1 or more, or 0 for any, not", bars)
        demand(candidates >= 1, "candidates must be 1 or more, not", candidates)
        sampling = _sampling(count, temperature, top_k, top_p, seed)
        count = tf.maximum(count, 1)  # the checks come in no order
        arguments = Arguments(
            key=key,
            mode=mode,
            meter=meter,
            rhythm=rhythm,
            bars=bars,
            form=form,
            primer=primer,
            lowest=lowest,
            highest=highest,
            count=count,
            candidates=candidates,
            seed=seed,
            constrained=constrained,
        )
        return {"abc": compose(model, codec, arguments, sampling)}

    def vary(
        abc,
        strength=GenerateOptions.strength,
        count=GenerateOptions.count,
        temperature=GenerateOptions.temperature,
        top_k=GenerateOptions.top_k,
        top_p=GenerateOptions.top_p,
        seed=GenerateOptions.seed,
    ):
        demand(
            (strength > 0) & (strength <= 1),
            "strength is above 0 and up to 1, not",
            strength,
        )
        sampling = _sampling(count, temperature, top_k, top_p, seed)
        count = tf.maximum(count, 1)  # the checks come in no order
        return vary_tune(model, codec, abc, strength, count, sampling)

    def rewrite(
        abc,
        first,
        last,
        count=GenerateOptions.count,
        temperature=GenerateOptions.temperature,
        top_k=GenerateOptions.top_k,
        top_p=GenerateOptions.top_p,
        seed=GenerateOptions.seed,
        candidates=REWRITE_CANDIDATES,
    ):
        demand(candidates >= 1, "candidates must be 1 or more, not", candidates)
        sampling = _sampling(count, temperature, top_k, top_p, seed)
        passage = Passage(first, last, tf.maximum(candidates, 1))
        count = tf.maximum(count, 1)
        return rewrite_tune(model, codec, abc, passage, count, sampling)

    def score(abc, told=False):
        return _score(model, codec, abc, told)

    def serving_default(key, mode, meter, seed):
        one = generate(key, mode, meter, seed=seed)
        return {"abc": tf.ensure_shape(one["abc"], [1])}

    signatures: dict[Callable[..., Any], list[tf.TensorSpec]] = {
        generate: [*[_STRING] * 3, _INT, _STRING, _STRING, _INT]
        + [*_SAMPLING, _BOOL, _STRING, *[_INT] * 3],
        score: [_STRINGS, _BOOL],
        serving_default: [_STRING, _STRING, _STRING, _INT],
    }
    if codec.grammar:
        signatures[vary] = [_STRING, _FLOAT, _INT, *_SAMPLING]
        signatures[rewrite] = [_STRING, *[_INT] * 3, *_SAMPLING, _INT]
    return {
        function.__name__: tf.function(
            function, input_signature=signature, autograph=False
        )
        for function, signature in signatures.items()
    }


def _sampling(
    count: tf.Tensor,
    temperature: tf.Tensor,
    top_k: tf.Tensor,
    top_p: tf.Tensor,
    seed: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """Checks the arguments of sampling, and returns those of the sampler."""
    demand(count >= 1, "count must be 1 or more, not", count)
    demand(temperature > 0, "temperature must be above 0, not", temperature)
    demand(top_k >= 0, "top_k must be 0 or more, not", top_k)
    in_range = (top_p > 0) & (top_p <= 1)
    demand(in_range, "top_p is above 0 and up to 1, not", top_p)
    return {
        "seed": seed,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
    }


def _compose_notes(
    model: Any,
    codec: NoteCodec,
    arguments: Arguments,
    sampling: dict[str, tf.Tensor],
) -> tf.Tensor:
    request = build_request(codec, arguments)
    step, start = build_step(model, codec, request.guide, request.length)
    ids = decoding.sample(
        step,
        start,
        request.prompt,
        length=request.length,
        banned=tf.pad(codec.banned, [[0, tf.size(request.tokens)]]),
        **sampling,
    )
    candidates = tf.maximum(arguments.candidates, 1)

    def best_rows() -> tf.Tensor:
        nats = token_nats(
            model, codec, ids, request.guide.ticks, request.guide.constrained
        )
        return best_of(mean_nats(nats, ids), candidates)

    rows = tf.cond(
        candidates > 1, best_rows, lambda: tf.range(tf.shape(ids)[0])
    )
    return codec.decode(
        tf.gather(ids, rows),
        tf.gather(request.meter_ids, rows),
        tf.gather(request.key_ids, rows),
        request.tokens,
    )


def _compose_characters(
    model: Any,
    codec: CharacterCodec,
    arguments: Arguments,
    sampling: dict[str, tf.Tensor],
) -> tf.Tensor:
    count = arguments.count
    asked = arguments.form + arguments.primer + arguments.rhythm
    demand(
        (arguments.bars == 0)
        & (asked == "")
        & (arguments.lowest <= LOWEST)
        & (arguments.highest >= HIGHEST)
        & (arguments.candidates == 1),
        "a network of characters cannot keep bars, a form, a rhythm, a range "
        "or a primer, and has no candidates",
        "",
    )
    meter_ids, key_ids = codec.sample_headers(
        arguments.key, arguments.mode, arguments.meter, count, arguments.seed
    )
    ids = decoding.sample(
        lambda token, states: model.step(token[:, tf.newaxis], states),
        model.initial_states(count),
        codec.prompt(meter_ids, key_ids),
        length=codec.max_length,
        banned=codec.banned,
        **sampling,
    )
    return codec.decode(ids, meter_ids, key_ids)


def _score(
    model: Any,
    codec: NoteCodec | CharacterCodec,
    abc: tf.Tensor,
    told: tf.Tensor,
) -> dict[str, tf.Tensor]:
    ids = codec.encode(abc)
    x, y, weights = pipeline.teacher_forcing(ids, codec.header_lengths(ids))
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        y, tf.cast(model(codec.inputs(x, told), training=False), tf.float32)
    )  # (batch, time)
    nats += tf.where(y == text.UNKNOWN, codec.unknown_nats, 0.0)
    nats *= weights
    lengths = ids.row_lengths() - 1
    body_nats = tf.ragged.boolean_mask(
        tf.RaggedTensor.from_tensor(nats, lengths),
        tf.RaggedTensor.from_tensor(weights > 0, lengths),
    )
    return {
        "nats": tf.reduce_sum(nats, axis=1),
        "tokens": tf.cast(tf.reduce_sum(weights, axis=1), tf.int32),
        "characters": codec.count_characters(abc),
        "surprise": body_nats.to_tensor(),  # nats of each token of the body
    }
