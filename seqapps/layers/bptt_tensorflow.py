"""Back-propagation through time for any cell, scheduled by hand (TensorFlow).

Plain automatic differentiation of a loop over time multiplies for the gradient
of U once a step, and keeps every intermediate result. Here

    forward     a_t = x_t U, then the rest of the step; kept are the a_t and
                those states that are needed again
    backward    t = T ... 1: the rest of the step is differentiated, with a_t
                put in place of the product; da_t comes out, and
                dx_t = da_t U' goes back into it
    after it    dU = sum_t x_t' da_t, one product for all steps

and no cell gives a derivative: `step` makes its products by the `matmul` that
it is given, so that they can be taken out of it and put in. Each of the two
loops is one XLA computation, which only stacked tensors enter and leave.

Facts behind the form, of TensorFlow 2.21 on a CPU: a slice of a stack that is
fused with exp or tanh makes XLA's loop four times slower, so the slices of the
next step are carried by the loop; a product with a transposed matrix packs it
anew at every step, so U' is made once.
"""

import os
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from tensorflow.compiler.tf2xla.ops import gen_xla_ops

from seqapps.layers.bptt import How

_LEAST = 16  # rows of a share


class Plan(NamedTuple):
    """What of a cell's step has to be kept, and what equals what.

    Args:
        weights: the cell's.
        structure: `projected`, with numbers in place of tensors.
        noise: what was drawn, with numbers in place of tensors.
        output: the number of the state that is the output; None for none.
        sources: for each product, the state that is its x; None for none.
        twins: for each leaf of `projected`, the product with the same
            gradient; None for none.
        leaves: which leaves of `projected` the backward loop reads.
        states: which states it reads, with those that are a source.
        products: which products it reads.
        learned: which weights have a gradient beside that of the products.
    """

    weights: list
    structure: Any
    noise: Any
    output: int | None
    sources: list
    twins: list
    leaves: list
    states: list
    products: list
    learned: list


def numbered(tree):
    """Returns the tensors of a tree, and the tree with their numbers."""
    leaves = keras.tree.flatten(tree)
    tensors = [leaf for leaf in leaves if leaf is not None]
    numbers = iter(range(len(tensors)))
    return tensors, keras.tree.map_structure(
        lambda leaf: None if leaf is None else next(numbers), tree
    )


def _filled(tree, tensors):
    return keras.tree.map_structure(
        lambda n: None if n is None else tensors[n], tree
    )


def _advance(cell, plan, values, projected, states, noise, matmul):
    """One step as a pure function of lists of tensors."""
    mapping = list(zip(plan.weights, values, strict=True))
    with keras.StatelessScope(state_mapping=mapping):
        return cell.advance(
            _filled(plan.structure, projected),
            states,
            _filled(plan.noise, noise),
            matmul,
        )


def _kernels(cell, plan, values, projected, states, noise):
    """What a step multiplies by, in the compute dtype."""
    kernels = []

    def matmul(x, kernel):
        kernels.append(tf.cast(kernel, cell.compute_dtype))
        return cell.matmul(x, kernel)

    _advance(cell, plan, values, projected, states, noise, matmul)
    return kernels


