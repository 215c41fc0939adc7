"""Back-propagation through time for any cell, scheduled by hand (JAX).

The schedule of `on_tensorflow`, by `lax.scan`: forward, the products a_t of
each step and their x_t are saved. The derivative is written forward in time:
x_t dU is one product for all steps, before a loop that differentiates the rest
of the step alone. JAX transposes it for gradients: a loop backward that gives
da_t, and after it one product for all steps.
"""

import functools
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NamedTuple

import jax
import keras
from jax import lax
from jax import numpy as jnp

from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import MatMul, Tensor
from seqapps.layers.walks.bptt import SHOWS_OUTPUT, UPDATES_STATES, WalkOptions
from seqapps.layers.walks.bptt.jax_trees import (
    floats_of,
    select,
    time_first,
    with_floats,
)


class _Saved(NamedTuple):
    """What the loop forward saves of each step, `(time, batch, n)` each."""

    states: list[Tensor]  # before the step
    products: list[Tensor]
    inputs: list[Tensor]  # the x of each product


def walk(
    cell: Cell,
    sequences: Tensor,
    states: Sequence[Tensor],
    noise: Any,
    masks: Tensor | None,
    options: WalkOptions,
) -> tuple[Tensor | None, Tensor, list[Tensor]]:
    """Walks a cell over all timesteps; see `on_tensorflow.walk`."""
    projected = cell.project_all(sequences, noise)
    weights = list(cell.weights)
    inner_calls: frozenset[int] = frozenset()  # see `plan.Plan`
    flat_products: list[bool] = []

    def advance(
        values: Any, projected: Any, states: Any, noise: Any, matmul: MatMul
    ) -> tuple[Tensor, list[Tensor]]:
        mapping = list(zip(weights, values, strict=True))
        calls = count()

        def chosen(x: Tensor, kernel: Tensor) -> Tensor:
            inner = next(calls) in inner_calls
            return cell.matmul(x, kernel) if inner else matmul(x, kernel)

        with keras.StatelessScope(state_mapping=mapping):
            return cell.advance(projected, states, noise, chosen)

    def kernels_of(
        values: Any, projected: Any, states: Any, noise: Any
    ) -> list[Tensor]:
        """Returns the matrices of the products, in the compute dtype."""
        kernels: list[Tensor] = []

        def matmul(x: Tensor, kernel: Tensor) -> Tensor:
            kernels.append(jnp.asarray(kernel, cell.compute_dtype))
            flat_products.append(x.ndim == kernels[-1].ndim == 2)
            return cell.matmul(x, kernel)

        advance(values, projected, states, noise, matmul)
        return kernels

    def forward(
        projected: Any, states: Any, values: Any, noise: Any, masks: Any
    ) -> tuple[Any, _Saved]:
        y = jnp.zeros((len(states[0]), cell.output_size), cell.compute_dtype)

        def body(carry: Any, row: Any) -> Any:
            states, y = carry
            projected, mask = row
            inputs: list[Tensor] = []
            products: list[Tensor] = []

            def matmul(x: Tensor, kernel: Tensor) -> Tensor:
                inputs.append(jnp.asarray(x, cell.compute_dtype))
                products.append(cell.matmul(x, kernel))
                return products[-1]

            output, new_states = advance(
                values, projected, states, noise, matmul
            )
            new_states = [
                select(mask, UPDATES_STATES, new, old)
                for new, old in zip(new_states, states, strict=True)
            ]
            y = select(mask, UPDATES_STATES, output, y)
            shown = select(mask, SHOWS_OUTPUT, y, jnp.zeros_like(y))
            saved = _Saved(states, products, inputs)
            wanted = shown if options.return_sequences else None
            return (new_states, y), (wanted, saved)

        (states, y), (outputs, saved) = lax.scan(
            body,
            (states, y),
            time_first((projected, masks)),
            reverse=options.go_backwards,
        )
        if outputs is not None:
            outputs = jnp.moveaxis(outputs, 0, 1)  # (batch, time, size)
        return (outputs, y, states), saved

    @jax.custom_jvp
    def run(
        projected: Any, states: Any, values: Any, noise: Any, masks: Any
    ) -> Any:
        return forward(projected, states, values, noise, masks)[0]

    @run.defjvp
    def run_jvp(primals: Any, tangents: Any) -> Any:
        projected, states, values, noise, masks = primals
        d_projected, d_states, d_values, _, _ = tangents
        d_projected = floats_of(projected, d_projected)
        d_values = floats_of(values, d_values)
        results, saved = forward(*primals)
        first_rows = jax.tree.map(lambda x: x[:, 0], projected)
        kernels, d_kernels = jax.jvp(
            lambda floats: kernels_of(
                with_floats(values, floats), first_rows, list(states), noise
            ),
            (floats_of(values, values),),
            (d_values,),
        )
        d_products = [
            jnp.einsum("tbi,ij->tbj", x, dk)
            for x, dk in zip(saved.inputs, d_kernels, strict=True)
        ]

        @functools.partial(jax.checkpoint, prevent_cse=False)
        def body(carry: Any, row: Any) -> Any:
            dy, ds = carry
            (projected, mask), d_projected, states, products, das = row

            def rest(
                floats: Any, states: Any, products: Any, valuefloats_of: Any
            ) -> Any:
                recorded = zip(products, kernels, strict=True)
                return advance(
                    with_floats(values, valuefloats_of),
                    with_floats(projected, floats),
                    states,
                    noise,
                    lambda x, _: _recorded(x, *next(recorded)),
                )

            _, (d_output, d_new_states) = jax.jvp(
                rest,
                (
                    floats_of(projected, projected),
                    states,
                    products,
                    floats_of(values, values),
                ),
                (d_projected, ds, das, d_values),
            )
            dy = select(mask, UPDATES_STATES, d_output, dy)
            ds = [
                select(mask, UPDATES_STATES, new, old)
                for new, old in zip(d_new_states, ds, strict=True)
            ]
            shown = select(mask, SHOWS_OUTPUT, dy, jnp.zeros_like(dy))
            return (dy, ds), shown if options.return_sequences else None

        outputs, y, _ = results
        (dy, ds), d_outputs = lax.scan(
            body,
            (jnp.zeros_like(y), list(d_states)),
            (
                time_first((projected, masks)),
                time_first(d_projected),
                saved.states,
                saved.products,
                d_products,
            ),
            reverse=options.go_backwards,
        )
        if outputs is not None:
            d_outputs = jnp.moveaxis(d_outputs, 0, 1)
        return results, (d_outputs, dy, ds)

    values = [jnp.asarray(w.value) for w in weights]
    changing = _depend_on_arguments(
        lambda p, s: kernels_of(values, p, s, noise),
        jax.tree.map(lambda x: x[:, 0], projected),
        list(states),
    )
    inner_calls = frozenset(
        call
        for call, (changes, flat) in enumerate(
            zip(changing, flat_products, strict=True)
        )
        if changes or not flat
    )
    outputs, last, states = run(projected, list(states), values, noise, masks)
    if outputs is not None:
        if options.go_backwards:
            outputs = jnp.flip(outputs, 1)
        last = outputs[:, -1]
    return outputs, last, list(states)


def _depend_on_arguments(
    function: Callable[..., Any], *arguments: Any
) -> list[bool]:
    """Returns which of a function's results depend on its arguments."""
    program = jax.make_jaxpr(function)(*arguments).jaxpr
    dependent = set(program.invars)

    def depends(variable: Any) -> bool:
        return not hasattr(variable, "val") and variable in dependent

    for equation in program.eqns:
        if any(map(depends, equation.invars)):
            dependent.update(equation.outvars)
    return [depends(variable) for variable in program.outvars]


@jax.custom_jvp
def _recorded(x: Tensor, product: Tensor, kernel: Tensor) -> Tensor:
    """Returns a recorded product; its derivative is that of x times kernel."""
    return product


@_recorded.defjvp
def _recorded_jvp(primals: Any, tangents: Any) -> tuple[Tensor, Tensor]:
    _, product, kernel = primals
    dx, d_product, _ = tangents
    dx = jnp.asarray(dx, kernel.dtype)
    return product, d_product + jnp.asarray(dx @ kernel, product.dtype)
