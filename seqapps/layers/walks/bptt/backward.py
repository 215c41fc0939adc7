"""The loop backward, and the products after it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

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


class BackwardInputs(NamedTuple):
    """What the backward loop reads, beside gradients.

    Args:
        first_rows: the first row of each leaf of `projected`, `(batch, n)`.
        read_leaves: the leaves that are read, `(batch, time, n)` each.
        masks: none, or the `step_masks`.
        noise: the tensors that `draw` returned.
        values: the values of the cell's weights.
        length: see `ForwardInputs`.
        saved_states: see `ForwardResult`.
        saved_products: see `ForwardResult`.
    """

    first_rows: list[Tensor]
    read_leaves: list[Tensor]
    masks: list[Tensor]
    noise: list[Tensor]
    values: list[Tensor]
    length: list[Tensor]
    saved_states: list[Tensor]
    saved_products: list[Tensor]


class BackwardResult(NamedTuple):
    """What the backward loop returns.

    Args:
        d_projected: the gradients of the leaves of `projected`; None for a
            bool, and for a leaf that has the gradient of a product.
        d_states: those of the initial states.
        d_direct: those of `plan.direct_weights`, without the products.
        d_products: those of the products, `(batch, time, n)` each.
        inputs: the x of the products whose x is no state.
    """

    d_projected: list[Tensor | None]
    d_states: list[Tensor]
    d_direct: list[Tensor]
    d_products: list[Tensor]
    inputs: list[Tensor]


class _Row(NamedTuple):
    """What is read of one timestep."""

    projected: list[Tensor]
    mask: Tensor | None
    states: list[Tensor]
    products: list[Tensor]
    d_output: Tensor | None


def backward_walk(
    cell: Cell,
    plan: Plan,
    options: WalkOptions,
    inputs: BackwardInputs,
    d_results: Sequence[Tensor],
) -> BackwardResult:
    """Walks backward.

    Args:
        cell: a built cell.
        plan: its plan.
        options: those of the walk forward.
        inputs: see there.
        d_results: the gradients of `ForwardResult.outputs` and `.states`.
    """
    saved = [*inputs.saved_states, *inputs.saved_products]
    readable = [*inputs.read_leaves, *inputs.masks, *saved]
    time = tf.shape([*saved, *readable][0])[1]
    last = (inputs.length[0] if inputs.length else time) - 1
    dtype = cell.compute_dtype
    d_outputs, d_last = _split(d_results, int(options.return_sequences))
    dy, ds = _split(d_last, int(plan.output_state is None))
    no_projected = [tf.zeros_like(x) for x in inputs.first_rows]
    no_states = [tf.zeros_like(x) for x in ds]
    cell_step = PureStep(cell, plan, inputs.values, inputs.noise)
    transposed = [
        tf.transpose(kernel)
        for kernel in cell_step.kernels(inputs.first_rows, no_states)
    ]
    bits = [(stacks.to_bits(x), x.dtype) for x in readable]
    d_bits = [(stacks.to_bits(x), x.dtype) for x in d_outputs]

    def place(t: Tensor) -> Tensor:
        return last - t if options.go_backwards else t

    def read(t: Tensor) -> list[Tensor]:
        at = place(t)
        row = [stacks.read_row(x, at, dtype) for x, dtype in bits]
        return row + [stacks.read_row(x, t, dtype) for x, dtype in d_bits]

    def named(row: Sequence[Tensor]) -> _Row:
        """Gives each tensor its place; what is not read is 0."""
        rest = iter(row)
        projected, states = list(no_projected), list(no_states)
        products: list[Any] = [None] * len(plan.x_states)
        for i in plan.read_leaves:
            projected[i] = next(rest)
        mask = next(rest) if inputs.masks else None
        for i in plan.saved_states:
            states[i] = next(rest)
        for i in plan.saved_products:
            products[i] = next(rest)
        for i, kernel in enumerate(transposed):
            if products[i] is None:
                size = [tf.shape(states[0])[0], tf.shape(kernel)[0]]
                products[i] = tf.zeros(size, dtype)
        return _Row(projected, mask, states, products, next(rest, None))

    def step(
        ds: Sequence[Tensor], dy: Sequence[Tensor], row: Sequence[Tensor]
    ) -> tuple[list[Tensor], ...]:
        projected, mask, states, products, d_output = named(row)
        ds, dy = list(ds), list(dy)
        if d_output is not None:
            d = stacks.select(
                mask, SHOWS_OUTPUT, d_output, tf.zeros_like(d_output)
            )
            if plan.output_state is None:
                dy = [dy[0] + d]
            else:
                ds[plan.output_state] += tf.cast(d, ds[plan.output_state].dtype)
        through = [
            stacks.select(mask, UPDATES_STATES, x, tf.zeros_like(x))
            for x in [*dy, *ds]
        ]
        gradients = cell_step.gradients(
            projected,
            states,
            products,
            transposed,
            through if dy else [None, *through],
        )
        past = [  # a masked step
            None
            if mask is None
            else stacks.select(mask, UPDATES_STATES, tf.zeros_like(x), x)
            for x in [*dy, *ds]
        ]
        past_y, past_s = past[: len(dy)], past[len(dy) :]
        own = [
            _or_zeros(dp, p)
            for dp, p, product in zip(
                gradients.projected, projected, plan.same_gradient, strict=True
            )
            if p.dtype.is_floating and product is None
        ]
        return (
            [
                _sum(new, rest, old)
                for new, rest, old in zip(
                    gradients.states, past_s, ds, strict=True
                )
            ],
            [_or_zeros(rest, y) for rest, y in zip(past_y, dy, strict=True)],
            own,
            list(map(_or_zeros, gradients.products, products)),
            [
                tf.cast(x, dtype)
                for x, state in zip(
                    gradients.inputs, plan.x_states, strict=True
                )
                if state is None
            ],
            [gradients.values[i] for i in plan.direct_weights],
        )

    def body(
        t: Tensor,
        ds: list[Tensor],
        dy: list[Tensor],
        row: list[Tensor],
        d_projected: list[Tensor],
        d_products: list[Tensor],
        xs: list[Tensor],
        d_direct: list[Tensor],
    ) -> tuple[Any, ...]:
        at = place(t)
        ds, dy, d_leaves, d_product, x, dw = step(ds, dy, row)
        return (
            t - 1,
            ds,
            dy,
            read(t - 1),
            stacks.write_rows(d_projected, at, d_leaves),
            stacks.write_rows(d_products, at, d_product),
            stacks.write_rows(xs, at, x),
            [a + b for a, b in zip(d_direct, dw, strict=True)],
        )

    # for their shapes alone
    _, _, d_leaves, d_product, x, dw = step(ds, dy, read(last))
    _, ds, _, _, d_own, d_products, xs, d_direct = tf.while_loop(
        lambda t, *_: t >= 0,
        body,
        (
            last,
            ds,
            dy,
            read(last),
            stacks.empty_stacks(d_leaves, time),
            stacks.empty_stacks(d_product, time),
            stacks.empty_stacks(x, time),
            [tf.zeros_like(v) for v in dw],
        ),
    )
    own = iter(stacks.from_bits(d_own, d_leaves))
    return BackwardResult(
        [
            next(own) if leaf.dtype.is_floating and product is None else None
            for leaf, product in zip(
                inputs.first_rows, plan.same_gradient, strict=True
            )
        ],
        ds,
        d_direct,
        stacks.from_bits(d_products, d_product),
        stacks.from_bits(xs, x),
    )


def _split(tensors: Sequence[Tensor], count: int) -> tuple[Any, Any]:
    """Returns so many tensors, and the rest."""
    return tensors[:count], tensors[count:]


def _or_zeros(gradient: Tensor | None, like: Tensor) -> Tensor:
    """Returns a gradient; 0 where no result depends on the tensor."""
    return tf.zeros_like(like) if gradient is None else gradient


def _sum(new: Tensor | None, rest: Tensor | None, like: Tensor) -> Tensor:
    """Adds two gradients that may be missing."""
    parts = [x for x in (new, rest) if x is not None]
    return tf.add_n(parts) if parts else tf.zeros_like(like)
