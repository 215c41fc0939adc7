"""Our layers beside Keras's, and JAX beside TensorFlow."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import cells
import keras
import numpy as np
import pytest
from cells import (
    BATCH,
    PEERED,
    TIME,
    UNITS,
    X,
    arrays,
    close,
    every_peer,
    fill,
    gradients,
    numbers,
    pair,
)

from seqapps import layers

PADDED = np.arange(TIME) < np.array([[7], [3], [5]])  # all that cuDNN takes


@every_peer
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"use_bias": False, "return_sequences": True},
        {"go_backwards": True, "return_sequences": True, "return_state": True},
        {"unroll": True, "return_state": True},
        {"return_sequences": True, "zero_output_for_mask": True},
        {"activation": "relu"},
    ],
    ids=lambda arguments: "-".join(arguments) or "plain",
)
@pytest.mark.parametrize("mask", [None, PADDED], ids=["whole", "padded"])
def test_values_and_gradients(case, arguments, mask):
    theirs, ours = pair(case, **arguments)
    outputs, grads = gradients(ours, X, mask=mask)
    expected, expected_grads = gradients(theirs, X, mask=mask)
    close(outputs, expected)
    close(grads, expected_grads)
    assert all(np.any(grad) for grad in grads)


@every_peer
def test_an_activation_over_the_units(case):
    """An activation may look at all units, but at one gate only."""
    arguments = {"activation": "softmax"}
    if "recurrent_activation" in inspect.signature(case.peer).parameters:
        arguments["recurrent_activation"] = "softmax"
    theirs, ours = pair(case, **arguments)
    close(ours(X), theirs(X))


@every_peer
def test_weights_pass_both_ways(case):
    theirs, ours = pair(case)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert [w.path.split("/")[1:] for w in ours.weights] == [
        w.path.split("/")[1:] for w in theirs.weights
    ]
    fill(ours, seed=20)
    theirs.set_weights(arrays(ours.weights))
    close(theirs(X), ours(X))


@every_peer
def test_cell_equals_keras_cell(case):
    theirs, ours = pair(case)
    states = [numbers(BATCH, UNITS, seed=i) for i in range(2)]
    states = states[: len(ours.state_size)]
    close(ours.cell(X[:, 0], states), theirs.cell(X[:, 0], states))
    if len(states) == 1:  # may come without its list, and goes so
        state = ours.cell(X[:, 0], states[0])[1]
        assert state.shape == (BATCH, UNITS)
    close(
        theirs.cell.get_initial_state(BATCH), ours.cell.get_initial_state(BATCH)
    )


@pytest.mark.parametrize("mask", [None, PADDED], ids=["whole", "padded"])
def test_a_strangers_cell_goes_kerass_way(mask):
    for cell in (
        keras.layers.LSTMCell(UNITS, dropout=0.5),
        keras.layers.StackedRNNCells(
            [keras.layers.GRUCell(3), layers.LSTMCell(UNITS)]
        ),
    ):
        ours = layers.RNN(cell, return_sequences=True, return_state=True)
        theirs = keras.layers.RNN(
            cell, return_sequences=True, return_state=True
        )
        close(theirs(X, mask=mask), ours(X, mask=mask))
        copy = layers.RNN.from_config(ours.get_config())
        assert copy.get_config() == ours.get_config()


def test_irnn():
    """ReLU and an identity: without inputs the state stays what it was."""
    layer = layers.SimpleRNN(
        UNITS, activation="relu", recurrent_initializer="identity"
    )
    h = np.abs(numbers(BATCH, UNITS))
    close(layer(0 * X, initial_state=h), h)


def test_update_gate_of_the_lecture():
    """h = (1 - u) h + u g, when the weights of z have their sign turned."""
    gru = next(case for case in PEERED if case.name == "gru")
    _, ours = pair(gru)
    kernel, recurrent, bias = arrays(ours.weights)
    h = numbers(BATCH, UNITS, seed=4)
    a = X[:, 0] @ kernel + bias[0]
    b = h @ recurrent + bias[1]
    u = cells.sigmoid(-(a + b)[:, :UNITS])
    r = cells.sigmoid((a + b)[:, UNITS : 2 * UNITS])
    g = np.tanh(a[:, 2 * UNITS :] + r * b[:, 2 * UNITS :])
    close(ours.cell(X[:, 0], [h])[0], (1 - u) * h + u * g)


@pytest.mark.parametrize(
    "words", [[], pytest.param(["thorough"], marks=pytest.mark.slow)]
)
def test_jax_agrees(words, tmp_path):
    """Values and gradients, with and without masks, on both backends."""
    pytest.importorskip("jax", reason="jax is not installed")
    path = tmp_path / "jax.npz"
    beside = subprocess.Popen(
        [sys.executable, "-W", "error", cells.__file__, path, *words],
        env=os.environ
        | {
            "KERAS_BACKEND": "jax",
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # it compiles faster
            "PYTHONPATH": str(Path(cells.__file__).parents[1]),
        },
    )
    cells.main(tmp_path / "tensorflow.npz", *words)
    assert beside.wait(timeout=600) == 0
    ours, theirs = np.load(tmp_path / "tensorflow.npz"), np.load(path)
    assert len(ours.files) == len(theirs.files) > 80
    for name in ours.files:
        np.testing.assert_allclose(ours[name], theirs[name], 1e-4, 1e-5, name)
