"""Writes the free notes of a grid, and re-writes them passage by passage."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapps import decoding
from seqapps.tasks.chorale.codec import grid as grids
from seqapps.tasks.chorale.codec.base import (
    ID_HOLD,
    ORDER,
    VOCABULARY,
    ChoraleCodec,
)
from seqapps.tasks.chorale.codec.grid import HOLD, OPEN, Grid
from seqapps.tasks.chorale.writing.mask import (
    allowed,
    parallel,
    pitches_of_ids,
)

PASSAGE = 16  # steps: a bar of 4/4
_NEVER = -1e9
_UNLIKELY = -1e4  # but taken if nothing else is allowed
_VOICES = len(ORDER)


class Sampling(NamedTuple):
    """How notes are chosen: see the verb's settings."""

    temperature: tf.Tensor
    top_p: tf.Tensor
    rewrites: tf.Tensor
    seed: tf.Tensor


class _Loop(NamedTuple):
    time: tf.Tensor
    sounds: tf.Tensor  # in the step before, (batch, 4)
    begins: tf.Tensor  # 1 where they began then
    free: tf.Tensor  # whether they were written
    states: Any
    tokens: tf.TensorArray


def complete(
    model: Any, codec: ChoraleCodec, grid: Grid, sampling: Sampling
) -> Grid:
    """Writes what is free, then re-writes it so many times.

    One re-writing frees every other passage of about a bar, while all else
    is given, and then the passages between them: a blocked Gibbs sampler. So
    every note is chosen once more, knowing what comes after it.

    Args:
        model: a `ChoraleModel`.
        codec: of its tokens.
        grid: what is given.
        sampling: how notes are chosen.
    """
    written = write(model, codec, grid, sampling, tf.constant(0))

    def rewrite(i: tf.Tensor, tokens: tf.Tensor) -> tuple[Any, Any]:
        free = grid.free & passages(tokens, i, sampling.seed)
        part = grid._replace(tokens=tokens, free=free)
        return i + 1, write(model, codec, part, sampling, i + 1)

    _, tokens = tf.while_loop(
        lambda i, _: i < 2 * sampling.rewrites,
        rewrite,
        (tf.constant(0), written),
        (tf.TensorShape([]), tf.TensorShape([None, None, _VOICES])),
    )
    return grid._replace(tokens=tokens, free=tf.zeros_like(grid.free))


def passages(tokens: tf.Tensor, turn: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns the notes of every other passage, `(batch, time, 4)`.

    Notes that reach into two passages are of neither.

    Args:
        tokens: of whole chorales, `(batch, time, 4)`.
        turn: even for the one half of the passages, odd for the other.
        seed: of where passages begin; the same for a turn and the next.
    """
    offset = tf.random.stateless_uniform(
        [tf.shape(tokens)[0], 1, 1],
        tf.stack([seed, turn // 2]),
        maxval=PASSAGE,
        dtype=tf.int32,
    )
    first = (grids.note_starts(tokens) + offset) // PASSAGE
    last = (grids.note_ends(tokens) + offset) // PASSAGE
    return (first == last) & (first % 2 == turn % 2)


def write(
    model: Any,
    codec: ChoraleCodec,
    grid: Grid,
    sampling: Sampling,
    turn: tf.Tensor,
) -> tf.Tensor:
    """Writes what is free, step by step; returns all tokens.

    Args:
        model: a `ChoraleModel`.
        codec: of its tokens.
        grid: what is given.
        sampling: how notes are chosen.
        turn: each has its own random numbers.
    """
    context = model.encode(codec.inputs(grid))
    given = grids.sounding(grid.tokens)
    shift = grid.shift
    batch, time = tf.shape(grid.tokens)[0], tf.shape(grid.tokens)[1]
    is_hold = tf.range(VOCABULARY)[tf.newaxis] == ID_HOLD
    seed = tf.random.experimental.stateless_fold_in(
        tf.stack([sampling.seed, 0]), turn
    )

    def body(loop: _Loop) -> tuple[_Loop]:
        t = loop.time
        here, free = context[:, t], grid.free[:, t]
        h, states = model.step(
            here, codec.ids(loop.sounds, shift), loop.begins, loop.states
        )
        tokens = tf.unstack(grid.tokens[:, t], _VOICES, axis=1)
        sounds = tf.unstack(tf.where(free, OPEN, given[:, t]), _VOICES, axis=1)
        # a given note that begins in the next step
        following = tf.minimum(t + 1, time - 1)
        ahead = tf.where(
            grid.free[:, following], OPEN, grid.tokens[:, following]
        )
        earlier: list[tf.Tensor] = []
        for place, voice in enumerate(ORDER):
            before = loop.sounds[:, voice]
            now = tf.stack(sounds, 1)
            may = allowed(voice, now, before, loop.free[:, voice], shift)
            pitches = tf.where(
                is_hold, before[:, tf.newaxis], pitches_of_ids(shift)
            )
            wrong = parallel(
                voice, loop.sounds, now, before[:, tf.newaxis], pitches
            ) | parallel(
                voice, now, ahead, pitches, ahead[:, voice, tf.newaxis]
            )
            logits = model.logits(h, here, earlier) / sampling.temperature
            logits = tf.cast(logits, tf.float32)
            logits = tf.where(wrong, logits + _UNLIKELY, logits)
            logits = tf.where(may, logits, _NEVER)
            ids = _sample(
                logits,
                sampling.top_p,
                tf.random.experimental.stateless_fold_in(
                    seed, t * _VOICES + place
                ),
            )
            token = tf.where(
                free[:, voice], codec.tokens(ids, shift), tokens[voice]
            )
            sounds[voice] = tf.where(token == HOLD, before, token)
            tokens[voice] = token
            earlier.append(codec.ids(sounds[voice], shift))
        row = tf.stack(tokens, 1)
        return (
            _Loop(
                time=t + 1,
                sounds=tf.stack(sounds, 1),
                begins=tf.cast(row != HOLD, tf.float32),
                free=free,
                states=states,
                tokens=loop.tokens.write(t, row),
            ),
        )

    begin = _Loop(
        time=tf.constant(0),
        sounds=tf.fill([batch, _VOICES], HOLD),
        begins=tf.zeros([batch, _VOICES]),
        free=tf.zeros([batch, _VOICES], tf.bool),
        states=model.initial_states(batch),
        tokens=tf.TensorArray(tf.int32, time, element_shape=[None, _VOICES]),
    )
    (loop,) = tf.while_loop(lambda loop: loop.time < time, body, (begin,))
    return tf.transpose(loop.tokens.stack(), [1, 0, 2])


def _sample(logits: tf.Tensor, top_p: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Draws ids, `(batch,)`, among the likeliest that reach `top_p`."""
    logits, order = decoding.filter_top_k_top_p(logits, 0, top_p)
    ranks = tf.random.stateless_categorical(logits, 1, seed, tf.int32)
    return tf.gather(order, ranks[:, 0], batch_dims=1)
