"""The walk by an associative scan, of a linear cell."""

from keras import ops

from seqapps.layers.cells.cell import LinearCell
from seqapps.layers.types import Tensor


def scan(
    cell: LinearCell,
    projected: Tensor,
    state: Tensor,
    mask: Tensor | None = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Walks h_t = a_t * h_{t-1} + b_t by an associative scan.

    Two steps, (a, b) and then (a', b'), equal one: (a * a', a' * b + b').
    So T steps take about 2 * log2(T) rounds, each of which runs in parallel
    over the remaining steps (Blelloch 1990, "Prefix sums and their
    applications"). Compiled by XLA it is much faster than a loop; on a CPU
    and not compiled, it is slower.

    Args:
        cell: the cell.
        projected: the result of its `project`, `(batch, time, n)`; the number
            of steps must be known.
        state: h_0 `(batch, size)`.
        mask: `(batch, time)`, False at the timesteps to skip; or None.
        go_backwards: start at the last timestep; the outputs have that order.
        zero_output_for_mask: output 0 at a skipped timestep, instead of the
            output before it.

    Returns:
        The last output `(batch, size)`, all outputs `(batch, time, size)`,
        and the list of the last state `(batch, size)`.
    """
    dtype = cell.state_dtype
    a, b = cell.coefficients(ops.cast(projected, dtype))  # (batch, time, size)
    if go_backwards:
        a, b = ops.flip(a, axis=1), ops.flip(b, axis=1)
    if mask is not None:
        mask = ops.cast(ops.reshape(mask, ops.shape(a)[:2] + (1,)), "bool")
        mask = ops.flip(mask, axis=1) if go_backwards else mask
        a = ops.where(mask, a, ops.ones_like(a))
        b = ops.where(mask, b, ops.zeros_like(b))
    state = ops.expand_dims(ops.cast(state, dtype), 1)  # (batch, 1, size)
    b = ops.concatenate([b[:, :1] + a[:, :1] * state, b[:, 1:]], axis=1)
    _, h = _prefixes(a, b)  # (batch, time, size)
    y = ops.cast(h, cell.compute_dtype)
    if mask is not None:
        steps = ops.cumsum(ops.cast(mask, "int32"), axis=1)
        shown = mask if zero_output_for_mask else steps > 0  # y_0 is 0
        y = ops.where(shown, y, ops.zeros_like(y))
    return y[:, -1], y, [h[:, -1]]


def _prefixes(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Combines steps 1 ... t into one, for each t.

    The algorithm of `keras.ops.associative_scan`, which Keras 3.15 cannot
    compile (`jit_compile=True`) on TensorFlow.
    """
    pairs = a.shape[1] // 2
    if pairs == 0:
        return a, b
    first, second = slice(0, 2 * pairs, 2), slice(1, None, 2)
    a_odd, b_odd = _prefixes(
        a[:, first] * a[:, second], a[:, second] * b[:, first] + b[:, second]
    )  # (batch, pairs, size) each: up to the second of a pair
    a_next, b_next = a[:, 2::2], b[:, 2::2]
    count = a_next.shape[1]
    b_even = a_next * b_odd[:, :count] + b_next
    a_even = a_next * a_odd[:, :count]
    return (
        _interleaved(ops.concatenate([a[:, :1], a_even], axis=1), a_odd),
        _interleaved(ops.concatenate([b[:, :1], b_even], axis=1), b_odd),
    )


def _interleaved(even: Tensor, odd: Tensor) -> Tensor:
    """Joins [e0, e1, ...] and [o0, o1, ...] as [e0, o0, e1, o1, ...]."""
    pairs, size = odd.shape[1:]
    both = ops.stack([even[:, :pairs], odd], axis=2)
    both = ops.reshape(both, (-1, 2 * pairs, size))
    if even.shape[1] == pairs:
        return both
    return ops.concatenate([both, even[:, pairs:]], axis=1)
