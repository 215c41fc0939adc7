"""The composer's graph functions, with plain strings at both ends."""

import tensorflow as tf

from seqapps import decoding, pipeline, text
from seqapps.export import demand
from seqapps.tasks.music.codec import lexer as primers
from seqapps.tasks.music.composing import request as requests
from seqapps.tasks.music.composing import step as composing
from seqapps.tasks.music.composing import theme as themes
from seqapps.tasks.music.composing import variation

_TEXT = tf.TensorSpec([], tf.string)
_NUMBER = tf.TensorSpec([], tf.int32)
_REAL = tf.TensorSpec([], tf.float32)


def functions(model, codec) -> dict[str, tf.types.experimental.GenericFunction]:
    """What is exported: `generate`, `score`, and a short `serving_default`.

    Args:
        model: a `LanguageModel`.
        codec: of its tokens.
    """
    compose = _characters if codec.grammar is None else _notes

    def generate(
        key="",
        mode="",
        meter="",
        bars=0,
        form="",
        primer="",
        count=1,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        seed=0,
        constrained=True,
    ):
        demand(bars >= 0, "bars must be 1 or more, or 0 for any, not", bars)
        choices = _choices(count, temperature, top_k, top_p, seed)
        count = tf.maximum(count, 1)  # checks come in no order
        asked = (key, mode, meter, bars, form, primer, count, seed, constrained)
        return {"abc": compose(model, codec, asked, choices)}

    def vary(
        abc, strength=0.3, count=1, temperature=1.0, top_k=0, top_p=1.0, seed=0
    ):
        demand(
            (strength > 0) & (strength <= 1),
            "strength is above 0 and up to 1, not",
            strength,
        )
        choices = _choices(count, temperature, top_k, top_p, seed)
        count = tf.maximum(count, 1)  # checks come in no order
        return _vary(model, codec, abc, strength, count, choices)

    def score(abc):
        ids = codec.encode(abc)
        heads = codec.heads(ids)
        x, y, weights = pipeline.teacher_forcing(ids, heads)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
            y, tf.cast(model(codec.inputs(x), training=False), tf.float32)
        )  # (batch, time)
        nats += tf.where(y == text.UNKNOWN, codec.escape, 0.0)
        nats *= weights
        body = tf.RaggedTensor.from_tensor(nats, ids.row_lengths() - 1)
        body = tf.ragged.boolean_mask(
            body,
            tf.RaggedTensor.from_tensor(weights > 0, ids.row_lengths() - 1),
        )
        return {
            "nats": tf.reduce_sum(nats, axis=1),
            "tokens": tf.cast(tf.reduce_sum(weights, axis=1), tf.int32),
            "characters": codec.characters(abc),
            "surprise": body.to_tensor(),
        }

    def short(key, mode, meter, seed):
        return generate(key, mode, meter, top_p=0.95, seed=seed)

    varying = tf.function(
        vary,
        input_signature=[_TEXT, _REAL, _NUMBER, _REAL, _NUMBER, _REAL, _NUMBER],
        autograph=False,
    )
    return {
        **({} if codec.grammar is None else {"vary": varying}),
        "generate": tf.function(
            generate,
            input_signature=[_TEXT] * 3
            + [_NUMBER, _TEXT, _TEXT, _NUMBER]
            + [_REAL, _NUMBER, _REAL, _NUMBER, tf.TensorSpec([], tf.bool)],
            autograph=False,
        ),
        "score": tf.function(
            score,
            input_signature=[tf.TensorSpec([None], tf.string)],
            autograph=False,
        ),
        "serving_default": tf.function(
            short,
            input_signature=[_TEXT, _TEXT, _TEXT, _NUMBER],
            autograph=False,
        ),
    }


def _notes(model, codec, asked, choices):
    request = requests.read(codec, *asked)
    step, start = composing.walk(model, codec, request.guide, request.length)
    ids = decoding.sample(
        step,
        start,
        request.prompt,
        length=request.length,
        banned=tf.pad(codec.banned, [[0, tf.size(request.pieces)]]),
        **choices,
    )
    return codec.decode(ids, request.meters, request.keys, request.pieces)


def _vary(model, codec, abc, strength, count, choices):
    tune = primers.read(abc)
    demand(tf.size(tune.pieces) > 0, "there is no tune in the ABC", "")
    asked = primers.headers(codec, tune, "", "", "")
    seed = choices["seed"]
    meters, keys = codec.choose(*asked, count, seed)
    theme = themes.read(codec, tune, meters[:1], keys[:1])
    demand(
        tf.reduce_any(theme.free), "no bar of the tune can be re-written", ""
    )
    rewrite = variation.choose(theme, strength, count, seed)
    length = (
        codec.given
        + 2 * tf.size(theme.ids)
        + codec.of_a_bar * tf.size(theme.twin)
    )
    step, start = variation.walk(model, codec, theme, rewrite, length, seed)
    prompt = codec.prompt(meters, keys)
    ids = decoding.sample(step, start, prompt, length=length, **choices)
    pieces = tune.pieces
    return {
        "abc": codec.decode(ids, meters, keys, pieces),
        "changed": rewrite,
    }


def _characters(model, codec, asked, choices):
    key, mode, meter, bars, form, primer, count, seed, _ = asked
    demand(
        (bars == 0) & (form == "") & (primer == ""),
        "a network of characters cannot keep bars, a form or a primer",
        "",
    )
    meters, keys = codec.choose(key, mode, meter, count, seed)
    ids = decoding.sample(
        lambda token, states: model.step(token[:, tf.newaxis], states),
        model.initial_states(count),
        codec.prompt(meters, keys),
        length=codec.length,
        banned=codec.banned,
        **choices,
    )
    return codec.decode(ids, meters, keys)


def _choices(count, temperature, top_k, top_p, seed) -> dict:
    demand(count >= 1, "count must be 1 or more, not", count)
    demand(temperature > 0, "temperature must be above 0, not", temperature)
    demand(top_k >= 0, "top_k must be 0 or more, not", top_k)
    right = (top_p > 0) & (top_p <= 1)
    demand(right, "top_p is above 0 and up to 1, not", top_p)
    return {
        "seed": seed,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
    }
