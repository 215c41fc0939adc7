"""What of a cell's step has to be kept, found by trying it."""

from itertools import count
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from seqapps.layers.walks.bptt.flow import added_alone, reached
from seqapps.layers.walks.bptt.stacks import product


class Plan(NamedTuple):
    """What of a cell's step has to be kept, and what equals what.

    Args:
        weights: the cell's.
        structure: `projected`, with numbers in place of tensors.
        noise: what was drawn, with numbers in place of tensors.
        output: the number of the state that is the output; None for none.
        sources: for each product, the state that is its x; None for none.
        twins: for each leaf of `projected`, the product with the same
            gradient; None for none. A step depends on their sum alone.
        sums: the numbers of products that are kept as that sum, and of their
            leaves.
        leaves: which leaves of `projected` the backward loop reads.
        states: which states it reads, with those that are a source.
        products: which products it reads.
        learned: which weights have a gradient beside that of the products.
        inner: which calls of `matmul` are no products of the loop: their
            matrix is another at every step, so they are a part of the step.
    """

    weights: list
    structure: Any
    noise: Any
    output: int | None
    sources: list
    twins: list
    sums: dict
    leaves: list
    states: list
    products: list
    learned: list
    inner: frozenset = frozenset()


def numbered(tree):
    """Returns the tensors of a tree, and the tree with their numbers."""
    leaves = keras.tree.flatten(tree)
    tensors = [leaf for leaf in leaves if leaf is not None]
    numbers = iter(range(len(tensors)))
    return tensors, keras.tree.map_structure(
        lambda leaf: None if leaf is None else next(numbers), tree
    )


def filled(tree, tensors):
    """Returns a tree with the tensors that its numbers say."""
    return keras.tree.map_structure(
        lambda n: None if n is None else tensors[n], tree
    )


def advance(cell, plan, values, projected, states, noise, matmul):
    """One step as a pure function of lists of tensors."""
    mapping = list(zip(plan.weights, values, strict=True))
    calls = count()

    def chosen(x, kernel):
        inner = next(calls) in plan.inner
        return cell.matmul(x, kernel) if inner else matmul(x, kernel)

    with keras.StatelessScope(state_mapping=mapping):
        return cell.advance(
            filled(plan.structure, projected),
            states,
            filled(plan.noise, noise),
            chosen,
        )


def kernels_of(cell, plan, values, projected, states, noise):
    """What a step multiplies by, in the compute dtype."""
    kernels = []

    def matmul(x, kernel):
        kernels.append(tf.cast(kernel, cell.compute_dtype))
        return cell.matmul(x, kernel)

    advance(cell, plan, values, projected, states, noise, matmul)
    return kernels


def pull(cell, plan, values, projected, states, noise, products, kernels, d):
    """The gradient of one step, with its products as they were recorded.

    The kernels come transposed. `d` are the gradients of the output, None
    where it is a state, and of the new states. Returns the gradients of
    `projected`, of the products, of the states and of the values, and the x
    of each product.
    """
    das, xs = [None] * len(products), [None] * len(products)
    number = count()
    # `tf.gradients`, for a tape sees nothing where recording is stopped, as
    # within `tf.recompute_grad`; and what is captured is no tensor of a body
    projected, states, values = (
        [tf.identity(x) for x in xs] for xs in (projected, states, values)
    )

    def matmul(x, kernel):
        m = next(number)
        xs[m] = x

        @tf.custom_gradient
        def given(x):
            def grad(da):
                das[m] = da
                return tf.cast(product(da, kernels[m]), x.dtype)

            return tf.identity(products[m]), grad

        return given(x)

    output, new = advance(cell, plan, values, projected, states, noise, matmul)
    targets = [
        y for y, dy in zip([output, *new], d, strict=True) if dy is not None
    ]
    floats = [p for p in projected if p.dtype.is_floating]
    grads = iter(
        tf.gradients(
            targets,
            [*floats, *states, *values],
            [dy for dy in d if dy is not None],
        )
    )
    dps = [next(grads) if p.dtype.is_floating else None for p in projected]
    dss = [next(grads) for _ in states]
    return dps, das, dss, list(grads), xs


