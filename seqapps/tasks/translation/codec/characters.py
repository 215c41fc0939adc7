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
        ends = tf.concat([[0], tf.cumsum(self.sizes)], 0)
        groups = tf.gather(groups, rows_of(ends, tf.size(self.bytes)))
        # a segment of its own for what is in no group
        groups = tf.where(groups < 0, count, groups)
        return tf.strings.unsorted_segment_join(self.bytes, groups, count + 1)[
            :-1
        ]

    def collapse(
        self, codes: tf.Tensor, starts: tf.Tensor, inside: tf.Tensor
    ) -> tf.Tensor:
        """Writes the texts, of spans the first character alone.

        Args:
            codes: `(all,)`, what is written for each character.
            starts: whether a span starts there, `(all,)`.
            inside: whether it is inside a span, likewise.

        Returns:
            `(batch,)` strings.
        """
        shown = starts | ~inside
        rows = pick(self.rows, shown)
        return encode(pick(codes, shown), rows, self.count)


def read(texts: tf.Tensor) -> Characters:
    """Reads `(batch,)` strings; a byte that is not UTF-8 is a character."""
    found = tf.raw_ops.UnicodeDecodeWithOffsets(
        input=texts, input_encoding="UTF-8"
    )
    splits = tf.cast(found.row_splits, tf.int32)
    rows = rows_of(splits, tf.size(found.char_values))
    # where each character starts among the bytes of all texts
    ends = tf.cumsum(tf.strings.length(texts))  # (batch,)
    before = tf.concat([[0], ends], 0)
    starts = tf.cast(found.char_to_byte_starts, tf.int32)
    starts += tf.gather(before, rows)
    sizes = tf.concat([starts, before[-1:]], 0)
    return Characters(
        found.char_values,
        rows,
        tf.size(texts),
        sizes[1:] - starts,
        tf.strings.bytes_split(texts).flat_values,
    )


def codes_of(texts: tf.Tensor) -> tf.Tensor:
    """The code points of `(batch,)` strings, one text after the other."""
    return tf.raw_ops.UnicodeDecode(
        input=texts, input_encoding="UTF-8"
    ).char_values


def rows_of(splits: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """The row of each of `(count,)` values, given where the rows begin.

    Args:
        splits: `(rows + 1,)`; the first is 0.
        count: of the values; the last of the splits.
    """
    return (
        tf.raw_ops.UpperBound(
            sorted_inputs=splits[tf.newaxis],
            values=tf.range(count)[tf.newaxis],
        )[0]
        - 1
    )


def ragged(values: tf.Tensor, lengths: tf.Tensor) -> tf.RaggedTensor:
    """Rows `(rows, None)` of values, which are as many as the lengths say."""
    return tf.RaggedTensor.from_row_lengths(values, lengths, validate=False)


def places_of(flags: tf.Tensor) -> tf.Tensor:
    """The places of True, `(some,)`."""
    return tf.cast(tf.where(flags)[:, 0], tf.int32)


def pick(values: tf.Tensor, flags: tf.Tensor) -> tf.Tensor:
    """The values of `(all, ...)` whose flag is True."""
    return tf.gather(values, tf.where(flags)[:, 0])


def count_in(rows: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """How many of `(all,)` values are in each row, `(count,)`, in int64."""
    return tf.math.unsorted_segment_sum(
        tf.ones_like(rows, tf.int64), rows, count
    )


def encode(codes: tf.Tensor, rows: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Strings `(count,)` of code points `(all,)`, given the row of each."""
    splits = tf.raw_ops.LowerBound(
        sorted_inputs=rows[tf.newaxis],
        values=tf.range(count + 1)[tf.newaxis],
        out_type=tf.int64,
    )[0]
    return tf.raw_ops.UnicodeEncode(
        input_values=codes, input_splits=splits, output_encoding="UTF-8"
    )


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
