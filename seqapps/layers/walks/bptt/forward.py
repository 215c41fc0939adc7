"""The loop forward."""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import Tensor
from seqapps.layers.walks.bptt import (
    SHOWS_OUTPUT,
    UPDATES_STATES,
    WalkOptions,
    stacks,
)
from seqapps.layers.walks.bptt.plan import Plan
from seqapps.layers.walks.bptt.step import PureStep


class ForwardInputs(NamedTuple):
    """What the forward loop reads.

    Args:
        projected: the leaves of `projected`, `(batch, time, n)` each.
        masks: none, or the `step_masks`.
        states: the initial ones, `(batch, size)` each.
        noise: the tensors that `draw` returned.
        values: the values of the cell's weights.
        length: none, or the number of steps, `()`, where the stacks are
            longer.
    """

    projected: list[Tensor]
    masks: list[Tensor]
    states: list[Tensor]
    noise: list[Tensor]
    values: list[Tensor]
    length: list[Tensor]


class ForwardResult(NamedTuple):
    """What the forward loop returns.

    Args:
        outputs: all outputs `(batch, time, size)`, if they are wanted, and the
            last one `(batch, size)`, if it is no state.
        states: the last ones, `(batch, size)` each.
        saved_states: those before each step, `(batch, time, size)` each.
        saved_products: those of each step, `(batch, time, n)` each.
    """

    outputs: list[Tensor]
    states: list[Tensor]
    saved_states: list[Tensor]
    saved_products: list[Tensor]


def forward_walk(
    cell: Cell, plan: Plan, options: WalkOptions, inputs: ForwardInputs
) -> ForwardResult:
    """Walks forward, and saves what the plan says if it is to."""
    projected, masks, states, noise, values, length = inputs
    time = tf.shape(projected[0])[1]
    last = (length[0] if length else time) - 1
    cell_step = PureStep(cell, plan, values, noise)
    kernels = cell_step.kernels(
        [stacks.read_row(x, 0) for x in projected], states
    )
    dtype = cell.compute_dtype
    readable = [(stacks.to_bits(x), x.dtype) for x in [*projected, *masks]]

    def place(t: Tensor) -> Tensor:
        return last - t if options.go_backwards else t

    def read(t: Tensor | int) -> list[Tensor]:
        at = place(t)
        return [stacks.read_row(x, at, dtype) for x, dtype in readable]

    def step(
        states: Sequence[Tensor], y: Sequence[Tensor], row: Sequence[Tensor]
    ) -> tuple[list[Tensor], list[Tensor], Tensor, list[Tensor]]:
        leaves = row[: len(projected)]
        mask = row[-1] if masks else None
        products: list[Tensor] = []

        def matmul(x: Tensor, _: Tensor) -> Tensor:
            product = stacks.matmul(tf.cast(x, dtype), kernels[len(products)])
            products.append(tf.cast(product, dtype))
            return products[-1]

        output, new_states = cell_step.run(leaves, states, matmul)
        new_states = [
            stacks.select(mask, UPDATES_STATES, new, old)
            for new, old in zip(new_states, states, strict=True)
        ]
        if plan.output_state is None:
            y = [stacks.select(mask, UPDATES_STATES, output, y[0])]
            shown = y[0]
        else:
            shown = new_states[plan.output_state]
        shown = stacks.select(mask, SHOWS_OUTPUT, shown, tf.zeros_like(shown))
        for product, leaf in plan.kept_sums.items():
            products[product] += leaves[leaf]
        return new_states, list(y), shown, products

    def saved(
        tensors: Sequence[Tensor], indices: Sequence[int]
    ) -> list[Tensor]:
        return (
            [tensors[i] for i in indices] if options.save_for_backward else []
        )

    def body(
        t: Tensor,
        states: list[Tensor],
        y: list[Tensor],
        row: list[Tensor],
        outputs: list[Tensor],
        saved_states: list[Tensor],
        saved_products: list[Tensor],
    ) -> tuple[Tensor, ...]:
        at = place(t)
        saved_states = stacks.write_rows(
            saved_states, at, saved(states, plan.saved_states)
        )
        states, y, shown, products = step(states, y, row)
        outputs = [stacks.write_row(stack, t, shown) for stack in outputs]
        saved_products = stacks.write_rows(
            saved_products, at, saved(products, plan.saved_products)
        )
        row = read(t + 1)
        return t + 1, states, y, row, outputs, saved_states, saved_products

    size = [tf.shape(states[0])[0], cell.output_size]
    y = [tf.zeros(size, dtype)] if plan.output_state is None else []
    _, _, shown, products = step(states, y, read(0))  # for their shapes alone
    output_row = [shown] if options.return_sequences else []
    state_rows = saved(states, plan.saved_states)
    product_rows = saved(products, plan.saved_products)
    _, states, y, _, outputs, saved_states, saved_products = tf.while_loop(
        lambda t, *_: t <= last,
        body,
        (
            0,
            states,
            y,
            read(0),
            stacks.empty_stacks(output_row, time),
            stacks.empty_stacks(state_rows, time),
            stacks.empty_stacks(product_rows, time),
        ),
    )
    return ForwardResult(
        [*stacks.from_bits(outputs, output_row), *y],
        states,
        stacks.from_bits(saved_states, state_rows),
        stacks.from_bits(saved_products, product_rows),
    )
