"""One step of a cell, as a function of lists of tensors."""

from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import MatMul, Tensor
from seqapps.layers.walks.bptt import stacks
from seqapps.layers.walks.bptt.plan import Plan, unflatten


class StepGradients(NamedTuple):
    """The gradients of one step.

    Args:
        projected: those of the leaves of `projected`; None where there is
            none.
        products: those of the products, likewise.
        states: those of the states, likewise.
        values: those of the weights, likewise.
        inputs: the x of each product; no gradients.
    """

    projected: list[Tensor | None]
    products: list[Tensor | None]
    states: list[Tensor | None]
    values: list[Tensor | None]
    inputs: list[Tensor]


class PureStep(NamedTuple):
    """A cell's step that depends on nothing but its arguments.

    Args:
        cell: a built cell.
        plan: says which tensor is where.
        values: the values of the cell's weights.
        noise: the tensors that `draw` returned.
    """

    cell: Cell
    plan: Plan
    values: Sequence[Tensor]
    noise: Sequence[Tensor]

    def run(
        self,
        projected: Sequence[Tensor],
        states: Sequence[Tensor],
        matmul: MatMul,
    ) -> tuple[Tensor, list[Tensor]]:
        """Returns the output and the new states.

        Args:
            projected: the leaves of `projected`, `(batch, n)` each.
            states: `(batch, size)` each.
            matmul: computes the products, but for inner ones.
        """
        cell, plan = self.cell, self.plan
        mapping = list(zip(plan.weights, self.values, strict=True))
        calls = count()

        def chosen(x: Tensor, kernel: Tensor) -> Tensor:
            inner = next(calls) in plan.inner_calls
            return cell.matmul(x, kernel) if inner else matmul(x, kernel)

        with keras.StatelessScope(state_mapping=mapping):
            return cell.advance(
                unflatten(plan.projected_structure, projected),
                states,
                unflatten(plan.noise_structure, self.noise),
                chosen,
            )

    def kernels(
        self, projected: Sequence[Tensor], states: Sequence[Tensor]
    ) -> list[Tensor]:
        """Returns the matrices of the products, in the compute dtype."""
        kernels: list[Tensor] = []

        def matmul(x: Tensor, kernel: Tensor) -> Tensor:
            kernels.append(tf.cast(kernel, self.cell.compute_dtype))
            return self.cell.matmul(x, kernel)

        self.run(projected, states, matmul)
        return kernels

    def gradients(
        self,
        projected: Sequence[Tensor],
        states: Sequence[Tensor],
        products: Sequence[Tensor],
        transposed_kernels: Sequence[Tensor],
        d_results: Sequence[Tensor | None],
    ) -> StepGradients:
        """Differentiates the step, with its products as they were recorded.

        Args:
            projected: the leaves of `projected`, `(batch, n)` each.
            states: before the step, `(batch, size)` each.
            products: `(batch, n)` each.
            transposed_kernels: the matrices of the products, transposed.
            d_results: the gradients of the output, None where it is a state,
                and of the new states.
        """
        d_products: list[Any] = [None] * len(products)
        inputs: list[Any] = [None] * len(products)
        calls = count()
        # `tf.gradients`, for a tape sees nothing where recording is stopped,
        # as within `tf.recompute_grad`; and it differentiates by tensors of
        # the loop's body, not by those that the body captures
        projected, states, values = (
            [tf.identity(x) for x in tensors]
            for tensors in (projected, states, self.values)
        )

        def matmul(x: Tensor, kernel: Tensor) -> Tensor:
            i = next(calls)
            inputs[i] = x

            @tf.custom_gradient
            def recorded(x: Tensor) -> Any:
                def gradient(d: Tensor) -> Tensor:
                    d_products[i] = d
                    dx = stacks.matmul(d, transposed_kernels[i])
                    return tf.cast(dx, x.dtype)

                return tf.identity(products[i]), gradient

            return recorded(x)

        step = self._replace(values=values)
        output, new_states = step.run(projected, states, matmul)
        results = zip([output, *new_states], d_results, strict=True)
        targets = [y for y, dy in results if dy is not None]
        floats = [p for p in projected if p.dtype.is_floating]
        gradients = iter(
            tf.gradients(
                targets,
                [*floats, *states, *values],
                [dy for dy in d_results if dy is not None],
            )
        )
        return StepGradients(
            [
                next(gradients) if p.dtype.is_floating else None
                for p in projected
            ],
            d_products,
            [next(gradients) for _ in states],
            list(gradients),
            inputs,
        )