def _pull(cell, plan, values, projected, states, noise, products, kernels, d):
    """The gradient of one step, with its products as they were recorded.

    The kernels come transposed. `d` are the gradients of the output, None
    where it is a state, and of the new states. Returns the gradients of
    `projected`, of the products, of the states and of the values, and the x
    of each product.
    """
    das, xs = [None] * len(products), [None] * len(products)
    count = iter(range(len(products)))

    def matmul(x, kernel):
        m = next(count)
        xs[m] = x

        @tf.custom_gradient
        def product(x):
            def grad(da):
                das[m] = da
                return tf.cast(_product(da, kernels[m]), x.dtype)

            return tf.identity(products[m]), grad

        return product(x)

    floats = [p for p in projected if p.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch([*floats, *states, *values])
        output, new = _advance(
            cell, plan, values, projected, states, noise, matmul
        )
    targets = [
        y for y, dy in zip([output, *new], d, strict=True) if dy is not None
    ]
    grads = iter(
        tape.gradient(
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
    draft = Plan(weights, structure, drawn, None, [], [], [], [], [], [])

    def holder(dtype, shape):
        return tf.compat.v1.placeholder(dtype, [2, *shape])

    with tf.Graph().as_default():
        values = [
            tf.compat.v1.placeholder(w.dtype, tuple(w.shape)) for w in weights
        ]
        p = [holder(x.dtype, x.shape[2:]) for x in projected]
        s = [holder(x.dtype, x.shape[1:]) for x in states]
        n = [
            tf.compat.v1.placeholder(
                x.dtype, [1 if x.shape[0] == 1 else 2, *x.shape[1:]]
            )
            for x in noise
        ]
        sources, made = [], []

        def matmul(x, kernel):
            found = [i for i, state in enumerate(s) if state is x]
            sources.append(found[0] if found else None)
            made.append(cell.matmul(x, kernel))
            return made[-1]

        output, new = _advance(cell, draft, values, p, s, n, matmul)
        found = [i for i, state in enumerate(new) if state is output]
        d = [holder(x.dtype, x.shape[1:]) for x in [output, *new]]
        d[0] = None if found else d[0]
        a = [holder(x.dtype, x.shape[1:]) for x in made]
        kernels = _kernels(cell, draft, values, p, s, n)
        turned = [
            tf.compat.v1.placeholder(k.dtype, k.shape[::-1]) for k in kernels
        ]
        dps, das, dss, dvs, xs = _pull(
            cell, draft, values, p, s, n, a, turned, d
        )
        outside = [x for x, i in zip(xs, sources, strict=True) if i is None]
        read = _reached([*dps, *das, *dss, *dvs, *outside])
    return draft._replace(
        output=found[0] if found else None,
        sources=sources,
        twins=[
            next((m for m, da in enumerate(das) if da is dp), None)
            for dp in dps
        ],
        leaves=[i for i, x in enumerate(p) if x.name in read],
        states=[i for i, x in enumerate(s) if x.name in read or i in sources],
        products=[i for i, x in enumerate(a) if x.name in read],
        learned=[i for i, x in enumerate(dvs) if x is not None],
    )


def _reached(tensors) -> set[str]:
    """The names of all tensors that tensors are made of."""
    names, ahead = set(), [x for x in tensors if x is not None]
    while ahead:
        tensor = ahead.pop()
        if tensor.name not in names:
            names.add(tensor.name)
            ahead += tensor.op.inputs
    return names


def _product(x, kernel):
    """A product of one step: XLA's of bfloat16 is slower than of float32."""
    wide = "float32" if x.dtype.size == 2 else x.dtype
    return tf.matmul(tf.cast(x, wide), tf.cast(kernel, wide))


def _bits(x):
    """Half-precision numbers as integers.

    XLA on a CPU would widen a whole stack of them to read or write one row.
    """
    half = x.dtype.is_floating and x.dtype.size == 2
    return tf.bitcast(x, tf.uint16) if half else x


def _at(stack, t, dtype=None):
    """Row t of a stack `(batch, time, ...)`, kept as `_bits` of a dtype."""
    batch, _, *rest = tf.unstack(tf.shape(stack))
    start = tf.stack([0, t, *[0 for _ in rest]])
    row = gen_xla_ops.xla_dynamic_slice(stack, start, [batch, 1, *rest])
    row = tf.squeeze(row, 1)
    row.set_shape([stack.shape[0], *stack.shape[2:]])
    return row if dtype in (None, row.dtype) else tf.bitcast(row, dtype)


def _put(stack, t, row):
    """Writes row t of a stack of `_bits`."""
    start = tf.stack([0, t, *[0 for _ in row.shape[1:]]])
    row = tf.expand_dims(_bits(row), 1)
    return gen_xla_ops.xla_dynamic_update_slice(stack, row, start)


def _stack(row, time):
    """An empty stack of such rows, as `_bits`."""
    row = _bits(row)
    shape = tf.unstack(tf.shape(row))
    stack = tf.zeros([shape[0], time, *shape[1:]], row.dtype)
    stack.set_shape([row.shape[0], None, *row.shape[1:]])
    return stack


def _numbers(stacks, rows):
    """Stacks of `_bits` as stacks of what such rows are."""
    return [
        stack if stack.dtype == row.dtype else tf.bitcast(stack, row.dtype)
        for stack, row in zip(stacks, rows, strict=True)
    ]


def _where(marks, column, row, other):
    """Rows where a mark is set, others where not; all without marks."""
    if marks is None:
        return row
    return tf.where(marks[:, column : column + 1], row, other)


def _forward(cell, plan, how, p, marks, states, noise, values, length=None):
    """Walks forward.

    Returns:
        All outputs (none if not wanted), the last states, the states before
        each step and the products of each step, as far as they are kept.
    """
    time = tf.shape(p[0])[1]
    last = (length if length is not None else time) - 1
    first = [_at(x, 0) for x in p]
    kernels = _kernels(cell, plan, values, first, states, noise)
    dtype = cell.compute_dtype

    stacks = [(_bits(x), x.dtype) for x in [*p, *marks]]

    def rows(t):
        place = last - t if how.backwards else t
        return [_at(x, place, dtype) for x, dtype in stacks]

    def step(states, y, row):
        p, mark = row[: len(first)], (row[len(first) :] or [None])[0]
        products = []

        def matmul(x, _):
            a = _product(tf.cast(x, dtype), kernels[len(products)])
            products.append(tf.cast(a, dtype))
            return products[-1]

        output, new = _advance(cell, plan, values, p, states, noise, matmul)
        new = [_where(mark, 0, a, b) for a, b in zip(new, states, strict=True)]
        if plan.output is None:
            y = [_where(mark, 0, output, y[0])]
        shown = y[0] if y else new[plan.output]
        shown = _where(mark, 1, shown, tf.zeros_like(shown))
        return new, y, shown, products

    def body(t, states, y, row, outputs, befores, stacks):
        place = last - t if how.backwards else t
        kept = [states[i] for i in plan.states] if how.keep else []
        befores = [
            _put(a, place, b) for a, b in zip(befores, kept, strict=True)
        ]
        states, y, shown, products = step(states, y, row)
        outputs = [_put(a, t, shown) for a in outputs]
        kept = [products[i] for i in plan.products] if how.keep else []
        stacks = [_put(a, place, b) for a, b in zip(stacks, kept, strict=True)]
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
            [_stack(shown, time)] if how.outputs else [],
            [_stack(row, time) for row in kept],
            [_stack(row, time) for row in products],
        ),
    )
    outputs = _numbers(outputs, [shown] if how.outputs else [])
    befores, stacks = _numbers(befores, kept), _numbers(stacks, products)
    return [*outputs, *y], states, befores, stacks


def _backward(cell, plan, how, p, marks, kept, noise, values, d, length=None):
    """Walks backward.

    `kept` are the states before each step and the products of each step, `d`
    the gradients of what `_forward` returned before these. Returns the
    gradients of `projected` (None for a twin), of the first states and of the
    learned values, those of the products, and the x that are no states.
    """
    befores, stacks = kept
    time = tf.shape(p[0])[1]
    last = (length if length is not None else time) - 1
    dtype = cell.compute_dtype
    d_outputs, d = (d[:1], d[1:]) if how.outputs else ([], d)
    dy, ds = (d[:1], d[1:]) if plan.output is None else ([], d)
    read = [p[i] for i in plan.leaves]

    def nothing(stack):
        return tf.zeros_like(_at(stack, 0))

    nowhere = [nothing(x) for x in p]
    resting = [tf.zeros_like(x) for x in ds]

    inside = [(_bits(x), x.dtype) for x in [*read, *marks, *befores, *stacks]]
    shown = [(_bits(x), x.dtype) for x in d_outputs]

    def rows(t):
        place = last - t if how.backwards else t
        row = [_at(x, place, dtype) for x, dtype in inside]
        return row + [_at(x, t, dtype) for x, dtype in shown]

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

    first = [_at(x, 0) for x in p]
    kernels = _kernels(cell, plan, values, first, resting, noise)
    turned = [tf.transpose(kernel) for kernel in kernels]

    def step(ds, dy, row):
        projected, mark, states, products, shown = spread(row)
        if shown:
            d = _where(mark, 1, shown[0], tf.zeros_like(shown[0]))
            if dy:
                dy = [dy[0] + d]
            else:
                i = plan.output
                ds = [*ds[:i], ds[i] + tf.cast(d, ds[i].dtype), *ds[i + 1 :]]
        stays = [_where(mark, 0, tf.zeros_like(x), x) for x in [*dy, *ds]]
        moves = [_where(mark, 0, x, tf.zeros_like(x)) for x in [*dy, *ds]]
        if marks:
            d_rest = stays
        else:
            d_rest = [None] * len(stays)
        d = moves if dy else [None, *moves]
        dps, das, dss, dvs, xs = _pull(
            cell, plan, values, projected, states, noise, products, turned, d
        )
        dy = d_rest[: len(dy)] if marks else [tf.zeros_like(x) for x in dy]
        d_rest = d_rest[len(dy) :]
        ds = [
            _sum(new, rest, old)
            for new, rest, old in zip(dss, d_rest, ds, strict=True)
        ]
        own = [
            dp
            for dp, twin in zip(dps, plan.twins, strict=True)
            if dp is not None and twin is None
        ]
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
            [_put(a, place, b) for a, b in zip(owns, own, strict=True)],
            [_put(a, place, b) for a, b in zip(das, da, strict=True)],
            [_put(a, place, b) for a, b in zip(xs, x, strict=True)],
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
            [_stack(row, time) for row in own],
            [_stack(row, time) for row in da],
            [_stack(row, time) for row in x],
            [tf.zeros_like(v) for v in dv],
        ),
    )
    das, xs = _numbers(das, da), _numbers(xs, x)
    own = iter(_numbers(owns, own))
    dps = []
    for leaf, twin in zip(p, plan.twins, strict=True):
        if twin is not None:
            dps.append(None)
        else:
            dps.append(next(own) if leaf.dtype.is_floating else None)
    return dps, ds, dvs, das, xs


