"""How chorales from nothing are laid out: as one of those learned from."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.export import demand
from seqapps.tasks.chorale.codec import grid as grids
from seqapps.tasks.chorale.codec.base import ChoraleCodec, shifts
from seqapps.tasks.chorale.codec.grid import OPEN, Grid
from seqapps.tasks.chorale.notation.chorale import VOICES, bar_steps


class Drawn(NamedTuple):
    """Grids with nothing given.

    Args:
        grid: everything is free.
        meter: of each, `(batch,)` strings.
        mode: of each, `(batch,)` strings.
    """

    grid: Grid
    meter: tf.Tensor
    mode: tf.Tensor


def draw_plans(
    codec: ChoraleCodec,
    meter: tf.Tensor | str,
    mode: tf.Tensor | str,
    sharps: tf.Tensor | int,
    count: tf.Tensor,
    seed: tf.Tensor,
) -> Drawn:
    """Draws metre, length, pick-up and fermatas of chorales.

    Args:
        codec: has the plans to draw from.
        meter: such as "4/4"; empty for any.
        mode: "major", "minor" or empty for any.
        sharps: of their key signature.
        count: how many.
        seed: of the random numbers.

    Raises:
        InvalidArgumentError: there is no such plan.
    """
    columns = list(zip(*codec.plans, strict=True))
    meters, modes = tf.constant(columns[0]), tf.constant(columns[1])
    fits = ((meter == "") | (meters == meter)) & (
        (mode == "") | (modes == mode)
    )
    demand(
        tf.reduce_any(fits),
        "no chorale was learned in this metre and mode:",
        tf.strings.join([meter, mode], " "),
    )
    logits = tf.where(fits, 0.0, -1e9)[tf.newaxis]
    rows = tf.random.stateless_categorical(
        logits, count, tf.stack([seed, -1]), tf.int32
    )[0]
    lengths = tf.gather(tf.constant(columns[4]), rows)
    time = tf.reduce_max(lengths)
    marks = tf.ragged.constant(columns[5], tf.int32, ragged_rank=1)
    marks = tf.gather(marks, rows).to_tensor(-1)  # (batch, most)
    marked = tf.reduce_any(
        marks[..., tf.newaxis] == tf.range(time), 1
    )  # (batch, time)
    shape = tf.stack([count, time, len(VOICES)])
    soprano = tf.constant([True, False, False, False])
    names = tf.gather(modes, rows)
    bars = tf.constant([bar_steps(each) for each in columns[0]])
    grid = Grid(
        tokens=tf.fill(shape, OPEN),
        free=tf.fill(shape, True),
        fermatas=tf.where(marked, grids.MARKED, grids.PLAIN),
        marks=marked[..., tf.newaxis] & soprano,
        lengths=lengths,
        pickup=tf.gather(tf.constant(columns[2]), rows),
        bar=tf.gather(bars, rows),
        mode=tf.where(names == "major", 1, tf.where(names == "minor", 2, 0)),
        shift=tf.fill([count], shifts(tf.convert_to_tensor(sharps))),
    )
    return Drawn(grid, tf.gather(meters, rows), names)
