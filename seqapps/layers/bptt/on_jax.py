"""Back-propagation through time for any cell, scheduled by hand (JAX).

The schedule of `on_tensorflow`, by `lax.scan`: forward, the products a_t of
each step are kept; backward, only the rest of the step is differentiated, and
da_t comes out; the gradient of what x_t was multiplied by is one product for
all steps, after the loop. XLA sees to the rest: what nobody reads is not kept.
"""

from itertools import count

import jax
import keras
from jax import lax
from jax import numpy as jnp

from seqapps.layers.bptt import How


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
            products = []

            def matmul(x, kernel):
                products.append(cell.matmul(x, kernel))
                return products[-1]

            output, new = advance(values, projected, states, noise, matmul)
            new = [
                _where(mark, 0, a, b) for a, b in zip(new, states, strict=True)
            ]
            y = _where(mark, 0, output, y)
            shown = _where(mark, 1, y, jnp.zeros_like(y))
            kept = shown if how.outputs else None, states, products
            return (new, y), kept

        rows = _rows((projected, marks))
        (states, y), (outputs, befores, products) = lax.scan(
            body, (states, y), rows, reverse=how.backwards
        )
        if outputs is not None:
            outputs = jnp.moveaxis(outputs, 0, 1)  # (batch, time, size)
        return (outputs, y, states), (befores, products)

    def backward(kept, d):
        projected, values, noise, marks, befores, products = kept
        d_outputs, dy, ds = d
        first = jax.tree.map(lambda x: x[:, 0], projected)
        before = [x[0] for x in befores]
        kernels, unkernel = jax.vjp(
            lambda values: multiplied(values, first, before, noise), values
        )

        def body(carry, row):
            dy, ds, d_values = carry
            (projected, mark), d_output, states, products = row
            if d_output is not None:
                dy = dy + _where(mark, 1, d_output, jnp.zeros_like(d_output))

            def rest(projected, states, products, values):
                xs = []

                def matmul(x, _):
                    m = len(xs)
                    xs.append(jnp.asarray(x, cell.compute_dtype))
                    return _given(xs[m], products[m], kernels[m])

                out = advance(values, projected, states, noise, matmul)
                return out, xs

            _, pull, xs = jax.vjp(
                rest, projected, states, products, values, has_aux=True
            )
            nothing = jnp.zeros_like
            moves = [_where(mark, 0, x, nothing(x)) for x in [dy, *ds]]
            d_projected, d_states, d_products, d_new = pull(
                (moves[0], moves[1:])
            )
            if mark is None:
                dy = nothing(dy)
            else:
                dy = _where(mark, 0, nothing(dy), dy)
                d_states = [
                    a + _where(mark, 0, nothing(b), b)
                    for a, b in zip(d_states, ds, strict=True)
                ]
            d_values = jax.tree.map(jnp.add, d_values, d_new)
            return (dy, d_states, d_values), (d_projected, d_products, xs)

        if d_outputs is not None:
            d_outputs = jnp.moveaxis(d_outputs, 1, 0)
        rows = (_rows((projected, marks)), d_outputs, befores, products)
        nothing = jax.tree.map(jnp.zeros_like, values)
        (_, ds, d_values), (d_projected, das, xs) = lax.scan(
            body, (dy, ds, nothing), rows, reverse=not how.backwards
        )
        dks = [
            jnp.einsum("tbi,tbj->ij", x, da)
            for x, da in zip(xs, das, strict=True)
        ]
        (more,) = unkernel(dks)
        d_values = jax.tree.map(jnp.add, d_values, more)
        d_projected = jax.tree.map(
            lambda x: x if x.dtype == jax.dtypes.float0 else _turned(x),
            d_projected,
        )
        return d_projected, ds, d_values, None, None

    @jax.custom_vjp
    def run(projected, states, values, noise, marks):
        return forward(projected, states, values, noise, marks)[0]

    def run_forward(projected, states, values, noise, marks):
        found, kept = forward(projected, states, values, noise, marks)
        return found, (projected, values, noise, marks, *kept)

    run.defvjp(run_forward, backward)
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


@jax.custom_vjp
def _given(x, product, kernel):
    """A product that is known; backward it is x times kernel."""
    return product


def _given_forward(x, product, kernel):
    return product, kernel


def _given_backward(kernel, d):
    return d @ kernel.T, d, jnp.zeros_like(kernel)


_given.defvjp(_given_forward, _given_backward)


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
