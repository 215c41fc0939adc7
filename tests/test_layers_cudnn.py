"""The walk of cuDNN, on a machine that only pretends to have a GPU.

Run as a script on JAX, this file compares it there, by JAX's own reference.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from cells import (
    CASES,
    FEATURES,
    MASK,
    TIME,
    UNITS,
    X,
    arrays,
    close,
    fill,
    gradients,
    states_of,
)
from keras import ops

from seqapps import layers
from seqapps.layers.walks import cudnn

BOTH = {"return_sequences": True, "return_state": True}
sigmoid = keras.ops.sigmoid
plain = pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.name in ("lstm", "gru")],
    ids=lambda case: case.name,
)


def lstm(x, h, c, mask, kernel, recurrent_kernel, bias, **rest):
    """Keras's function, one step after the other."""
    ys = []
    for t in range(x.shape[1]):
        a = x[:, t] @ kernel.value + h @ recurrent_kernel.value + bias.value
        i, f, g, o = ops.split(a, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * ops.tanh(g)
        h = sigmoid(o) * ops.tanh(c)
        ys.append(h)
    return _found(mask, ys, [h, c], **rest)


def gru(x, h, mask, kernel, recurrent_kernel, bias, **rest):
    """Keras's function, one step after the other."""
    ys = []
    for t in range(x.shape[1]):
        a = x[:, t] @ kernel.value + bias.value[0]
        b = h @ recurrent_kernel.value + bias.value[1]
        z, r = ops.split(sigmoid((a + b)[:, : 2 * UNITS]), 2, axis=-1)
        g = ops.tanh(a[:, 2 * UNITS :] + r * b[:, 2 * UNITS :])
        h = z * h + (1 - z) * g
        ys.append(h)
    return _found(mask, ys, [h], **rest)


def _found(
    mask, ys, states, activation, recurrent_activation, return_sequences
):
    assert mask is None
    assert activation is keras.activations.tanh
    assert recurrent_activation is keras.activations.sigmoid
    ys = ys if return_sequences else ys[-1:]
    return ys[-1], ops.stack(ys, axis=1), states


def pretend(patch):
    """Lets the machine have a GPU, with a cuDNN written in Python."""
    functions = {"lstm": lstm, "gru": gru}
    patch.setattr(cudnn, "on_gpu", lambda: True)
    patch.setattr(
        cudnn,
        "keras_cudnn",
        lambda name, *args, **kwargs: functions[name](*args, **kwargs),
    )


@pytest.fixture
def gpu(monkeypatch):
    pretend(monkeypatch)


def both(case, **arguments):
    """The layer as it comes, and one that goes Keras's loop."""
    made = []
    for extra in ({}, {"walk": "loop"}):
        made.append(case.layer(UNITS, **arguments, **extra))
        made[-1].build(X.shape)
        fill(made[-1])
    return made


@plain
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("arguments", [{}, BOTH], ids=["last", "all"])
def test_equals_the_loop(case, arguments, backwards, gpu):
    ours, loop = both(case, go_backwards=backwards, **arguments)
    call = {"initial_state": states_of(ours), "training": True}
    outputs, grads = gradients(ours, X, **call)
    expected, expected_grads = gradients(loop, X, **call)
    assert (ours.walked, loop.walked) == ("cudnn", "loop")
    close(outputs, expected)
    close(grads, expected_grads)
    assert all(np.any(grad) for grad in grads)


@plain
def test_in_a_graph_and_stateful(case, gpu):
    import tensorflow as tf

    ours, loop = both(case, stateful=True, return_sequences=True)
    run = tf.function(ours)
    for _ in range(2):
        close(run(X), loop(X))
        close(ours.states, loop.states)
    assert ours.walked == "cudnn"


@plain
def test_drops_inputs(case, gpu):
    ours, loop = both(case, dropout=0.5, seed=3, return_sequences=True)
    outputs, grads = gradients(ours, X, training=True)
    expected, expected_grads = gradients(loop, X, training=True)
    assert ours.walked == "cudnn"
    close(outputs, expected)
    close(grads, expected_grads)
    close(ours(X), loop(X))
    assert np.any(outputs[0] - arrays(loop(X))[0])


@plain
def test_any_rnn_of_the_plain_cell(case, gpu):
    layer = layers.RNN(case.make_cell())
    layer(np.asarray(X, "float64"))  # rounded, as on the other ways
    assert layer.walked == "cudnn"


def test_in_both_directions(gpu):
    layer = layers.Bidirectional(layers.LSTM(UNITS, **BOTH))
    found = arrays(layer(X))
    assert layer.forward_layer.walked == layer.backward_layer.walked == "cudnn"
    copy = layers.Bidirectional(layers.LSTM(UNITS, walk="loop", **BOTH))
    copy.build(X.shape)
    copy.set_weights(layer.get_weights())
    close(found, copy(X))
    assert copy.backward_layer.walked == "loop"


NEEDS = [
    (layers.LSTM, {"activation": "relu"}, "activation is not tanh"),
    (layers.GRU, {"recurrent_activation": "relu"}, "is not sigmoid"),
    (layers.LSTM, {"use_bias": False}, "use_bias"),
    (layers.LSTM, {"recurrent_dropout": 0.5}, "recurrent_dropout"),
    (layers.GRU, {"reset_after": False}, "reset_after"),
    (layers.GRU, {"unroll": True}, "unroll"),
    (layers.LSTM, {"dtype": "mixed_float16"}, "float32"),
    (layers.LSTM, {"dtype": "float64"}, "float32"),
    (layers.LSTM, {"use_cudnn": False}, "use_cudnn"),
    (layers.SimpleRNN, {}, "SimpleRNNCell"),
]


@pytest.mark.parametrize(
    ("layer", "arguments", "why"), NEEDS, ids=[why for *_, why in NEEDS]
)
def test_what_it_needs(layer, arguments, why, gpu):
    made = layer(UNITS, **arguments)
    made(X)
    assert made.walked == "loop"
    assert made.supports_jit
    forced = layer(UNITS, walk="cudnn", **arguments)
    with pytest.raises(ValueError, match=f"cuDNN cannot walk .*: .*{why}"):
        forced(X)


def test_it_gets_no_mask(gpu):
    layer = layers.LSTM(UNITS)
    close(layer(X, mask=MASK), layer(X, mask=np.array(MASK)))
    assert layer.walked == "loop"
    for forced in ({"walk": "cudnn"}, {"use_cudnn": True}):
        with pytest.raises(ValueError, match="there is a mask"):
            layers.LSTM(UNITS, **forced)(X, mask=MASK)


def test_use_cudnn(gpu):
    ways = {True: "cudnn", "auto": "cudnn", False: "loop"}
    for use, way in ways.items():
        layer = layers.GRU(UNITS, use_cudnn=use)
        layer(X)
        assert layer.walked == way
        copy = layers.GRU.from_config(layer.get_config())
        copy(X)
        assert copy.walked == way
    with pytest.raises(ValueError, match="another walk"):
        layers.GRU(UNITS, use_cudnn=True, walk="fast")(X)


def test_without_a_gpu(tmp_path, monkeypatch):
    monkeypatch.setattr(cudnn, "on_gpu", lambda: False)
    inputs = keras.Input((TIME, FEATURES))
    for forced in ({"walk": "cudnn"}, {"use_cudnn": True}):
        layer = layers.LSTM(UNITS, **forced)
        with pytest.raises(ValueError, match="there is no GPU"):
            layer(X)
        with pytest.raises(ValueError, match="there is no GPU"):
            layers.LSTM.from_config(layer.get_config())(X)
    with monkeypatch.context() as patch:
        pretend(patch)
        forced = layers.LSTM(UNITS, walk="cudnn")
        model = keras.Model(inputs, forced(inputs))
        expected = model(X)
        assert forced.walked == "cudnn"
        model.save(tmp_path / "model.keras")
        again = keras.saving.load_model(tmp_path / "model.keras")
        close(again(X), expected)
        assert again.layers[-1].walk == "cudnn"
    # what was not forced walks another way where it is read
    layer = layers.LSTM(UNITS)
    layer(X)
    assert layer.walked == "loop"


def test_keras_may_refuse(gpu, monkeypatch):
    """As for a layer that is placed on a CPU, beside a GPU."""

    def refuse(*args, **kwargs):
        raise NotImplementedError

    monkeypatch.setattr(cudnn, "keras_cudnn", refuse)
    layer = layers.GRU(UNITS)
    layer(X)
    assert layer.walked == "loop"
    with pytest.raises(ValueError, match="Keras refuses"):
        layers.GRU(UNITS, walk="cudnn")(X)


def test_xla_is_kept_away(gpu):
    """Keras compiles no model by XLA that may end in cuDNN."""
    inputs = keras.Input((TIME, FEATURES))
    for walk, support in (("auto", False), ("fast", True)):
        layer = layers.LSTM(UNITS, walk=walk)
        assert layer.supports_jit is support
        model = keras.Sequential([inputs, layer, keras.layers.Dense(1)])
        if support:
            model.compile("sgd", "mse", jit_compile=True)
        else:
            with pytest.warns(UserWarning, match="doesn't support `jit_comp"):
                model.compile("sgd", "mse", jit_compile=True)
        assert model.jit_compile is support


@plain
def test_the_graph_ends_in_cudnn(case, monkeypatch):
    """Keras's own function is met, and its kernel asked for."""
    import tensorflow as tf

    monkeypatch.setattr(cudnn, "on_gpu", lambda: True)
    home = sys.modules["keras.src.backend.tensorflow.rnn"]
    monkeypatch.setattr(home, "_is_gpu_available", lambda: True)
    layer = case.layer(UNITS, go_backwards=True, **BOTH)
    layer.build(X.shape)

    @tf.function(input_signature=[tf.TensorSpec((None, None, FEATURES))])
    def run(x):
        outputs = layer(x, training=True)
        return outputs, tf.gradients(outputs[0], x)

    graph = run.get_concrete_function().graph
    kinds = {op.type for op in graph.get_operations()}
    assert {"CudnnRNNV3", "CudnnRNNBackpropV3"} <= kinds
    outputs, *states = graph.structured_outputs[0]
    assert outputs.shape.as_list() == [None, None, UNITS]
    assert [s.shape.as_list() for s in states] == [[None, UNITS]] * len(states)
    assert layer.walked == "cudnn"
    symbolic = layer(keras.Input((TIME, FEATURES)))
    assert symbolic[0].shape == (None, TIME, UNITS)


def test_on_jax():
    pytest.importorskip("jax", reason="jax is not installed")
    if keras.__version__ < "3.14":
        pytest.skip("Keras 3.14 is the first with cuDNN on JAX")
    subprocess.run(
        [sys.executable, "-W", "error", __file__],
        check=True,
        env=os.environ
        | {
            "KERAS_BACKEND": "jax",
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        },
    )


def on_jax():
    """Layers by Keras's packing of weights for cuDNN equal the loop."""
    import jax
    from jax.experimental import rnn

    calls = []

    def reference(x, h, c, weights, lengths, **sizes):
        *parts, bidirectional = (
            sizes[name]
            for name in (
                "input_size",
                "hidden_size",
                "num_layers",
                "bidirectional",
            )
        )
        calls.append(bidirectional)
        unpacked = rnn.unpack_lstm_weights(weights, *parts, bidirectional)
        return rnn.lstm_ref(
            x, h, c, *unpacked, lengths, *parts, 0.0, bidirectional
        )

    jax.default_backend = lambda: "gpu"
    rnn.lstm = reference
    case = next(case for case in CASES if case.name == "lstm")
    ours, loop = both(case, go_backwards=True, **BOTH)
    call = {"initial_state": states_of(ours)}
    for a, b in zip(
        gradients(ours, X, **call), gradients(loop, X, **call), strict=True
    ):
        close(a, b)
    assert (ours.walked, loop.walked) == ("cudnn", "loop")
    assert set(calls) == {False}
    assert ours.supports_jit  # XLA can compile it there
    gru = layers.GRU(UNITS)
    gru.build(X.shape)
    jax.eval_shape(gru, X)
    assert gru.walked == "fast"
    fused, loops = (
        layers.Bidirectional(layers.LSTM(UNITS, walk=walk, **BOTH))
        for walk in ("auto", "loop")
    )
    for layer in (fused, loops):
        layer.build(X.shape)
        fill(layer)
    calls.clear()
    for a, b in zip(gradients(fused, X), gradients(loops, X), strict=True):
        close(a, b)
    # Keras 3.15 is the first to walk both directions in one call
    assert set(calls) == {keras.__version__ >= "3.15"}
    assert fused.forward_layer.walked == fused.backward_layer.walked == "cudnn"
    # with a mask, each direction by itself
    jax.eval_shape(lambda x: fused(x, mask=MASK), X)
    assert fused.forward_layer.walked == fused.backward_layer.walked == "fast"


if __name__ == "__main__":
    sys.modules["tensorflow"] = None  # JAX is enough
    on_jax()
