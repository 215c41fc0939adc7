"""Texts as one flat row of characters, inside the TensorFlow graph."""

import functools
import unicodedata
from typing import NamedTuple

import numpy as np
import tensorflow as tf

SPACE, LETTER, MASK, CLOSER, OTHER = range(5)  # kinds of characters
FIRST_MASK, LAST_MASK = 0xE000, 0xF8FF  # the private use area
_CLOSERS = ".,;:!?\u2026)]}\u00bb\u201d\u2019%\u3002\uff01\uff1f"
_END = 0x10000  # of the table: all beyond are letters


class Characters(NamedTuple):
    """The characters of a batch of texts, one after the other.

    Attributes:
        codes: `(all,)`, the code points.
        rows: `(all,)`, the text of each.
        count: `()`, the number of texts.
        sizes: `(all,)`, the bytes of each.
        bytes: `(bytes,)` strings of one byte.
    """

    codes: tf.Tensor
    rows: tf.Tensor
    count: tf.Tensor
    sizes: tf.Tensor
    bytes: tf.Tensor

    def join(self, groups: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        """Joins the characters of a group to a string, byte for byte.

        Args:
            groups: `(all,)`, the group of each character; -1 for none.
            count: the number of groups.

        Returns:
            `(count,)` strings.
        """
        groups = tf.repeat(groups, self.sizes)  # (bytes,)
        used = groups >= 0
        return tf.strings.unsorted_segment_join(
            tf.boolean_mask(self.bytes, used),
            tf.boolean_mask(groups, used),
            count,
        )


def read(texts: tf.Tensor) -> Characters:
    """Reads `(batch,)` strings; a byte that is not UTF-8 is a character."""
    codes, offsets = tf.strings.unicode_decode_with_offsets(texts, "UTF-8")
    rows = tf.cast(codes.value_rowids(), tf.int32)
    starts = offsets.flat_values  # (all,) bytes from the start of the text
    lengths = tf.strings.length(texts)
    ends = tf.concat([starts[1:], [0]], 0)[: tf.size(starts)]
    is_last = tf.concat([rows[1:] != rows[:-1], [True]], 0)[: tf.size(rows)]
    ends = tf.where(is_last, tf.cast(tf.gather(lengths, rows), tf.int64), ends)
    return Characters(
        codes.flat_values,
        rows,
        tf.size(texts),
        tf.cast(ends - starts, tf.int32),
        tf.strings.bytes_split(texts).flat_values,
    )


def encode(codes: tf.Tensor, rows: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Strings `(count,)` of code points `(all,)`, given the row of each."""
    ragged = tf.RaggedTensor.from_value_rowids(
        codes, tf.cast(rows, tf.int64), tf.cast(count, tf.int64), False
    )
    return tf.strings.unicode_encode(ragged, "UTF-8")


def kinds(codes: tf.Tensor) -> tf.Tensor:
    """The kind of each code point, of any shape: SPACE, LETTER, ..."""
    found = tf.gather(_table(), tf.clip_by_value(codes, 0, _END - 1))
    is_mask = (codes >= FIRST_MASK) & (codes <= LAST_MASK)
    found = tf.where(codes < _END, tf.cast(found, tf.int32), LETTER)
    return tf.where(is_mask, MASK, found)


@functools.cache
def _table() -> tf.Tensor:
    """Kinds of the code points below `_END`, once for all graphs, `(_END,)`."""
    table = np.full(_END, OTHER, np.uint8)
    for code in range(_END):
        character = chr(code)
        category = unicodedata.category(character)
        if character.isspace() or category[0] == "Z":
            table[code] = SPACE
        elif category[0] in "LNM":
            table[code] = LETTER
    table[[ord(c) for c in _CLOSERS]] = CLOSER
    with tf.init_scope():
        return tf.constant(table)


def previous(values: tf.Tensor, first: int | bool) -> tf.Tensor:
    """The value before each of `(all,)`; `first` before the first."""
    start = tf.constant([first], values.dtype)
    return tf.concat([start, values], 0)[:-1]


def begins(rows: tf.Tensor) -> tf.Tensor:
    """Whether each of `(all,)` is the first of its row."""
    return rows != previous(rows, -1)


def running(flags: tf.Tensor) -> tf.Tensor:
    """How many of `(all,)` flags are True up to each, itself included."""
    return tf.cumsum(tf.cast(flags, tf.int32))
