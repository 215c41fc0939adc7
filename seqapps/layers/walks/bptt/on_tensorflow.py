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

import keras
import tensorflow as tf

from seqapps import devices
from seqapps.layers.walks.bptt import How
from seqapps.layers.walks.bptt.backward import backward_walk, through_products
from seqapps.layers.walks.bptt.forward import forward_walk
from seqapps.layers.walks.bptt.made import walks_of
from seqapps.layers.walks.bptt.plan import filled, numbered, plan
from seqapps.private import exporting

_REFUSED = 'the fast walk has no second gradient: give the layer walk="loop"'
_LEAST = 16  # rows of a share


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
        drawn = filled(structure, [n[i] for n in noise])
        projected = cell.project(share, drawn, matmul=cell.matmul)
        projected = keras.tree.map_structure(cell.narrow, projected)
        first = [state[i] for state in states]
        found.append(_share(cell, projected, first, drawn, marks[i], how))
    return tf.nest.map_structure(lambda *parts: _joined(parts), *found)


def _shares(batch: int | None) -> int:
    """How many independent walks keep all cores busy."""
    if tf.config.list_physical_devices("GPU"):
        return 1
    cores = devices.cores()
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
    made = walks_of(cell)
    key = str((structure, noise, how, [p.dtype for p in projected]))
    if key not in made:
        fresh = plan(cell, projected, structure, states, drawn, noise)
        made[key] = _compiled(cell, fresh, how)
    outer, forward, again, backward, through = made[key]
    marks = [] if marks is None else [marks]
    length = []
    if projected[0].shape[1] is None:
        length = [_positive(tf.shape(projected[0])[1])]
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
        results, last, befores, stacks = forward(*_unseen(given))
        p, marks, states, noise, values, length = given
        first = [x[:, 0] for x in p]
        read = [p[i] for i in outer.leaves]

        def grad(*d):
            kept = (befores, stacks) if how.keep else again(*given)[2:]
            inside = first, read, marks, noise, values, length
            dps, dss, dvs, das, xs = _once(backward, inside, kept, list(d))
            for i, twin in enumerate(outer.twins):
                dps[i] = dps[i] if twin is None else das[twin]
            fixed = states, noise, values
            d_values = through(first, fixed, kept[0], das, xs)
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


def _positive(time):
    """Checks, where it is not known before, that there are any steps."""
    check = tf.debugging.assert_positive(time, "no step of time")
    with tf.control_dependencies([] if check is None else [check]):
        return tf.identity(time)


def _once(function, *arguments):
    """Calls a function whose gradient is refused, should it be asked for."""
    found = None

    @tf.custom_gradient
    def run(*flat):
        nonlocal found
        found = function(*_unseen(tf.nest.pack_sequence_as(arguments, flat)))

        def refuse(*_):
            if not exporting():
                raise NotImplementedError(_REFUSED)
            # a SavedModel has the gradients of gradients, wanted or not
            never = tf.debugging.Assert(False, [_REFUSED])
            with tf.control_dependencies([never]):
                return [tf.zeros_like(x) for x in flat]

        return [x for x in tf.nest.flatten(found) if x is not None], refuse

    results = iter(run(*tf.nest.flatten(arguments)))
    return tf.nest.map_structure(
        lambda x: None if x is None else next(results), found
    )


def _unseen(tensors):
    """The same tensors, which no tape follows.

    A tape around a tape would ask at once for gradients of gradients, also
    where nobody wants them, as in adversarial training.
    """
    return tf.nest.map_structure(tf.stop_gradient, tensors)


def _compiled(cell, plan, how):
    """The two loops, each an XLA computation, and the first with all kept."""

    def make(how):
        def forward(p, marks, states, noise, values, length):
            return forward_walk(
                cell, plan, how, p, marks, states, noise, values, *length
            )

        return tf.function(forward, jit_compile=True, autograph=False)

    def backward(given, kept, d):
        return backward_walk(cell, plan, how, given, kept, d)

    def through(first, fixed, befores, das, xs):
        return through_products(cell, plan, first, fixed, befores, das, xs)

    backward = tf.function(backward, jit_compile=True, autograph=False)
    through = tf.function(through, autograph=False)
    again = make(how._replace(keep=True))
    return plan, make(how), again, backward, through
