"""Finds the plan of a cell by tracing one step of it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import Tensor
from seqapps.layers.walks.bptt.dependencies import find_sums, names_of_sources
from seqapps.layers.walks.bptt.plan import Plan
from seqapps.layers.walks.bptt.step import PureStep

_ROWS = 2  # of the batch that is traced


class _Product(NamedTuple):
    x: Tensor
    kernel: Tensor
    result: Tensor


def make_plan(
    cell: Cell,
    projected: Sequence[Tensor],
    projected_structure: Any,
    states: Sequence[Tensor],
    noise: Sequence[Tensor],
    noise_structure: Any,
) -> Plan:
    """Traces a step and its gradients on two rows, in a graph of its own.

    Args:
        cell: a built cell.
        projected: the leaves of `projected`, `(batch, time, n)` each.
        projected_structure: see `Plan`.
        states: `(batch, size)` each.
        noise: the tensors that `draw` returned.
        noise_structure: see `Plan`.
    """
    plan = Plan(list(cell.weights), projected_structure, noise_structure)
    with tf.Graph().as_default():
        values = [_placeholder(w.dtype, *w.shape) for w in plan.weights]
        p = [_placeholder(x.dtype, _ROWS, *x.shape[2:]) for x in projected]
        s = [_placeholder(x.dtype, _ROWS, *x.shape[1:]) for x in states]
        drawn = [
            _placeholder(x.dtype, 1 if x.shape[0] == 1 else _ROWS, *x.shape[1:])
            for x in noise
        ]
        calls: list[_Product] = []

        def matmul(x: Tensor, kernel: Tensor) -> Tensor:
            matrix = tf.convert_to_tensor(kernel)
            calls.append(_Product(x, matrix, cell.matmul(x, kernel)))
            return calls[-1].result

        step = PureStep(cell, plan, values, drawn)
        output, new_states = step.run(p, s, matmul)
        results = [output, *new_states]
        plan = plan._replace(inner_calls=_inner_calls(calls, [*p, *s]))
        outer = [c for i, c in enumerate(calls) if i not in plan.inner_calls]
        x_states = [_index_of(call.x, s) for call in outer]
        sums = find_sums(p, [call.result for call in outer], results)
        output_state = _index_of(output, new_states)
        d_results = [
            _placeholder(x.dtype, _ROWS, *x.shape[1:]) for x in results
        ]
        if output_state is not None:
            d_results[0] = None
        recorded = [
            _placeholder(call.result.dtype, _ROWS, *call.result.shape[1:])
            for call in outer
        ]
        transposed = [
            _placeholder(cell.compute_dtype, *call.kernel.shape[::-1])
            for call in outer
        ]
        gradients = step._replace(plan=plan).gradients(
            p, s, recorded, transposed, d_results
        )
        other_inputs = [
            x
            for x, state in zip(gradients.inputs, x_states, strict=True)
            if state is None
        ]
        read = names_of_sources(
            [
                *gradients.projected,
                *gradients.products,
                *gradients.states,
                *gradients.values,
                *other_inputs,
            ]
        )
    same_gradient = [
        _index_of_name(dp, gradients.products) for dp in gradients.projected
    ]
    kept_sums = {}
    if cell.compute_dtype == cell.state_dtype:  # or the sum would be rounded
        kept_sums = {
            product: leaf
            for leaf, product in sums.items()
            if same_gradient[leaf] == product
        }
    return plan._replace(
        output_state=output_state,
        x_states=x_states,
        same_gradient=same_gradient,
        kept_sums=kept_sums,
        read_leaves=[
            i
            for i, x in enumerate(p)
            if x.name in read and i not in kept_sums.values()
        ],
        saved_states=[
            i for i, x in enumerate(s) if x.name in read or i in x_states
        ],
        saved_products=[i for i, x in enumerate(recorded) if x.name in read],
        direct_weights=[
            i for i, dw in enumerate(gradients.values) if dw is not None
        ],
    )


def _placeholder(dtype: Any, *shape: int | None) -> Tensor:
    return tf.raw_ops.Placeholder(dtype=dtype, shape=shape)


def _index_of(tensor: Tensor, tensors: Sequence[Tensor]) -> int | None:
    """Returns the index of a tensor in a list, or None."""
    return next((i for i, x in enumerate(tensors) if x is tensor), None)


def _index_of_name(
    tensor: Tensor | None, tensors: Sequence[Tensor | None]
) -> int | None:
    """Returns the index of the tensor of the same name, or None."""
    names = [None if x is None else x.name for x in tensors]
    if tensor is None or tensor.name not in names:
        return None
    return names.index(tensor.name)


def _inner_calls(
    calls: Sequence[_Product], changing: Sequence[Tensor]
) -> frozenset[int]:
    """Finds the calls of `matmul` whose matrix differs between steps.

    It does if it depends on more than weights and noise, or is drawn at every
    step. A product of other ranks than 2 is one of them too.

    Args:
        calls: all calls, in their order.
        changing: the tensors that differ between steps.
    """
    changing_names = {x.name for x in changing}
    inner = set()
    for i, call in enumerate(calls):
        names = names_of_sources([call.kernel])
        graph = call.kernel.graph
        drawn = any(
            graph.get_tensor_by_name(name).op.op_def.is_stateful
            for name in names
        )
        flat = call.x.shape.rank == call.kernel.shape.rank == 2
        if drawn or names & changing_names or not flat:
            inner.add(i)
    return frozenset(inner)
