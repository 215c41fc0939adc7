"""The codec: texts of voices to the network's integers, and back."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seqapps.export import demand
from seqapps.tasks.chorale.codec import grid as grids
from seqapps.tasks.chorale.codec.grid import HOLD, OPEN, REST, Grid
from seqapps.tasks.chorale.notation.chorale import (
    MOST_BAR_STEPS,
    VOICES,
    bar_steps,
)

LOWEST, HIGHEST = 30, 88  # MIDI pitches once a key signature is moved to none
ID_HOLD, ID_REST, ID_PITCH = 0, 1, 2
VOCABULARY = ID_PITCH + HIGHEST - LOWEST + 1
ID_OPEN = VOCABULARY  # as an input only
SHIFTS = 12
ORDER = (0, 3, 1, 2)  # voices are written so: soprano, bass, alto, tenor
# columns of the network's inputs: tokens, what sounds and what is free, of
# each voice; then these, one each
TOKENS, SOUNDS, FREE = slice(0, 4), slice(4, 8), slice(8, 12)
POSITION, BAR, FERMATA, MODE, SHIFT, VALID = range(12, 18)
FEATURES = 18
_METERS = [
    f"{beats}/{unit}"
    for unit in (1, 2, 4, 8, 16)
    for beats in range(1, 3 * unit + 1)
]
_MODES = ("", "major", "minor")
# how a chorale is laid out: metre, mode, pick-up, sharps, steps, fermatas
Plan = tuple[str, str, int, int, int, list[int]]


@keras.saving.register_keras_serializable(package="seqapps")
class ChoraleCodec(tf.Module):
    """Turns voices into the network's inputs, and what it writes into text.

    All pitches are moved by the key signature to that of C major and A minor,
    so that the network learns one key; it is told by how much.

    Args:
        plans: how the training chorales are laid out; see `Plan`. Chorales
            composed from nothing take one of them.
    """

    def __init__(self, plans: Sequence[Plan]):
        super().__init__(name="codec")
        self.plans = [list(plan) for plan in plans]

    def __len__(self) -> int:
        return VOCABULARY

    def get_config(self) -> dict[str, Any]:
        return {"plans": self.plans}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ChoraleCodec":
        return cls(**config)

    def parse(
        self,
        voices: Sequence[tf.Tensor],
        meter: tf.Tensor,
        pickup: tf.Tensor,
        sharps: tf.Tensor,
        mode: tf.Tensor,
    ) -> Grid:
        """Returns a grid of one chorale.

        Args:
            voices: texts, `()` each; an empty one is to be written.
            meter: such as "4/4", `()`; so for the rest.
            pickup: sixteenths before the first bar line.
            sharps: of the key signature.
            mode: "major", "minor" or "".

        Raises:
            InvalidArgumentError: a text or a number is wrong.
        """
        rows = [tf.strings.split(tf.strings.strip(voice)) for voice in voices]
        steps = tf.reduce_max(tf.stack([tf.size(row) for row in rows]))
        demand(steps > 0, "no voice has a sixteenth", "")
        columns, marks = [], []
        for row, name in zip(rows, VOICES, strict=True):
            demand(
                (tf.size(row) == 0) | (tf.size(row) == steps),
                f"all voices must be as long as the longest; the {name} has",
                tf.size(row),
            )
            right = tf.strings.regex_full_match(row, r"(\d{1,3}|[_.?])\^?")
            wrong = tf.boolean_mask(row, ~right)
            demand(tf.size(wrong) == 0, "no token of a voice:", wrong)
            row = tf.boolean_mask(row, right)
            columns.append(_numbers(row, steps))
            mark = tf.strings.regex_full_match(row, r".*\^")
            marks.append(tf.pad(mark, [[0, steps - tf.size(mark)]]))
        tokens = tf.stack(columns, 1)[tf.newaxis]  # (1, time, 4)
        known = tf.reduce_any(marks[0])
        fermatas = tf.where(marks[0], grids.MARKED, grids.PLAIN)
        return Grid(
            tokens=tokens,
            free=grids.sounding(tokens) == OPEN,
            fermatas=tf.where(known, fermatas, grids.UNKNOWN)[tf.newaxis],
            marks=tf.stack(marks, 1)[tf.newaxis],
            lengths=steps[tf.newaxis],
            pickup=_between(pickup, 0, MOST_BAR_STEPS, "pickup"),
            bar=self._bar(meter),
            mode=self._mode(mode),
            shift=shifts(_between(sharps, -7, 7, "sharps")),
        )

    def _bar(self, meter: tf.Tensor) -> tf.Tensor:
        known = tf.constant(_METERS) == meter
        demand(tf.reduce_any(known), "no metre of a chorale:", meter)
        bars = tf.constant([bar_steps(meter) for meter in _METERS])
        return tf.reduce_max(tf.where(known, bars, 1))[tf.newaxis]

    def _mode(self, mode: tf.Tensor) -> tf.Tensor:
        known = tf.constant(_MODES) == mode
        demand(tf.reduce_any(known), "mode is major, minor or empty, not", mode)
        return tf.argmax(known, output_type=tf.int32)[tf.newaxis]

    def inputs(self, grid: Grid) -> tf.Tensor:
        """Returns the network's inputs, `(batch, time, FEATURES)` integers."""
        steps = tf.range(tf.shape(grid.tokens)[1])[tf.newaxis]
        position = (steps - grid.pickup[:, tf.newaxis]) % grid.bar[
            :, tf.newaxis
        ]

        def column(values: tf.Tensor) -> tf.Tensor:
            whole = tf.broadcast_to(values[:, tf.newaxis], tf.shape(position))
            return whole[..., tf.newaxis]

        ids = self.ids(grid.tokens, grid.shift)
        sounds = self.ids(grids.sounding(grid.tokens), grid.shift)
        return tf.concat(
            [
                ids,
                sounds,
                tf.cast(grid.free, tf.int32),
                position[..., tf.newaxis],
                column(grid.bar),
                grid.fermatas[..., tf.newaxis],
                column(grid.mode),
                column(grid.shift + 5),
                tf.cast(grid.valid, tf.int32)[..., tf.newaxis],
            ],
            -1,
        )

    def ids(self, tokens: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
        """Returns the network's tokens.

        Args:
            tokens: as in `Grid`, `(batch, ...)`.
            shift: `(batch,)`.
        """
        for _ in range(tokens.shape.rank - 1):
            shift = shift[..., tf.newaxis]
        pitches = tf.clip_by_value(tokens + shift, LOWEST, HIGHEST)
        ids = pitches - LOWEST + ID_PITCH
        ids = tf.where(tokens == HOLD, ID_HOLD, ids)
        ids = tf.where(tokens == REST, ID_REST, ids)
        return tf.where(tokens == OPEN, ID_OPEN, ids)

    def tokens(self, ids: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
        """Returns the tokens of the network's, `(batch,)` each."""
        pitches = ids - ID_PITCH + LOWEST - shift
        return tf.where(
            ids == ID_HOLD, HOLD, tf.where(ids == ID_REST, REST, pitches)
        )

    def texts(self, grid: Grid) -> tf.Tensor:
        """Returns the texts of all voices, `(4, batch)` strings."""
        words = tf.strings.as_string(grid.tokens)
        words = tf.where(grid.tokens == HOLD, "_", words)
        words = tf.where(grid.tokens == REST, ".", words)
        marked = grid.marks & (grid.tokens >= 0)
        words = tf.where(marked, words + "^", words)
        words = tf.transpose(words, [2, 0, 1])  # (4, batch, time)
        lengths = tf.tile(grid.lengths, [len(VOICES)])
        shape = tf.shape(words)
        rows = tf.RaggedTensor.from_tensor(
            tf.reshape(words, [-1, shape[2]]), lengths
        )
        texts = tf.strings.reduce_join(rows, axis=1, separator=" ")
        return tf.reshape(texts, shape[:2])


def shifts(sharps: tf.Tensor) -> tf.Tensor:
    """Returns the semitones, -5 to 6, that bring signatures to none."""
    return (5 - 7 * sharps) % 12 - 5


def _numbers(words: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """The tokens of a voice's words; all are open if there is none."""
    words = tf.strings.regex_replace(words, r"\^$", "")
    for word, number in (("_", HOLD), (".", REST), ("?", OPEN)):
        words = tf.where(words == word, str(number), words)
    numbers = tf.strings.to_number(words, tf.int32)
    padding = [[0, steps - tf.size(numbers)]]
    return tf.pad(numbers, padding, constant_values=OPEN)


def _between(value: tf.Tensor, low: int, high: int, name: str) -> tf.Tensor:
    """A number of one row, in range."""
    right = (value >= low) & (value <= high)
    demand(right, f"{name} is from {low} to {high}, not", value)
    return tf.clip_by_value(value, low, high)[tf.newaxis]
