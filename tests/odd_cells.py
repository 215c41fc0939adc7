"""A generator of odd small cells, and what the fast walk makes of them.

`make(seed)` draws a cell: every way in which what is projected, the states,
the weights, noise and constants can meet a product. Run as a script, this
file walks cells fast and by the loop, and prints the largest difference of
values and gradients of each: `KERAS_BACKEND=jax python tests/odd_cells.py
0 20`. A cell is a list of lines that `describe` shows, so that a failing one
can be read.
"""

import os
import random
import sys

import keras
import numpy as np
from keras import ops

from seqapps import layers
from seqapps.layers.cells.cell import Cell

BATCH, TIME, FEATURES, UNITS = 3, 5, 4, 3
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(BATCH, TIME, FEATURES)).astype("float32")
MASK = RANDOM.normal(size=(BATCH, TIME)) > -0.5
CONSTANT = RANDOM.normal(size=(UNITS, UNITS)).astype("float32") / 2


@keras.saving.register_keras_serializable(package="odd")
class Scaled(keras.layers.Layer):
    """An activation with a weight."""

    def build(self, shape):
        self.scale = self.add_weight((shape[-1],), "ones", name="scale")

    def call(self, x):
        return ops.tanh(ops.multiply(x, self.scale))


# What a product multiplies: an x and a matrix, of (batch, UNITS) tensors p, q
# (projected), h, c (states), n (noise) and earlier values v.
XS = {
    "h": lambda e: e.h,
    "c": lambda e: e.c,
    "v": lambda e: e.v,
    "p": lambda e: e.p,
    "h*n": lambda e: e.h * e.n,
    "tanh(h+q)": lambda e: ops.tanh(e.h + e.q),
    "stop(h)": lambda e: ops.stop_gradient(e.h),
    "h*sigmoid(c)": lambda e: e.h * ops.sigmoid(e.c),
}
MATRICES = {
    "U": lambda e: e.U,
    "V": lambda e: e.V,
    "U'": lambda e: ops.transpose(e.U),
    "U*V": lambda e: ops.multiply(e.U, e.V),
    "U[:3]": lambda e: ops.concatenate([e.U, e.V], 0)[:UNITS],
    "U+b": lambda e: ops.add(e.U, e.b),
    "constant": lambda e: ops.convert_to_tensor(CONSTANT),
    "stop(U)": lambda e: ops.stop_gradient(ops.convert_to_tensor(e.U)),
    "U*(1+mean(h))": lambda e: ops.multiply(e.U, 1 + ops.mean(e.h)),
    "U*mean(p)": lambda e: ops.multiply(e.U, ops.mean(e.p)),
    "U+mean(stop(c))": lambda e: ops.add(e.U, ops.mean(ops.stop_gradient(e.c))),
}
# How what is projected meets the product a.
MEETINGS = {
    "p+a": lambda e, a: e.p + a,
    "a+p": lambda e, a: a + e.p,
    "p+a+b": lambda e, a: ops.add(e.p + a, e.b),
    "(p+q)+a": lambda e, a: (e.p + e.q) + a,
    "p*a": lambda e, a: e.p * a,
    "p-a": lambda e, a: e.p - a,
    "p+a+a": lambda e, a: (e.p + a) + a,
    "p+a+p": lambda e, a: (e.p + a) + e.p,
    "p+2a": lambda e, a: e.p + 2 * a,
    "q*(p+a)": lambda e, a: e.q * (e.p + a),
    "a": lambda e, a: a,
    "where(p>0,h,p+a)": lambda e, a: ops.where(e.p > 0, e.h, e.p + a),
    "p+a+stop(p)*h": lambda e, a: e.p + a + ops.stop_gradient(e.p) * e.h,
    "p+a+stop(a)*h": lambda e, a: e.p + a + ops.stop_gradient(a) * e.h,
    "p+a+sign(p)": lambda e, a: e.p + a + ops.sign(e.p),
    "p+a*round(p)": lambda e, a: e.p + a * ops.round(e.p),
    "where(k,p+a,h)": lambda e, a: ops.where(e.k, e.p + a, e.h),
    "p+a, p kept": lambda e, a: e.keep(e.p) + a,
}
BENDS = {
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
    "relu": ops.relu,
    "softmax": ops.softmax,
    "scaled": None,
    "prelu": None,
    "none": lambda x: x / 2,
}
ENDS = ("h", "new", "c new", "product", "mixed", "old")


class Values:
    """What one step has at hand."""

    def __init__(self, **values):
        self.__dict__.update(values)
        self.kept = None

    def keep(self, x):
        self.kept = x
        return x


