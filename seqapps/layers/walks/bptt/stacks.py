"""Rows of stacks, inside XLA."""

import tensorflow as tf

from seqapps.private import xla_slice, xla_update


def product(x, kernel):
    """A product of one step: XLA's of bfloat16 is slower than of float32."""
    wide = "float32" if x.dtype.size == 2 else x.dtype
    return tf.matmul(tf.cast(x, wide), tf.cast(kernel, wide))


def bits(x):
    """Half-precision numbers as integers.

    XLA on a CPU would widen a whole stack of them to read or write one row.
    """
    half = x.dtype.is_floating and x.dtype.size == 2
    return tf.bitcast(x, tf.uint16) if half else x


def at(stack, t, dtype=None):
    """Row t of a stack `(batch, time, ...)`, kept as `bits` of a dtype."""
    batch, _, *rest = tf.unstack(tf.shape(stack))
    start = tf.stack([0, t, *[0 for _ in rest]])
    row = xla_slice(stack, start, [batch, 1, *rest])
    row = tf.squeeze(row, 1)
    row.set_shape([stack.shape[0], *stack.shape[2:]])
    return row if dtype in (None, row.dtype) else tf.bitcast(row, dtype)


def put(stack, t, row):
    """Writes row t of a stack of `bits`."""
    start = tf.stack([0, t, *[0 for _ in row.shape[1:]]])
    row = tf.expand_dims(bits(row), 1)
    return xla_update(stack, row, start)


def stack_of(row, time):
    """An empty stack of such rows, as `bits`."""
    row = bits(row)
    shape = tf.unstack(tf.shape(row))
    stack = tf.zeros([shape[0], time, *shape[1:]], row.dtype)
    stack.set_shape([row.shape[0], None, *row.shape[1:]])
    return stack


def numbers(stacks, rows):
    """Stacks of `bits` as stacks of what such rows are."""
    return [
        stack if stack.dtype == row.dtype else tf.bitcast(stack, row.dtype)
        for stack, row in zip(stacks, rows, strict=True)
    ]


def where(marks, column, row, other):
    """Rows where a mark is set, others where not; all without marks."""
    if marks is None:
        return row
    return tf.where(marks[:, column : column + 1], row, other)
