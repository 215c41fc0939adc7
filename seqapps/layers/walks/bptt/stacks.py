"""Rows of stacks `(batch, time, ...)`, inside XLA."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from seqapps.layers.types import Tensor
from seqapps.private import xla_slice, xla_update


def matmul(x: Tensor, kernel: Tensor) -> Tensor:
    """Multiplies in float32 at least: XLA multiplies bfloat16 more slowly."""
    dtype = "float32" if x.dtype.size == 2 else x.dtype
    return tf.matmul(tf.cast(x, dtype), tf.cast(kernel, dtype))


def to_bits(x: Tensor) -> Tensor:
    """Reinterprets half-precision numbers as integers.

    XLA on a CPU would widen a whole stack of them to read or write one row.
    """
    half = x.dtype.is_floating and x.dtype.size == 2
    return tf.bitcast(x, tf.uint16) if half else x


def from_bits(stacks: Sequence[Tensor], rows: Sequence[Tensor]) -> list[Tensor]:
    """Undoes `to_bits`: gives each stack the dtype of its rows."""
    return [
        stack if stack.dtype == row.dtype else tf.bitcast(stack, row.dtype)
        for stack, row in zip(stacks, rows, strict=True)
    ]


def read_row(stack: Tensor, t: Tensor | int, dtype: Any = None) -> Tensor:
    """Reads row t of a stack, which may be the `to_bits` of a dtype."""
    batch, _, *rest = tf.unstack(tf.shape(stack))
    start = tf.stack([0, t, *[0 for _ in rest]])
    row = xla_slice(stack, start, [batch, 1, *rest])
    row = tf.squeeze(row, 1)
    row.set_shape([stack.shape[0], *stack.shape[2:]])
    return row if dtype in (None, row.dtype) else tf.bitcast(row, dtype)


def write_row(stack: Tensor, t: Tensor, row: Tensor) -> Tensor:
    """Writes row t of a stack that is kept as `to_bits`."""
    start = tf.stack([0, t, *[0 for _ in row.shape[1:]]])
    row = tf.expand_dims(to_bits(row), 1)
    return xla_update(stack, row, start)


def write_rows(
    stacks: Sequence[Tensor], t: Tensor, rows: Sequence[Tensor]
) -> list[Tensor]:
    """Writes row t of each stack."""
    return [
        write_row(stack, t, row)
        for stack, row in zip(stacks, rows, strict=True)
    ]


def empty_stacks(rows: Sequence[Tensor], time: Tensor) -> list[Tensor]:
    """Returns a stack of zeros for each kind of row, as `to_bits`."""
    stacks = []
    for row in map(to_bits, rows):
        batch, *rest = tf.unstack(tf.shape(row))
        stack = tf.zeros([batch, time, *rest], row.dtype)
        stack.set_shape([row.shape[0], None, *row.shape[1:]])
        stacks.append(stack)
    return stacks


def select(
    mask: Tensor | None, column: int, row: Tensor, other: Tensor
) -> Tensor:
    """Selects `row` where a column of `step_masks` is True, else `other`.

    Without a mask it is `row`.
    """
    if mask is None:
        return row
    return tf.where(mask[:, column : column + 1], row, other)
