"""Odd small cells, drawn by seed: the fast walk is the loop."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import odd_cells
import pytest
import tensorflow as tf

from seqapps import layers

FEW, MANY = range(20), range(20, 200)


@pytest.mark.parametrize("seed", FEW)
def test_the_fast_walk_of_an_odd_cell_is_the_loop(seed):
    cell = odd_cells.Odd(seed).describe()
    assert odd_cells.difference(seed) < 1e-5, cell


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_the_fast_walk_of_many_odd_cells_is_the_loop(seed):
    cell = odd_cells.Odd(seed).describe()
    assert odd_cells.difference(seed) < 1e-5, cell


def on_jax(first, last):
    done = subprocess.run(
        [sys.executable, odd_cells.__file__, str(first), str(last)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == last - first, done.stderr
    assert [line for line in lines if "WRONG" in line] == []


def test_odd_cells_on_jax():
    on_jax(FEW[0], FEW[-1] + 1)


@pytest.mark.slow
def test_many_odd_cells_on_jax():
    on_jax(MANY[0], MANY[-1] + 1)


@pytest.mark.parametrize("make", [keras.layers.PReLU, odd_cells.Scaled])
@pytest.mark.parametrize(
    "layer",
    [
        layers.LSTM,
        layers.GRU,
        lambda units, walk, **kwargs: layers.RNN(
            layers.Zoneout(layers.PeepholeLSTMCell(units, **kwargs)), walk=walk
        ),
    ],
    ids=["lstm", "gru", "zoneout"],
)
def test_an_activation_may_have_weights(make, layer):
    x = odd_cells.X
    y = x.sum((1, 2))[:, None]
    losses = []
    for walk in ("loop", "fast"):
        keras.utils.set_random_seed(1)
        recurrent = layer(3, activation=make(), walk=walk)
        model = keras.Sequential([recurrent, keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        log = model.fit(x, y, epochs=3, verbose=0, batch_size=len(x))
        losses.append(log.history["loss"])
        names = {weight.name for weight in model.trainable_weights}
        assert names & {"alpha", "scale"}
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)
    assert losses[0][-1] < losses[0][0]


@pytest.mark.parametrize("says", [True, False])
def test_a_mask_arrives_behind_two_layers(says, monkeypatch):
    """Also where Keras's own class supports none, as 3.16 has it."""
    init = keras.layers.RNN.__init__

    def without(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.supports_masking = False

    if not says:
        monkeypatch.setattr(keras.layers.RNN, "__init__", without)
    seen = []

    class Last(keras.layers.Layer):
        supports_masking = True

        def call(self, x, mask=None):
            seen.append(mask is not None)
            return x

    model = keras.Sequential(
        [
            keras.layers.Masking(),
            layers.LSTM(4, return_sequences=True),
            layers.RNN(layers.GRUCell(3), return_sequences=True),
            layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True)),
            Last(),
        ]
    )
    model(odd_cells.X)
    assert seen and all(seen)


@pytest.mark.parametrize("cell", ["one", "stack"])
def test_no_step_of_time_is_refused(cell):
    make = layers.GRUCell
    layer = layers.RNN(make(4) if cell == "one" else [make(4), make(3)])
    with pytest.raises(ValueError, match="no step of time: shape .3, 0, 5"):
        layer(np.zeros((3, 0, 5), "float32"))


@pytest.mark.parametrize("training", [False, True])
def test_no_step_of_an_unknown_number_is_refused(training):
    layer = layers.LSTM(4, return_sequences=True, walk="fast")
    spec = [tf.TensorSpec((3, None, 5))]

    @tf.function(input_signature=spec, autograph=False)
    def run(x):
        return layer(x, training=training)

    with pytest.raises(tf.errors.InvalidArgumentError, match="no step of time"):
        run(np.zeros((3, 0, 5), "float32"))
    assert run(np.zeros((3, 2, 5), "float32")).shape == (3, 2, 4)


def test_forward_mode_on_jax():
    """Derivatives of the fast walk forward in time, and of gradients."""
    pytest.importorskip("jax", reason="jax is not installed")
    subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        check=True,
    )


def forward_mode():
    import jax

    found = []
    for walk in ("loop", "fast"):
        layer = odd_cells.make(4, walk)  # with noise, and a bool to project
        weights = [v.value for v in layer.trainable_variables]
        fixed = [v.value for v in layer.non_trainable_variables]

        def value(weights, layer=layer, fixed=fixed):
            outputs, _ = layer.stateless_call(
                weights, fixed, odd_cells.X, mask=odd_cells.MASK
            )
            return odd_cells.total(outputs)

        along = [weights], [jax.tree.map(np.ones_like, weights)]
        first = jax.jvp(value, *along)
        second = jax.jvp(jax.grad(value), *along)
        found.append(jax.tree.leaves((first, second)))
    for slow, fast in zip(*found, strict=True):
        np.testing.assert_allclose(fast, slow, 1e-4, 1e-4)


if __name__ == "__main__":
    forward_mode()
