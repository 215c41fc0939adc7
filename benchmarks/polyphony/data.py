"""Piano rolls in windows, transposed; whole pieces to validate and to test."""

from pathlib import Path
from typing import Literal

import numpy as np

from seqapps.console.arguments import Count, Size, checked
from seqapps.errors import InputError
from seqapps.task import Data

KEYS = 88
_FILES = {
    "jsb": "JSB_Chorales.mat",
    "nottingham": "Nottingham.mat",
    "musedata": "MuseData.mat",
    "piano": "Piano_midi.mat",
}
_SPLITS = {"train": "traindata", "validation": "validdata", "test": "testdata"}


@checked
def load_data(
    *,
    collection: Literal["jsb", "nottingham", "musedata", "piano"] = "jsb",
    folder: Path = Path("polyphonic"),
    window: Count = 100,
    batch_size: Count = 16,
    transpose: Size = 5,
    multiple: Count = 64,
) -> Data:
    """Loads a set with its own splits: inputs x[:-1], targets x[1:].

    Args:
        collection: which set.
        folder: where JSB_Chorales.mat and the others lie.
        window: steps of a training window; an epoch has every step once, but
            for the ends of pieces.
        batch_size: windows in a batch.
        transpose: semitones by which a window is moved at most, up or down,
            as far as the training set's compass allows; 0 for none.
        multiple: whole pieces are padded to a multiple of so many steps.

    Returns:
        Batches `(x, y, weights)`: inputs and targets side by side `(batch,
        time, 2 * 88)`, for a head may see the keys below the one that it
        predicts; targets `(batch, time, 88)`; weights `(batch, time)`.

    Raises:
        InputError: the file is not there.
    """
    import tensorflow as tf

    from benchmarks.polyphony.codec import RollCodec
    from seqapps import pipeline

    pieces = _load(folder / _FILES[collection])
    low, high = _compass(pieces["train"])
    rolls = pieces["train"]
    flat = tf.constant(np.concatenate(rolls))
    ends = np.cumsum([len(roll) for roll in rolls])
    windows, rooms = [], []
    for roll, end in zip(rolls, ends, strict=True):
        used = _compass([roll])
        room = max(low - used[0], -transpose), min(high - used[1], transpose)
        first, scored = end - len(roll), len(roll) - 1
        for start in range(0, max(scored, 1), window):
            windows.append((first, scored, start))
            rooms.append(room)
    table = tf.constant(windows, tf.int32)
    room = tf.constant(rooms, tf.int32)
    steps, rows_of = pipeline.bucketed(
        np.full(len(windows), window), batch_size
    )

    def train_batch(step, seed):
        rows = rows_of(step, seed)
        pair = tf.cast(tf.stack([seed, step]), tf.int32)
        draws = tf.random.stateless_uniform([2, tf.size(rows)], pair)
        first, scored, start = tf.unstack(tf.gather(table, rows), axis=1)
        jitter = tf.cast((draws[0] - 0.5) * window, tf.int32)
        start = tf.minimum(start + jitter, scored - window)
        start = tf.maximum(start, 0)
        place = start[:, tf.newaxis] + tf.range(window + 1)
        inside = place <= scored[:, tf.newaxis]
        index = tf.where(inside, place, 0) + first[:, tf.newaxis]
        roll = tf.cast(tf.gather(flat, index), tf.float32)
        roll = tf.where(inside[..., tf.newaxis], roll, 0.0)
        down, up = tf.unstack(tf.gather(room, rows), axis=1)
        width = tf.cast(up - down + 1, tf.float32)
        by = down + tf.cast(tf.floor(draws[1] * width), tf.int32)
        # the room leaves the keys that roll around empty
        keys = (tf.range(KEYS) - by[:, tf.newaxis]) % KEYS
        keys = tf.repeat(keys[:, tf.newaxis], window + 1, axis=1)
        roll = tf.gather(roll, keys, batch_dims=2)
        return _batch(roll, tf.cast(inside[:, 1:], tf.float32))

    def held_out(name):
        def whole():
            for roll in sorted(pieces[name], key=len):
                time = len(roll) - 1
                if time < 1:
                    continue
                padded = -(-time // multiple) * multiple
                frame = np.zeros([1, padded + 1, KEYS], np.float32)
                frame[0, : time + 1] = roll
                weights = np.zeros([1, padded], np.float32)
                weights[0, :time] = 1
                yield _batch(frame, weights)

        spec = (
            tf.TensorSpec([1, None, 2 * KEYS]),
            tf.TensorSpec([1, None, KEYS]),
            tf.TensorSpec([1, None]),
        )
        return tf.data.Dataset.from_generator(whole, output_signature=spec)

    return Data(
        train=pipeline.epoch(train_batch, steps),
        valid=held_out("validation"),
        test=held_out("test"),
        codec=RollCodec(),
        examples={
            name: [roll.tolist() for roll in rolls]
            for name, rolls in pieces.items()
        }
        if collection == "jsb"
        else None,
        start=lambda step, seed: pipeline.stream(train_batch, step, seed),
    )


def _batch(roll, weights):
    import tensorflow as tf

    x, y = roll[:, :-1], roll[:, 1:]
    return tf.concat([x, y], -1), y, weights


def _load(path: Path) -> dict[str, list[np.ndarray]]:
    import scipy.io

    if not path.is_file():
        raise InputError(f"{path} is not there: name its folder")
    file = scipy.io.loadmat(path)
    return {
        name: [np.asarray(roll, np.uint8) for roll in file[key].flat]
        for name, key in _SPLITS.items()
    }


def _compass(rolls: list[np.ndarray]) -> tuple[int, int]:
    """The lowest and the highest key."""
    used = np.any([roll.any(0) for roll in rolls], axis=0)
    keys = np.flatnonzero(used)
    return (int(keys[0]), int(keys[-1])) if len(keys) else (0, KEYS - 1)
