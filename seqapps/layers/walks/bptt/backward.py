"""The loop back, and what comes after it."""

import tensorflow as tf

from seqapps.layers.walks.bptt.plan import kernels_of, pull
from seqapps.layers.walks.bptt.stacks import (
    at,
    bits,
    numbers,
    put,
    stack_of,
    where,
)


def backward_walk(cell, plan, how, given, kept, d):
    """Walks backward.

    `given` are the first row of each leaf of `projected`, the leaves that are
    read, marks, noise, values and length; `kept` the states before each step
    and the products of each step, `d`
    the gradients of what `_forward` returned before these. Returns the
    gradients of `projected` (None for a twin), of the first states and of the
    learned values, those of the products, and the x that are no states.
    """
    first, read, marks, noise, values, length = given
    befores, stacks = kept
    time = tf.shape([*stacks, *befores, *read][0])[1]
    last = (length[0] if length else time) - 1
    dtype = cell.compute_dtype
    d_outputs, d = (d[:1], d[1:]) if how.outputs else ([], d)
    dy, ds = (d[:1], d[1:]) if plan.output is None else ([], d)
    nowhere = [tf.zeros_like(x) for x in first]
    resting = [tf.zeros_like(x) for x in ds]

    inside = [(bits(x), x.dtype) for x in [*read, *marks, *befores, *stacks]]
    shown = [(bits(x), x.dtype) for x in d_outputs]

    def rows(t):
        place = last - t if how.backwards else t
        row = [at(x, place, dtype) for x, dtype in inside]
        return row + [at(x, t, dtype) for x, dtype in shown]

    def spread(row):
        """Gives every row its place; what is not read is 0."""
        row = iter(row)
        projected, states = list(nowhere), list(resting)
        products = [None] * len(plan.sources)
        for i in plan.leaves:
            projected[i] = next(row)
        mark = next(row) if marks else None
        for i in plan.states:
            states[i] = next(row)
        for i in plan.products:
            products[i] = next(row)
        for i, kernel in enumerate(turned):
            if products[i] is None:
                size = [tf.shape(states[0])[0], tf.shape(kernel)[0]]
                products[i] = tf.zeros(size, dtype)
        return projected, mark, states, products, list(row)

    kernels = kernels_of(cell, plan, values, first, resting, noise)
    turned = [tf.transpose(kernel) for kernel in kernels]

    def step(ds, dy, row):
        projected, mark, states, products, shown = spread(row)
        if shown:
            d = where(mark, 1, shown[0], tf.zeros_like(shown[0]))
            if dy:
                dy = [dy[0] + d]
            else:
                i = plan.output
                ds = [*ds[:i], ds[i] + tf.cast(d, ds[i].dtype), *ds[i + 1 :]]
        stays = [where(mark, 0, tf.zeros_like(x), x) for x in [*dy, *ds]]
        moves = [where(mark, 0, x, tf.zeros_like(x)) for x in [*dy, *ds]]
        if marks:
            d_rest = stays
        else:
            d_rest = [None] * len(stays)
        d = moves if dy else [None, *moves]
        dps, das, dss, dvs, xs = pull(
            cell, plan, values, projected, states, noise, products, turned, d
        )
        dy = d_rest[: len(dy)] if marks else [tf.zeros_like(x) for x in dy]
        d_rest = d_rest[len(dy) :]
        ds = [
            _sum(new, rest, old)
            for new, rest, old in zip(dss, d_rest, ds, strict=True)
        ]
        own = [
            _or_zeros(dp, p)
            for dp, p, twin in zip(dps, projected, plan.twins, strict=True)
            if p.dtype.is_floating and twin is None
        ]
        das = [_or_zeros(da, a) for da, a in zip(das, products, strict=True)]
        outside = [
            tf.cast(x, dtype)
            for x, source in zip(xs, plan.sources, strict=True)
            if source is None
        ]
        return ds, dy, own, das, outside, [dvs[i] for i in plan.learned]

    def body(t, ds, dy, row, owns, das, xs, dvs):
        place = last - t if how.backwards else t
        ds, dy, own, da, x, dv = step(ds, dy, row)
        return (
            t - 1,
            ds,
            dy,
            rows(t - 1),
            [put(a, place, b) for a, b in zip(owns, own, strict=True)],
            [put(a, place, b) for a, b in zip(das, da, strict=True)],
            [put(a, place, b) for a, b in zip(xs, x, strict=True)],
            [a + b for a, b in zip(dvs, dv, strict=True)],
        )

    _, _, own, da, x, dv = step(ds, dy, rows(last))  # their shapes only
    _, ds, _, _, owns, das, xs, dvs = tf.while_loop(
        lambda t, *_: t >= 0,
        body,
        (
            last,
            ds,
            dy,
            rows(last),
            [stack_of(row, time) for row in own],
            [stack_of(row, time) for row in da],
            [stack_of(row, time) for row in x],
            [tf.zeros_like(v) for v in dv],
        ),
    )
    das, xs = numbers(das, da), numbers(xs, x)
    own = iter(numbers(owns, own))
    dps = []
    for leaf, twin in zip(first, plan.twins, strict=True):
        if twin is not None:
            dps.append(None)
        else:
            dps.append(next(own) if leaf.dtype.is_floating else None)
    return dps, ds, dvs, das, xs


def through_products(cell, plan, first, given, befores, das, xs):
    """The gradients of the values that come by way of products."""
    states, noise, values = given
    values = [tf.identity(value) for value in values]
    kernels = kernels_of(cell, plan, values, first, states, noise)
    dks, xs = [], iter(xs)
    for source, da, kernel in zip(plan.sources, das, kernels, strict=True):
        x = next(xs) if source is None else befores[plan.states.index(source)]
        rows, columns = kernel.shape
        x = tf.cast(tf.reshape(x, [-1, rows]), kernel.dtype)
        da = tf.reshape(da, [-1, columns])
        dks.append(tf.matmul(x, da, transpose_a=True))
    return (
        tf.gradients(kernels, values, dks) if kernels else [None] * len(values)
    )


def _or_zeros(gradient, like):
    """A gradient, which is missing where nothing depends on the tensor."""
    return tf.zeros_like(like) if gradient is None else gradient


def _sum(new, rest, like):
    """Adds two gradients that may be missing."""
    parts = [x for x in (new, rest) if x is not None]
    return tf.add_n(parts) if parts else tf.zeros_like(like)