def _learned(cell, plan, given, befores, das, xs):
    """The gradients of the values that come by way of products."""
    p, _, states, noise, values, _ = given
    with tf.GradientTape() as tape:
        tape.watch(values)
        first = [x[:, 0] for x in p]
        kernels = _kernels(cell, plan, values, first, states, noise)
    dks, xs = [], iter(xs)
    for source, da, kernel in zip(plan.sources, das, kernels, strict=True):
        x = next(xs) if source is None else befores[plan.states.index(source)]
        rows, columns = kernel.shape
        x = tf.cast(tf.reshape(x, [-1, rows]), kernel.dtype)
        da = tf.reshape(da, [-1, columns])
        dks.append(tf.matmul(x, da, transpose_a=True))
    return tape.gradient(kernels, values, dks)


def _sum(new, rest, like):
    """Adds two gradients that may be missing."""
    parts = [x for x in (new, rest) if x is not None]
    return tf.add_n(parts) if parts else tf.zeros_like(like)


def walk(cell, sequences, states, noise, marks, how: How) -> tuple:
    """Walks a cell through time, in as many shares as there are cores.

    Args:
        cell: a built cell.
        sequences: `(batch, time, features)`.
        states: the first, `(batch, size)` each.
        noise: what `draw` gave.
        marks: bool `(batch, time, 2)`: whether there is a step, and whether
            its output is shown, else it is 0; or None for all.
        how: see `How`. Without `keep` a gradient can be had too, but the
            forward walk is then made again.

    Returns:
        The outputs of all steps `(batch, time, size)`, in the order in which
        they are walked, or None; the last output; the last states.
    """
    shares = _shares(sequences.shape[0])
    cut = _cutter(tf.shape(sequences)[0], shares)
    noise, structure = numbered(noise)
    noise = [[n] * shares if n.shape[0] == 1 else cut(n) for n in noise]
    states = [cut(state) for state in states]
    marks = [None] * shares if marks is None else cut(marks)
    found = []
    for i, share in enumerate(cut(sequences)):
        drawn = _filled(structure, [n[i] for n in noise])
        projected = cell.project(share, drawn, matmul=cell.matmul)
        projected = keras.tree.map_structure(cell.narrow, projected)
        first = [state[i] for state in states]
        found.append(_share(cell, projected, first, drawn, marks[i], how))
    return tf.nest.map_structure(lambda *parts: _joined(parts), *found)


