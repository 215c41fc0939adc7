"""The graph functions of a harmoniser: texts of voices in and out."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapps.export import demand
from seqapps.tasks.chorale.codec import grid as grids
from seqapps.tasks.chorale.codec.base import ChoraleCodec
from seqapps.tasks.chorale.codec.grid import Grid
from seqapps.tasks.chorale.codec.plans import draw_plans
from seqapps.tasks.chorale.notation.chorale import VOICES
from seqapps.tasks.chorale.options import MOST_REWRITES, HarmoniseOptions
from seqapps.tasks.chorale.writing.loop import Sampling, complete
from seqapps.tasks.chorale.writing.mask import can_be_written

_STRING = tf.TensorSpec([], tf.string)
_INT = tf.TensorSpec([], tf.int32)
_FLOAT = tf.TensorSpec([], tf.float32)
# count, temperature, top_p, rewrites, seed
_SAMPLING = [_INT, _FLOAT, _FLOAT, _INT, _INT]


def functions(
    model: Any, codec: ChoraleCodec
) -> dict[str, tf.types.experimental.GenericFunction]:
    """Builds the functions that are exported.

    Args:
        model: a `ChoraleModel`.
        codec: of its tokens.

    Returns:
        `harmonise`, `compose`, `score` and a short `serving_default`.
    """

    def harmonise(
        soprano,
        alto="",
        tenor="",
        bass="",
        meter="4/4",
        pickup=0,
        sharps=0,
        mode="",
        count=HarmoniseOptions.count,
        temperature=HarmoniseOptions.temperature,
        top_p=HarmoniseOptions.top_p,
        rewrites=HarmoniseOptions.rewrites,
        seed=HarmoniseOptions.seed,
    ):
        voices = soprano, alto, tenor, bass
        grid = codec.parse(voices, meter, pickup, sharps, mode)
        room = can_be_written(grids.sounding(grid.tokens), grid.free)
        step = 1 + tf.argmax(tf.cast(~room[0], tf.int32))
        demand(
            tf.reduce_all(room),
            "given notes cross or leave the range of their voice in sixteenth",
            step,
        )
        sampling = _sampling(temperature, top_p, rewrites, seed)
        grid = grid.repeated(_count(count))
        return _texts(codec, complete(model, codec, grid, sampling))

    def compose(
        meter="",
        sharps=0,
        mode="",
        count=HarmoniseOptions.count,
        temperature=HarmoniseOptions.temperature,
        top_p=HarmoniseOptions.top_p,
        rewrites=HarmoniseOptions.rewrites,
        seed=HarmoniseOptions.seed,
    ):
        demand((sharps >= -7) & (sharps <= 7), "sharps is -7 to 7, not", sharps)
        drawn = draw_plans(codec, meter, mode, sharps, _count(count), seed)
        sampling = _sampling(temperature, top_p, rewrites, seed)
        return _texts(codec, complete(model, codec, drawn.grid, sampling)) | {
            "meter": drawn.meter,
            "pickup": drawn.grid.pickup,
            "mode": drawn.mode,
        }

    def score(
        soprano,
        alto,
        tenor,
        bass,
        meter="4/4",
        pickup=0,
        sharps=0,
        mode="",
    ):
        voices = soprano, alto, tenor, bass
        grid = codec.parse(voices, meter, pickup, sharps, mode)
        nats = _voice_nats(model, codec, grid)
        return {"nats": nats, "total": tf.reduce_sum(nats)}

    def serving_default(soprano, meter, sharps, seed):
        one = harmonise(soprano, meter=meter, sharps=sharps, seed=seed)
        return {name: tf.ensure_shape(text, [1]) for name, text in one.items()}

    signatures: dict[Callable[..., Any], list[tf.TensorSpec]] = {
        harmonise: [*[_STRING] * 5, _INT, _INT, _STRING, *_SAMPLING],
        compose: [_STRING, _INT, _STRING, *_SAMPLING],
        score: [*[_STRING] * 5, _INT, _INT, _STRING],
        serving_default: [_STRING, _STRING, _INT, _INT],
    }
    return {
        function.__name__: tf.function(
            function, input_signature=signature, autograph=False
        )
        for function, signature in signatures.items()
    }


def _count(count: tf.Tensor) -> tf.Tensor:
    demand(count >= 1, "count must be 1 or more, not", count)
    return tf.maximum(count, 1)


def _sampling(
    temperature: tf.Tensor,
    top_p: tf.Tensor,
    rewrites: tf.Tensor,
    seed: tf.Tensor,
) -> Sampling:
    demand(temperature > 0, "temperature must be above 0, not", temperature)
    in_range = (top_p > 0) & (top_p <= 1)
    demand(in_range, "top_p is above 0 and up to 1, not", top_p)
    few = (rewrites >= 0) & (rewrites <= MOST_REWRITES)
    demand(few, f"rewrites is 0 to {MOST_REWRITES}, not", rewrites)
    return Sampling(  # the checks come in no order
        temperature=tf.where(temperature > 0, temperature, 1.0),
        top_p=tf.where(in_range, top_p, 1.0),
        rewrites=tf.where(few, rewrites, 0),
        seed=seed,
    )


def _texts(codec: ChoraleCodec, grid: Grid) -> dict[str, tf.Tensor]:
    texts = codec.texts(grid)
    return {name: texts[voice] for voice, name in enumerate(VOICES)}


def _voice_nats(model: Any, codec: ChoraleCodec, grid: Grid) -> tf.Tensor:
    """The nats of alto, tenor and bass given the soprano, `(4,)`."""
    lower = tf.constant([False, True, True, True])
    free = tf.broadcast_to(lower, tf.shape(grid.tokens))
    inputs = codec.inputs(grid._replace(free=free))
    logits = tf.cast(model(inputs, training=False), tf.float32)
    ids = codec.ids(grid.tokens, grid.shift)
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.minimum(ids, len(codec) - 1), logits
    )  # (1, time, 4)
    return tf.reduce_sum(tf.where(free, nats, 0.0), [0, 1])