class Odd(Cell):
    """A cell of a few lines, drawn by a seed."""

    def __init__(self, seed, **kwargs):
        super().__init__(**kwargs)
        draw = random.Random(seed)
        self.lines = [
            tuple(
                draw.choice(list(part))
                for part in (XS, MATRICES, MEETINGS, BENDS)
            )
            for _ in range(draw.randint(1, 3))
        ]
        self.end = draw.choice(ENDS)
        self.leaves = draw.choice(["tuple", "nested"])
        self.with_mark = any("k" in line[2] for line in self.lines)
        self.state_size = [UNITS, UNITS]
        self.output_size = UNITS
        self.bends = [
            {"scaled": Scaled, "prelu": keras.layers.PReLU}.get(
                line[3], lambda name=line[3]: BENDS[name]
            )()
            for line in self.lines
        ]

    def describe(self) -> str:
        lines = [" | ".join(line) for line in self.lines]
        return "; ".join([*lines, f"end: {self.end}, {self.leaves}"])

    def build(self, shape):
        wide = (shape[-1], 2 * UNITS)
        self.W = self.add_weight(wide, name="W")
        self.U = self.add_weight((UNITS, UNITS), name="U")
        self.V = self.add_weight((UNITS, UNITS), name="V")
        self.b = self.add_weight((UNITS,), "normal", name="b")
        self.built = True

    def draw(self, inputs, training=False, kept=None):
        return ops.full((ops.shape(inputs)[0], UNITS), 0.5, "float32")

    def project(self, inputs, noise, matmul=ops.matmul):
        p, q = ops.split(matmul(inputs, self.W), 2, axis=-1)
        q = ops.tanh(q)
        if self.leaves == "nested":
            return (p, (q, p > 0.2))
        return (p, q, p > 0.2)

    def step(self, projected, states, noise, matmul=ops.matmul):
        p, q, k = keras.tree.flatten(projected)
        e = Values(
            p=p, q=q, k=k, n=noise, U=self.U, V=self.V, b=self.b, v=states[0]
        )
        e.h, e.c = states
        for (x, matrix, meeting, _), bend in zip(
            self.lines, self.bends, strict=True
        ):
            a = matmul(XS[x](e), MATRICES[matrix](e))
            e.v = bend(MEETINGS[meeting](e, a))
        h = e.v
        c = 0.5 * e.c + 0.5 * ops.tanh(h)
        if e.kept is not None:
            c = c + 0.1 * e.kept
        output = {
            "h": h,
            "new": h + c,
            "c new": c,
            "product": h * e.q,
            "mixed": ops.where(e.k, h, c),
            "old": e.h + 0 * h,
        }[self.end]
        return output, [h, c]


def make(seed: int, walk: str):
    """RNN(cell) of a seed, with the same weights whatever the walk."""
    keras.utils.set_random_seed(seed)
    layer = layers.RNN(
        Odd(seed), return_sequences=True, return_state=True, walk=walk
    )
    layer.build(X.shape)
    random_numbers = np.random.default_rng(seed)
    for weight in layer.weights:
        weight.assign(0.6 * random_numbers.normal(size=weight.shape))
    return layer


def total(outputs):
    """A number that all outputs have a part in."""
    weights = np.random.default_rng(5)
    return sum(
        ops.sum(y * weights.normal(size=y.shape).astype("float32"))
        for y in keras.tree.flatten(outputs)
    )


def on_tensorflow(layer, mask, remat: bool):
    """Values and gradients; a first trace under remat, if wanted."""
    import tensorflow as tf

    def call(x):
        return layer(x, mask=mask, training=True)

    def run(call):
        @tf.function
        def values(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                outputs = call(x)
                loss = total(outputs)
            inputs = [x, *(w.value for w in layer.trainable_variables)]
            grads = tape.gradient(loss, inputs, unconnected_gradients="zero")
            return [*keras.tree.flatten(outputs), *grads]

        return [y.numpy() for y in values(tf.constant(X))]

    if remat:
        run(tf.recompute_grad(call))
    return run(call)


def on_jax(layer, mask, remat: bool):
    """Values and gradients, of the recomputed function if wanted."""
    import jax

    fixed = [v.value for v in layer.non_trainable_variables]

    def call(weights, x):
        return layer.stateless_call(
            weights, fixed, x, mask=mask, training=True
        )[0]

    def loss(weights, x):
        outputs = (jax.checkpoint(call) if remat else call)(weights, x)
        return total(outputs), outputs

    weights = [v.value for v in layer.trainable_variables]
    grads, outputs = jax.jit(jax.grad(loss, (0, 1), has_aux=True))(weights, X)
    return [
        np.asarray(y) for y in jax.tree.leaves((outputs, grads[1], grads[0]))
    ]


def difference(seed: int) -> float:
    """The largest, relative, between the fast walk and the loop."""
    run = {"tensorflow": on_tensorflow, "jax": on_jax}[keras.backend.backend()]
    mask = [None, MASK][seed % 2]
    remat = seed % 3 == 0
    slow = run(make(seed, "loop"), mask, False)
    fast = run(make(seed, "fast"), mask, remat)
    assert len(slow) == len(fast)
    return max(
        float(np.max(np.abs(a - b) / (1 + np.abs(a))))
        for a, b in zip(slow, fast, strict=True)
    )


def main(first: int, last: int) -> None:
    for seed in range(first, last):
        try:
            far = difference(seed)
        except Exception as error:
            far = f"{type(error).__name__}: {str(error).splitlines()[0][:80]}"
        cell = Odd(seed).describe()
        verdict = "" if isinstance(far, float) and far < 1e-5 else "WRONG "
        print(f"{seed} {verdict}{far}  {cell}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(int(sys.argv[1]), int(sys.argv[2]))