def _shares(batch: int | None) -> int:
    """How many independent walks keep all cores busy."""
    if tf.config.list_physical_devices("GPU"):
        return 1
    cores = len(os.sched_getaffinity(0))
    if batch is None:
        return min(cores, 4)
    return max(1, min(cores, batch // _LEAST))


def _cutter(batch, shares):
    sizes = [(batch + i) // shares for i in range(shares)]
    return lambda x: [x] if shares == 1 else tf.split(x, sizes, num=shares)


def _joined(parts):
    if len(parts) == 1 or parts[0] is None:
        return parts[0]
    return tf.concat(parts, axis=0)


def _room(time):
    """A length with room for so many steps, of which there are few.

    XLA compiles anew for every length: 4 between a power of 2 and the next.
    """
    powers = tf.constant([2**i for i in range(3, 28)])
    step = tf.reduce_min(tf.where(8 * powers >= time, powers, 2**28))
    return (time + step - 1) // step * step


def _share(cell, projected, states, noise, marks, how):
    """Walks one share; see `walk`."""
    projected, structure = numbered(projected)
    drawn, noise = numbered(noise)
    made = cell.__dict__.setdefault("_walks", {})  # unseen by Keras
    key = str((structure, noise, how, [p.dtype for p in projected]))
    if key not in made:
        fresh = plan(cell, projected, structure, states, drawn, noise)
        made[key] = _compiled(cell, fresh, how)
    outer, forward, again, backward = made[key]
    marks = [] if marks is None else [marks]
    length = []
    if projected[0].shape[1] is None:
        length = [tf.shape(projected[0])[1]]
        more = _room(length[0]) - length[0]
        projected, marks = (
            [tf.pad(x, [[0, 0], [0, more], [0, 0]]) for x in stacks]
            for stacks in (projected, marks)
        )
    values = [tf.convert_to_tensor(w.value) for w in outer.weights]
    arguments = [projected, marks, list(states), drawn, values, length]

    @tf.custom_gradient
    def run(*flat):
        given = tf.nest.pack_sequence_as(arguments, flat)
        results, last, befores, stacks = forward(*given)

        def grad(*d):
            kept = (befores, stacks) if how.keep else again(*given)[2:]
            dps, dss, dvs, das, xs = backward(given, kept, list(d))
            for i, twin in enumerate(outer.twins):
                dps[i] = dps[i] if twin is None else das[twin]
            d_values = _learned(cell, outer, given, kept[0], das, xs)
            for i, dv in zip(outer.learned, dvs, strict=True):
                d_values[i] = dv if d_values[i] is None else d_values[i] + dv
            rest = [[None for _ in x] for x in given]
            return [*dps, *rest[1], *dss, *rest[3], *d_values, *rest[5]]

        return [*results, *last], grad

    found = run(*tf.nest.flatten(arguments))
    outputs = found.pop(0) if how.outputs else None
    last = found.pop(0) if outer.output is None else found[outer.output]
    if outputs is not None:
        outputs = outputs[:, : length[0]] if length else outputs
        last = outputs[:, -1]
    elif marks and outer.output is not None:
        shown = tf.reduce_any(marks[0][..., 1], axis=1)[:, tf.newaxis]
        last = tf.where(shown, last, tf.zeros_like(last))
    return outputs, last, found


def _compiled(cell, plan, how):
    """The two loops, each an XLA computation, and the first with all kept."""

    def make(how):
        def forward(p, marks, states, noise, values, length):
            return _forward(
                cell, plan, how, p, marks, states, noise, values, *length
            )

        return tf.function(forward, jit_compile=True, autograph=False)

    def backward(given, kept, d):
        p, marks, _, noise, values, length = given
        return _backward(
            cell, plan, how, p, marks, kept, noise, values, d, *length
        )

    backward = tf.function(backward, jit_compile=True, autograph=False)
    return plan, make(how), make(how._replace(keep=True)), backward


@tf.RegisterGradient("XlaDynamicSlice")
@tf.RegisterGradient("XlaDynamicUpdateSlice")
def _refused(*_):
    raise NotImplementedError(
        'the fast walk has no second gradient: give the layer walk="loop"'
    )
