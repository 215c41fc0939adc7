"""The cells that every contract test runs over, and their NumPy twins.

The cells come from the registry, `seqapps/layers/cells/registry.py`; each needs
the NumPy function of its name in `reference.py`. Run as a script, this file
writes the results of every case to a file, to compare another backend:
`KERAS_BACKEND=jax python tests/cells.py out.npz [thorough]`.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import keras
import numpy as np
import pytest
import reference
from reference import sigmoid, walk  # noqa: F401

from seqapps import layers

BATCH, TIME, FEATURES, UNITS = 3, 7, 5, 4


def around(wrapper, inner, /, **arguments):
    """Returns a maker of a cell with a wrapper around it."""

    def make(units, dtype=None, **kwargs):
        return wrapper(
            inner(units, dtype=dtype), dtype=dtype, **arguments, **kwargs
        )

    return make


@dataclass(frozen=True)
class Case:
    """A cell, and what it is compared with."""

    name: str
    maker: Callable  # (units, **arguments) -> a Cell
    step: Callable  # (weights, x, states) -> output, states, in NumPy
    arguments: dict = field(default_factory=dict)
    layer: Callable | None = None  # our layer of that cell, if there is one
    peer: Callable | None = None  # Keras's layer, if it has one
    learns_states: bool = False

    def make_cell(self, units=UNITS, **arguments):
        return self.maker(units, **self.arguments, **arguments)

    @property
    def cell(self):
        """The class of the cell."""
        return type(self.make_cell())

    def make(self, units=UNITS, dtype=None, **arguments):
        """Returns RNN(cell)."""
        cell = self.make_cell(units, dtype=dtype)
        return layers.RNN(cell, dtype=dtype, **arguments)


DETAILS = {
    "simple_rnn": {"layer": layers.SimpleRNN, "peer": keras.layers.SimpleRNN},
    "lstm": {"layer": layers.LSTM, "peer": keras.layers.LSTM},
    "gru": {"layer": layers.GRU, "peer": keras.layers.GRU},
    "recurrent_highway": {"arguments": {"depth": 3}},
}
CASES = [
    Case(
        name,
        partial(layers.make_cell, name),
        getattr(reference, name),
        **DETAILS.get(name, {}),
    )
    for name in layers.cell_names()
] + [
    Case(
        "gru_reset_before",
        layers.GRUCell,
        reference.gru,
        {"reset_after": False},
        layer=layers.GRU,
        peer=keras.layers.GRU,
    ),
    Case(
        "zoneout_lstm",
        around(layers.Zoneout, layers.LSTMCell, hidden=0.25, cell=0.5),
        reference.zoned(reference.lstm, 0.25, 0.5),
    ),
    Case(
        "zoneout_peephole_lstm",
        around(layers.Zoneout, layers.PeepholeLSTMCell, cell=0.5),
        reference.zoned(reference.peephole_lstm, 0, 0.5),
    ),
    Case(
        "highway_gru",
        around(layers.Highway, layers.GRUCell),
        reference.highway(reference.gru),
    ),
    Case(
        "drop_connect_lstm",
        around(layers.DropConnect, layers.LSTMCell, rate=0.5),
        reference.lstm,
    ),
    Case(
        "learned_state_lstm",
        around(layers.LearnedState, layers.LSTMCell),
        reference.learned(reference.lstm),
        learns_states=True,
    ),
]
PEERED = [case for case in CASES if case.peer]
every_cell = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
# for what takes seconds a cell: all but the plain ones only in time
PLAIN = ("simple_rnn", "lstm", "gru")
every_cell_in_time = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[] if case.name in PLAIN else pytest.mark.slow)
        for case in CASES
    ],
    ids=lambda case: case.name,
)
every_peer = pytest.mark.parametrize("case", PEERED, ids=lambda case: case.name)


def numbers(*shape, seed=0):
    """Returns float32 numbers that are the same everywhere."""
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


X = numbers(BATCH, TIME, FEATURES)
MASK = numbers(BATCH, TIME, seed=5) > 0  # holes anywhere
MASK[1] = False  # an empty row


def fill(layer, seed=1):
    """Gives every weight of a built layer random numbers, the bias too."""
    for i, weight in enumerate(layer.weights):
        weight.assign(0.5 * numbers(*weight.shape, seed=seed + i))
    return layer


def built(case, **arguments):
    """Returns RNN(cell) with random weights."""
    layer = case.make(**arguments)
    layer.build(X.shape)
    return fill(layer)


def states_of(layer):
    """Returns initial states that are not zero."""
    return [
        numbers(*zeros.shape, seed=3 + i).astype(zeros.dtype.name)
        for i, zeros in enumerate(layer.get_initial_state(BATCH))
    ]


def pair(case, **arguments):
    """Returns Keras's layer and ours, with the same weights."""
    arguments = case.arguments | arguments
    theirs, ours = case.peer(UNITS, **arguments), case.layer(UNITS, **arguments)
    theirs.build(X.shape)
    ours.build(X.shape)
    ours.set_weights(arrays(fill(theirs).weights))
    return theirs, ours


def arrays(values):
    """Returns any tree of tensors as a flat list of NumPy arrays."""
    values = keras.tree.flatten(values)
    values = [v.value if isinstance(v, keras.Variable) else v for v in values]
    return [v.numpy() if hasattr(v, "numpy") else np.asarray(v) for v in values]


def close(ours, theirs, tolerance=1e-5):
    ours, theirs = arrays(ours), arrays(theirs)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(
            a.astype("float64"), b.astype("float64"), tolerance, tolerance
        )


def gradients(layer, x, **call):
    """Returns outputs and the gradients of a sum of them, on any backend."""

    def loss(outputs):
        return sum(
            keras.ops.sum(keras.ops.multiply(y, numbers(*y.shape, seed=9 + i)))
            for i, y in enumerate(keras.tree.flatten(outputs))
        )

    x = keras.ops.convert_to_tensor(x)
    if not layer.built:
        layer(x, **call)
    weights = [v.value for v in layer.trainable_variables]
    if keras.backend.backend() == "jax":
        import jax

        fixed = [v.value for v in layer.non_trainable_variables]

        def run(weights, x):
            outputs, _ = layer.stateless_call(weights, fixed, x, **call)
            return loss(outputs), outputs

        run = jax.jit(jax.grad(run, (0, 1), has_aux=True))
        grads, outputs = run(weights, x)
    else:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, **call)
            total = loss(outputs)
        grads = tape.gradient(total, [weights, x], unconnected_gradients="zero")
    return arrays(outputs), arrays(grads)


def main(path, thorough=False):
    results = {}
    everything = {"return_sequences": True, "return_state": True}
    zero = {"return_sequences": True, "zero_output_for_mask": True}
    variants = {
        "plain": (everything, {}),
        "masked": (everything | {"go_backwards": True}, {"mask": MASK}),
        "zeroed": (zero, {"mask": MASK}),
        "unrolled": (zero | {"unroll": True}, {"mask": MASK}),
    }
    for case in CASES:
        for name, (arguments, call) in variants.items():
            quick = name == "masked" or case.name == "lstm"
            quick = quick or (name == "plain" and case.name in PLAIN)
            if not (quick or thorough):
                continue
            layer = built(case, **arguments)
            outputs, grads = gradients(layer, X, **call)
            for i, value in enumerate(outputs + grads):
                results[f"{case.name}/{name}/{i}"] = value
    np.savez(path, **results)


if __name__ == "__main__":
    main(sys.argv[1], "thorough" in sys.argv)
