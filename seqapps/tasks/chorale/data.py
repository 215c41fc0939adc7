"""Loads chorales, splits them and makes the batches that `Model.fit` takes."""

import sys
from pathlib import Path
from typing import Any

from seqapps.console.arguments import Count, checked
from seqapps.task import Data
from seqapps.tasks.chorale.notation.chorale import RANGES, Chorale

_MIN_OWN_STEPS = 20  # batches an epoch of the user's own chorales
_WINDOW = 3  # batches whose chorales are of similar length
_MOST_SHIFT = 5  # semitones by which training chorales are transposed


@checked
def load_data(
    *,
    path: Path | None = None,
    batch_size: Count = 16,
    data_dir: Path | None = None,
) -> Data:
    """Loads Bach's chorales, split so that the same tune stays together.

    Every batch asks for something else: the lower voices of a soprano, all
    voices, some of them, or a passage. Chorales are transposed as far as the
    ranges of their voices allow.

    Args:
        path: your own scores in place of Bach's, a file or a folder: four
            parts each, as .musicxml, .mxl, .mid, .abc or .krn.
        batch_size: chorales in a batch.
        data_dir: the folder of tensorflow-datasets' data.

    Returns:
        Batches `(x, y, weights)`: inputs `(batch, time, features)`, tokens and
        their weights `(batch, time, 4)`, 1 for what is to be written;
        `examples` are chorales.

    Raises:
        InputError: there is no such folder, or it has too few chorales.
    """
    import tensorflow as tf

    from seqapps import pipeline
    from seqapps.tasks.chorale import collection
    from seqapps.tasks.chorale.codec.base import ChoraleCodec
    from seqapps.tasks.chorale.codec.batches import Tables, choose_free

    if path:
        chorales, left_out = collection.load_folder(path)
        for why in left_out:
            print(f"left out: {why}", file=sys.stderr)
    else:
        chorales = collection.load_corpus(data_dir)
    used = ", ".join(f"{len(rows)} {name}" for name, rows in chorales.items())
    print(f"chorales: {used}", file=sys.stderr)
    codec = ChoraleCodec([_plan(each) for each in chorales["train"]])
    tables = {
        name: Tables.of([*zip(rows, map(_room, rows), strict=True)])
        for name, rows in chorales.items()
    }
    lengths = {name: table.lengths.numpy() for name, table in tables.items()}
    steps, rows_of = pipeline.bucketed(lengths["train"], batch_size, _WINDOW)
    if path:  # an epoch of few chorales is several passes
        steps *= max(1, _MIN_OWN_STEPS // steps)

    def batch(grid: Any) -> tuple[Any, Any, Any]:
        weights = grid.free & grid.valid[..., tf.newaxis]
        y = tf.minimum(codec.ids(grid.tokens, grid.shift), len(codec) - 1)
        return codec.inputs(grid), y, tf.cast(weights, tf.float32)

    def train_batch(step: Any, seed: Any) -> tuple[Any, Any, Any]:
        pair = tf.cast(tf.stack([seed, step]), tf.int32)
        grid = tables["train"].transposed(rows_of(step, seed), pair)
        return batch(choose_free(grid, pair))

    def held_out(name: str) -> Any:
        def lower_voices(rows: Any) -> tuple[Any, Any, Any]:
            grid = tables[name].grid(rows)
            lower = tf.constant([False, True, True, True])
            free = tf.broadcast_to(lower, tf.shape(grid.tokens))
            return batch(grid._replace(free=free))

        return pipeline.in_order(lower_voices, lengths[name], batch_size)

    return Data(
        train=pipeline.epoch(train_batch, steps),
        valid=held_out("validation"),
        test=held_out("test"),
        codec=codec,
        examples=chorales,
        start=lambda step, seed: pipeline.stream(train_batch, step, seed),
    )


def _plan(chorale: Chorale) -> tuple[str, str, int, int, int, list[int]]:
    marks = [note.start for note in chorale.notes(0) if note.fermata]
    return (
        chorale.meter,
        chorale.mode,
        chorale.pickup,
        chorale.sharps,
        chorale.steps,
        marks,
    )


def _room(chorale: Chorale) -> tuple[int, int]:
    """By how much a chorale can be transposed, down and up."""
    down, up = _MOST_SHIFT, _MOST_SHIFT
    for voice, (low, high) in enumerate(RANGES):
        pitches = [n.pitch for n in chorale.notes(voice) if n.pitch is not None]
        down = min(down, max(min(pitches) - low, 0))
        up = min(up, max(high - max(pitches), 0))
    return -down, up
