"""The loop forward."""

import tensorflow as tf

from seqapps.layers.walks.bptt.plan import advance, kernels_of
from seqapps.layers.walks.bptt.stacks import (
    at,
    bits,
    numbers,
    product,
    put,
    stack_of,
    where,
)


def forward_walk(cell, plan, how, p, marks, states, noise, values, length=None):
    """Walks forward.

    Returns:
        All outputs (none if not wanted), the last states, the states before
        each step and the products of each step, as far as they are kept.
    """
    time = tf.shape(p[0])[1]
    last = (length if length is not None else time) - 1
    first = [at(x, 0) for x in p]
    kernels = kernels_of(cell, plan, values, first, states, noise)
    dtype = cell.compute_dtype

    stacks = [(bits(x), x.dtype) for x in [*p, *marks]]

    def rows(t):
        place = last - t if how.backwards else t
        return [at(x, place, dtype) for x, dtype in stacks]

    def step(states, y, row):
        p, mark = row[: len(first)], (row[len(first) :] or [None])[0]
        products = []

        def matmul(x, _):
            a = product(tf.cast(x, dtype), kernels[len(products)])
            products.append(tf.cast(a, dtype))
            return products[-1]

        output, new = advance(cell, plan, values, p, states, noise, matmul)
        new = [where(mark, 0, a, b) for a, b in zip(new, states, strict=True)]
        if plan.output is None:
            y = [where(mark, 0, output, y[0])]
        shown = y[0] if y else new[plan.output]
        shown = where(mark, 1, shown, tf.zeros_like(shown))
        for m, leaf in plan.sums.items():
            products[m] += p[leaf]
        return new, y, shown, products

    def body(t, states, y, row, outputs, befores, stacks):
        place = last - t if how.backwards else t
        kept = [states[i] for i in plan.states] if how.keep else []
        befores = [put(a, place, b) for a, b in zip(befores, kept, strict=True)]
        states, y, shown, products = step(states, y, row)
        outputs = [put(a, t, shown) for a in outputs]
        kept = [products[i] for i in plan.products] if how.keep else []
        stacks = [put(a, place, b) for a, b in zip(stacks, kept, strict=True)]
        return t + 1, states, y, rows(t + 1), outputs, befores, stacks

    size = [tf.shape(states[0])[0], cell.output_size]
    y = [tf.zeros(size, dtype)] if plan.output is None else []
    _, _, shown, products = step(states, y, rows(0))  # their shapes only
    kept = [states[i] for i in plan.states] if how.keep else []
    products = [products[i] for i in plan.products] if how.keep else []
    _, states, y, _, outputs, befores, stacks = tf.while_loop(
        lambda t, *_: t <= last,
        body,
        (
            0,
            states,
            y,
            rows(0),
            [stack_of(shown, time)] if how.outputs else [],
            [stack_of(row, time) for row in kept],
            [stack_of(row, time) for row in products],
        ),
    )
    outputs = numbers(outputs, [shown] if how.outputs else [])
    befores, stacks = numbers(befores, kept), numbers(stacks, products)
    return [*outputs, *y], states, befores, stacks
