"""Back-propagation through time for any cell, scheduled by hand (JAX).

The schedule of `on_tensorflow`, by `lax.scan`: forward, the products a_t of
each step and their x_t are kept. The derivative is written forward in time:
x_t dU is one product for all steps, before a loop in which only the rest of
the step is differentiated. JAX transposes it for gradients: a loop back out of
which da_t comes, and after it one product for all steps.
"""

import functools
from itertools import count

import jax
import keras
from jax import lax
from jax import numpy as jnp

from seqapps.layers.walks.bptt import How


def walk(cell, sequences, states, noise, marks, how: How) -> tuple:
    """Walks a cell through time; see `on_tensorflow.walk`."""
    projected = cell.project(sequences, noise, matmul=cell.matmul)
    projected = keras.tree.map_structure(cell.narrow, projected)
    weights = list(cell.weights)
    inner: frozenset = frozenset()  # see `plan.Plan`
    flat: list[bool] = []

    def advance(values, projected, states, noise, matmul):
        mapping = list(zip(weights, values, strict=True))
        calls = count()

        def chosen(x, kernel):
            own = next(calls) in inner
            return cell.matmul(x, kernel) if own else matmul(x, kernel)

        with keras.StatelessScope(state_mapping=mapping):
            return cell.advance(projected, states, noise, chosen)

    def multiplied(values, projected, states, noise):
        """What a step multiplies by, in the compute dtype."""
        kernels = []

        def matmul(x, kernel):
            kernels.append(jnp.asarray(kernel, cell.compute_dtype))
            flat.append(x.ndim == kernels[-1].ndim == 2)
            return cell.matmul(x, kernel)

        advance(values, projected, states, noise, matmul)
        return kernels

    def forward(projected, states, values, noise, marks):
        y = jnp.zeros((len(states[0]), cell.output_size), cell.compute_dtype)

        def body(carry, row):
            states, y = carry
            projected, mark = row
            xs, products = [], []

            def matmul(x, kernel):
                xs.append(jnp.asarray(x, cell.compute_dtype))
                products.append(cell.matmul(x, kernel))
                return products[-1]

            output, new = advance(values, projected, states, noise, matmul)
            new = [
                _where(mark, 0, a, b) for a, b in zip(new, states, strict=True)
            ]
            y = _where(mark, 0, output, y)
            shown = _where(mark, 1, y, jnp.zeros_like(y))
            kept = shown if how.outputs else None, (states, products, xs)
            return (new, y), kept

        rows = _rows((projected, marks))
        (states, y), (outputs, kept) = lax.scan(
            body, (states, y), rows, reverse=how.backwards
        )
        if outputs is not None:
            outputs = jnp.moveaxis(outputs, 0, 1)  # (batch, time, size)
        return (outputs, y, states), kept

    @jax.custom_jvp
    def run(projected, states, values, noise, marks):
        return forward(projected, states, values, noise, marks)[0]

    @run.defjvp
    def run_jvp(primals, tangents):
        projected, states, values, noise, marks = primals
        found, (befores, products, xs) = forward(*primals)
        d_projected = _floats(projected, tangents[0])
        d_values = _floats(values, tangents[2])
        first = jax.tree.map(lambda x: x[:, 0], projected)
        kernels, d_kernels = jax.jvp(
            lambda floats: multiplied(
                _with(values, floats), first, list(states), noise
            ),
            (_floats(values, values),),
            (d_values,),
        )
        d_products = [
            jnp.einsum("tbi,ij->tbj", x, dk)
            for x, dk in zip(xs, d_kernels, strict=True)
        ]

        @functools.partial(jax.checkpoint, prevent_cse=False)
        def body(carry, row):
            dy, ds = carry
            (projected, mark), d_projected, states, products, das = row

            def rest(floats, states, products, own):
                given = zip(products, kernels, strict=True)
                return advance(
                    _with(values, own),
                    _with(projected, floats),
                    states,
                    noise,
                    lambda x, _: _given(x, *next(given)),
                )

            _, (d_output, d_new) = jax.jvp(
                rest,
                (
                    _floats(projected, projected),
                    states,
                    products,
                    _floats(values, values),
                ),
                (d_projected, ds, das, d_values),
            )
            dy = _where(mark, 0, d_output, dy)
            ds = [_where(mark, 0, a, b) for a, b in zip(d_new, ds, strict=True)]
            shown = _where(mark, 1, dy, jnp.zeros_like(dy))
            return (dy, ds), shown if how.outputs else None

        outputs, y, _ = found
        (dy, ds), d_outputs = lax.scan(
            body,
            (jnp.zeros_like(y), list(tangents[1])),
            (
                _rows((projected, marks)),
                _rows(d_projected),
                befores,
                products,
                d_products,
            ),
            reverse=how.backwards,
        )
        if outputs is not None:
            d_outputs = _turned(d_outputs)
        return found, (d_outputs, dy, ds)

    values = [jnp.asarray(w.value) for w in weights]
    changing = _reached(
        lambda p, s: multiplied(values, p, s, noise),
        jax.tree.map(lambda x: x[:, 0], projected),
        list(states),
    )
    inner = frozenset(
        call
        for call, (changes, plain) in enumerate(
            zip(changing, flat, strict=True)
        )
        if changes or not plain
    )
    outputs, last, states = run(projected, list(states), values, noise, marks)
    if outputs is not None:
        if how.backwards:
            outputs = jnp.flip(outputs, 1)
        last = outputs[:, -1]
    return outputs, last, states


def _reached(function, *arguments) -> list[bool]:
    """Which of the arrays that a function returns depend on its arguments."""
    program = jax.make_jaxpr(function)(*arguments).jaxpr
    reached = set(program.invars)

    def is_reached(variable):
        return not hasattr(variable, "val") and variable in reached

    for step in program.eqns:
        if any(map(is_reached, step.invars)):
            reached.update(step.outvars)
    return [is_reached(variable) for variable in program.outvars]


@jax.custom_jvp
def _given(x, product, kernel):
    """A product that is known; its derivative is that of x times kernel."""
    return product


@_given.defjvp
def _given_jvp(primals, tangents):
    _, product, kernel = primals
    dx, d_product, _ = tangents
    dx = jnp.asarray(dx, kernel.dtype)
    return product, d_product + jnp.asarray(dx @ kernel, product.dtype)


def _floats(tree, values) -> list:
    """The leaves of `values` where a tree has floats, which have gradients."""
    pairs = zip(jax.tree.leaves(tree), jax.tree.leaves(values), strict=True)
    return [v for x, v in pairs if jnp.issubdtype(x.dtype, jnp.floating)]


def _with(tree, floats):
    """A tree with other floats."""
    floats = iter(floats)
    return jax.tree.map(
        lambda x: next(floats) if jnp.issubdtype(x.dtype, jnp.floating) else x,
        tree,
    )


def _where(mark, column, row, other):
    """Rows where a mark is set, others where not; all without marks."""
    if mark is None:
        return row
    return jnp.where(mark[:, column : column + 1], row, other)


def _turned(x):
    return jnp.moveaxis(x, 0, 1)


def _rows(tree):
    """`(batch, time, n)` as `(time, batch, n)`."""
    return jax.tree.map(_turned, tree)
