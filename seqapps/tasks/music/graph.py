"""The composer's graph functions, with plain strings at both ends."""

import tensorflow as tf

from seqapps import decoding, pipeline
from seqapps.tasks.music import length
from seqapps.tasks.music.codec import NoteCodec

_TEXT = tf.TensorSpec([], tf.string)
_NUMBER = tf.TensorSpec([], tf.int32)
_REAL = tf.TensorSpec([], tf.float32)


def functions(model, codec) -> dict[str, tf.types.experimental.GenericFunction]:
    """What is exported: `generate`, `score`, and a short `serving_default`.

    Args:
        model: a `LanguageModel`.
        codec: of its tokens.
    """

    def generate(
        key="",
        mode="",
        meter="",
        bars=0,
        count=1,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        seed=0,
    ):
        _demand(bars >= 0, "bars must be 1 or more, or 0 for any, not", bars)
        _demand(count >= 1, "count must be 1 or more, not", count)
        _demand(
            temperature > 0, "temperature must be above 0, not", temperature
        )
        _demand(top_k >= 0, "top_k must be 0 or more, not", top_k)
        _demand(
            (top_p > 0) & (top_p <= 1), "top_p is above 0 and up to 1:", top_p
        )
        meters, keys = codec.choose(key, mode, meter, count, seed)
        step, states = model.step, model.initial_states(count)
        if isinstance(codec, NoteCodec):
            step, registers = length.keep(step, codec, bars, meters)
            states = [states, *registers]
        else:
            _demand(
                bars == 0, "a network of characters cannot count bars:", bars
            )
        ids = decoding.sample(
            step,
            states,
            codec.prompt(meters, keys),
            length=codec.length,
            seed=seed,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            banned=codec.banned,
        )
        return {"abc": codec.decode(ids, meters, keys)}

    def score(abc):
        ids = codec.encode(abc)
        given = tf.fill([tf.size(abc)], codec.given)
        x, y, weights = pipeline.teacher_forcing(ids, given)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
            y, tf.cast(model(x, training=False), tf.float32)
        )  # (batch, time)
        return {
            "nats": tf.reduce_sum(nats * weights, axis=1),
            "tokens": tf.cast(tf.reduce_sum(weights, axis=1), tf.int32),
        }

    def compose(key, mode, meter, seed):
        return generate(key, mode, meter, 0, 1, 1.0, 0, 0.95, seed)

    return {
        "generate": tf.function(
            generate,
            input_signature=[_TEXT] * 3
            + [_NUMBER, _NUMBER, _REAL, _NUMBER, _REAL, _NUMBER],
            autograph=False,
        ),
        "score": tf.function(
            score,
            input_signature=[tf.TensorSpec([None], tf.string)],
            autograph=False,
        ),
        "serving_default": tf.function(
            compose,
            input_signature=[_TEXT, _TEXT, _TEXT, _NUMBER],
            autograph=False,
        ),
    }


def _demand(right, message: str, value) -> None:
    tf.debugging.Assert(right, [message, value])