def plan(cell, projected, structure, states, noise, drawn) -> Plan:
    """Tries a step on two rows, in a graph of its own.

    Args:
        cell: a built cell.
        projected: what `project` gave, `(batch, time, n)` each.
        structure: what it looked like, with numbers in place of tensors.
        states: `(batch, size)` each.
        noise: what `draw` gave.
        drawn: what that looked like.
    """
    weights = list(cell.weights)
    draft = Plan(weights, structure, drawn, None, [], [], {}, [], [], [], [])

    def holder(dtype, *shape):
        return tf.raw_ops.Placeholder(dtype=dtype, shape=shape)

    with tf.Graph().as_default():
        values = [holder(w.dtype, *w.shape) for w in weights]
        p = [holder(x.dtype, 2, *x.shape[2:]) for x in projected]
        s = [holder(x.dtype, 2, *x.shape[1:]) for x in states]
        n = [
            holder(x.dtype, 1 if x.shape[0] == 1 else 2, *x.shape[1:])
            for x in noise
        ]
        calls = []

        def matmul(x, kernel):
            calls.append(
                (x, tf.convert_to_tensor(kernel), cell.matmul(x, kernel))
            )
            return calls[-1][-1]

        output, new = advance(cell, draft, values, p, s, n, matmul)
        inner = _inner(calls, [*p, *s])
        draft = draft._replace(inner=inner)
        outer = [call for i, call in enumerate(calls) if i not in inner]
        sources = [
            next((i for i, state in enumerate(s) if state is x), None)
            for x, _, _ in outer
        ]
        made = [a for _, _, a in outer]
        alone = added_alone(p, made, [output, *new])
        found = [i for i, state in enumerate(new) if state is output]
        d = [holder(x.dtype, 2, *x.shape[1:]) for x in [output, *new]]
        d[0] = None if found else d[0]
        a = [holder(x.dtype, 2, *x.shape[1:]) for x in made]
        turned = [
            holder(cell.compute_dtype, *kernel.shape[::-1])
            for _, kernel, _ in outer
        ]
        dps, das, dss, dvs, xs = pull(
            cell, draft, values, p, s, n, a, turned, d
        )
        outside = [x for x, i in zip(xs, sources, strict=True) if i is None]
        read = reached([*dps, *das, *dss, *dvs, *outside])
    twins = [
        next((m for m, da in enumerate(das) if _same(da, dp)), None)
        for dp in dps
    ]
    sums = {}
    if cell.compute_dtype == cell.state_dtype:  # or the sum would be rounded
        sums = {m: i for i, m in alone.items() if twins[i] == m}
    return draft._replace(
        output=found[0] if found else None,
        sources=sources,
        twins=twins,
        sums=sums,
        leaves=[
            i
            for i, x in enumerate(p)
            if x.name in read and i not in sums.values()
        ],
        states=[i for i, x in enumerate(s) if x.name in read or i in sources],
        products=[i for i, x in enumerate(a) if x.name in read],
        learned=[i for i, x in enumerate(dvs) if x is not None],
    )


def _inner(calls: list[tuple], changing: list) -> frozenset:
    """The calls of `matmul` whose matrix is not a function of weights alone.

    Nor is one that is drawn at every step. Noise is the same at all steps.

    Args:
        calls: x, the matrix and the product of each.
        changing: what is another at every step.
    """
    changing = {x.name for x in changing}
    inner = set()
    for call, (x, kernel, _) in enumerate(calls):
        names = reached([kernel])
        ops = [kernel.graph.get_tensor_by_name(name).op for name in names]
        drawn = any(op.op_def.is_stateful for op in ops)
        flat = x.shape.rank == kernel.shape.rank == 2
        if drawn or names & changing or not flat:
            inner.add(call)
    return frozenset(inner)


def _same(a, b) -> bool:
    return a is not None and b is not None and a.name == b.name
