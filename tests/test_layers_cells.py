"""What is true of one kind of cell only."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from cells import (
    BATCH,
    FEATURES,
    MASK,
    TIME,
    UNITS,
    X,
    arrays,
    close,
    fill,
    gradients,
    numbers,
)
from reference import sigmoid

from seqapps import layers

STEPS = 9
LONG = numbers(BATCH, STEPS, FEATURES, seed=2)
H, C = numbers(BATCH, UNITS, seed=3), numbers(BATCH, UNITS, seed=4)


def walk_of(cell, **arguments):
    """Returns a layer that walks a cell with random weights."""
    layer = layers.RNN(cell, **arguments)
    layer.build(X.shape)
    return fill(layer)


def blocks(kernel, *order):
    """Returns the blocks of `UNITS` columns in another order."""
    parts = np.split(kernel, kernel.shape[-1] // UNITS, axis=-1)
    return np.concatenate([parts[i] for i in order], axis=-1)


def test_peephole_equals_tensorflows():
    layer = walk_of(
        layers.PeepholeLSTMCell(UNITS), return_sequences=True, return_state=True
    )
    kernel, recurrent, bias, peephole = arrays(layer.weights)
    ours = layer(LONG, initial_state=[H, C])
    theirs = tf.raw_ops.BlockLSTMV2(
        seq_len_max=STEPS,
        x=LONG.transpose(1, 0, 2),
        cs_prev=C,
        h_prev=H,
        w=np.concatenate([kernel, recurrent]),
        wci=peephole[0],
        wcf=peephole[1],
        wco=peephole[2],
        b=bias,
        use_peephole=True,
    )
    h = theirs.h.numpy().transpose(1, 0, 2)
    assert np.abs(arrays(ours[0])[0] - h).max() < 2e-6
    assert np.abs(arrays(ours[2])[0] - theirs.cs.numpy()[-1]).max() < 2e-6


def test_gru_equals_tensorflows():
    cell = layers.GRUCell(UNITS, reset_after=False)
    layer = walk_of(cell, return_sequences=True)
    kernel, recurrent, bias = arrays(layer.weights)
    both = np.concatenate([kernel, recurrent])
    ours = arrays(layer(LONG, initial_state=H))[0]
    h = H
    for t in range(STEPS):
        h = tf.raw_ops.GRUBlockCell(
            x=LONG[:, t],
            h_prev=h,
            w_ru=blocks(both, 1, 0),
            w_c=blocks(both, 2),
            b_ru=blocks(bias, 1, 0),
            b_c=blocks(bias, 2),
        ).h
        assert np.abs(ours[:, t] - h.numpy()).max() < 2e-6


def test_without_its_addition_a_variant_is_an_lstm():
    lstm = walk_of(layers.LSTMCell(UNITS))
    weights = arrays(lstm.weights)
    expected = lstm(X)
    peephole = walk_of(layers.PeepholeLSTMCell(UNITS))
    peephole.set_weights([*weights, np.zeros((3, UNITS))])
    close(peephole(X), expected)
    projection = walk_of(layers.ProjectionLSTMCell(UNITS, UNITS))
    projection.set_weights([*weights, np.eye(UNITS)])
    close(projection(X), expected)
    coupled = walk_of(layers.CoupledLSTMCell(UNITS))
    coupled.set_weights([blocks(w, 0, 2, 3) for w in weights])
    mirrored = []  # 1 - sigmoid(a) is sigmoid(-a)
    for weight in weights:
        i, _, g, o = np.split(weight, 4, axis=-1)
        mirrored.append(np.concatenate([i, -i, g, o], axis=-1))
    lstm.set_weights(mirrored)
    close(coupled(X), lstm(X))


@pytest.mark.parametrize(
    ("make", "block", "sign"),
    [
        (layers.LSTMCell, 1, 1),
        (layers.PeepholeLSTMCell, 1, 1),
        (layers.LayerNormLSTMCell, 1, 1),
        (lambda units, **k: layers.ProjectionLSTMCell(units, 3, **k), 1, 1),
        (layers.CoupledLSTMCell, 0, -1),
    ],
)
def test_forget_bias_is_a_number(make, block, sign):
    for value, expected in ((True, 1), (2.5, 2.5), (0.0, 0), (False, 7)):
        cell = make(
            UNITS,
            unit_forget_bias=value,
            bias_initializer=keras.initializers.Constant(7),
        )
        cell.build((None, FEATURES))
        bias = arrays(cell.bias)[0].reshape(-1, UNITS)
        sign = 1 if value is False else sign
        np.testing.assert_array_equal(bias[block], sign * expected)
        np.testing.assert_array_equal(np.delete(bias, block, axis=0), 7)
        assert cell.get_config()["unit_forget_bias"] is value


@pytest.mark.parametrize(
    "cell", [layers.LayerNormLSTMCell, layers.LayerNormGRUCell]
)
def test_layer_norm_forgets_scale(cell):
    layer = walk_of(cell(UNITS, epsilon=0.0), return_sequences=True)
    expected = layer(X)
    kernel, recurrent, *rest = arrays(layer.weights)
    layer.set_weights([7 * kernel, 3 * recurrent, *rest])
    close(layer(X), expected)
    layer.set_weights([kernel + 1, recurrent + 2, *rest])  # the same for all
    close(layer(X), expected, 1e-4)


def test_recurrent_highway_of_depth_one():
    layer = walk_of(layers.RecurrentHighwayCell(UNITS, depth=1))
    kernel, recurrent, bias = arrays(layer.weights)
    a = X[:, 0] @ kernel + H @ recurrent + bias[0]
    g, u = np.tanh(a[:, :UNITS]), sigmoid(a[:, UNITS:])
    close(layer(X[:, :1], initial_state=H), u * g + (1 - u) * H)
    new = layers.RecurrentHighwayCell(UNITS, 3, transform_bias=-4.0)
    new.build((None, FEATURES))
    bias = arrays(new.bias)[0]
    assert bias.shape == (3, 2 * UNITS)
    np.testing.assert_array_equal(bias[:, UNITS:], -4)
    np.testing.assert_array_equal(bias[:, :UNITS], 0)


def test_highway_is_open_or_shut():
    """Shut, it is not there; open, nothing else is."""
    inner = layers.LSTMCell(FEATURES)
    shut = layers.Highway(inner, transform_bias=50.0)
    close(layers.RNN(shut)(X), layers.RNN(inner)(X))
    opened = layers.Highway(inner, transform_bias=-50.0)
    close(layers.RNN(opened, return_sequences=True)(X), X)
    assert len(opened.weights) == len(inner.weights) + 2


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("time", [1, 2, TIME, 16])
def test_scan_equals_the_loop(time, mask):
    x = numbers(BATCH, time, FEATURES)
    mask = None if mask is None else np.tile(mask, (1, 3))[:, :time]
    results = []
    for unroll in (False, True):
        layer = walk_of(
            layers.MinGRUCell(UNITS, activation="tanh"),
            unroll=unroll,
            go_backwards=True,
            return_sequences=True,
            return_state=True,
        )
        results.append(gradients(layer, x, initial_state=[H], mask=mask))
    close(*results, 1e-6)


def test_scan_needs_a_known_time():
    layer = walk_of(layers.MinGRUCell(UNITS), return_sequences=True)
    unknown = tf.function(layer).get_concrete_function(
        tf.TensorSpec((None, None, FEATURES))
    )
    close(unknown(tf.constant(X)), layer(X), 1e-6)
    types = {op.type for op in unknown.graph.get_operations()}
    assert any("While" in name for name in types)


@pytest.mark.parametrize("wrap", [layers.RNN, keras.layers.RNN])
def test_a_learned_state_is_learned(wrap):
    layer = wrap(layers.LearnedState(layers.GRUCell(UNITS)))
    model = keras.Sequential([keras.Input((TIME, FEATURES)), layer])
    rows = [w for w in layer.weights if w.name == "state_0"]
    np.testing.assert_array_equal(arrays(rows)[0], 0)
    model.compile("sgd", "mse")
    model.fit(X, numbers(BATCH, UNITS), verbose=0)
    assert np.all(arrays(rows)[0] != 0)
    row = np.tile(arrays(rows)[0], (BATCH, 1))
    close(layer(X), layer(X, initial_state=[row]))


def test_a_learned_state_through_other_wrappers():
    inner = layers.LearnedState(layers.LSTMCell(UNITS), initializer="ones")
    cell = layers.Zoneout(layers.Highway(inner), hidden=0.5)
    close(cell.get_initial_state(2), [np.ones((2, UNITS))] * 2)
    cell.build((None, FEATURES))
    assert len({id(w) for w in cell.weights}) == len(cell.weights) == 8
