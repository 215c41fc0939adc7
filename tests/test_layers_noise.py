"""Zoneout and DropConnect: what is drawn, when, and how often."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from cells import BATCH, FEATURES, TIME, UNITS, X, arrays, close, fill, numbers

from seqapps import layers

pytestmark = pytest.mark.usefixtures("one_share")


def zoneout(hidden=0.25, cell=0.5, inner=layers.LSTMCell, **arguments):
    return layers.Zoneout(
        inner(UNITS, seed=7), hidden=hidden, cell=cell, seed=11, **arguments
    )


def drop_connect(inner=layers.LSTMCell, rate=0.25):
    return layers.DropConnect(inner(UNITS), rate, seed=11)


def walk_of(cell, wrap=layers.RNN, **arguments):
    layer = wrap(cell, return_sequences=True, **arguments)
    layer.build(X.shape)
    return fill(layer)


def seeds(layer):
    return arrays(layer.non_trainable_variables)


def states_by_step(cell, x):
    """Returns all states (states, time, batch, units), and what was drawn."""
    noise = cell.draw(x, training=True)
    projected = cell.project(x, noise)
    states = [keras.ops.ones((len(x), UNITS))] * len(cell.state_size)
    path = [states]
    for t in range(x.shape[1]):
        now = keras.tree.map_structure(lambda p, t=t: p[:, t], projected)
        _, states = cell.step(now, states, noise)
        path.append(states)
    return np.array(
        [[arrays(s)[0] for s in p] for p in zip(*path, strict=True)]
    ), noise


def test_rates_and_freshness():
    """Each state stays at its own rate, anew in every step, row and unit."""
    x = numbers(200, 50, FEATURES)
    cell = zoneout(0.25, 0.5)
    cell.build((None, FEATURES))
    fill(cell)
    path, noise = states_by_step(cell, x)
    stayed = path[:, 1:] == path[:, :-1]  # (2, time, batch, units)
    for masks, drawn, rate in zip(
        stayed, noise.masks, (0.25, 0.5), strict=True
    ):
        np.testing.assert_array_equal(
            masks.transpose(1, 0, 2), arrays(drawn)[0] == 1
        )
        assert abs(masks.mean() - rate) < 0.01  # 40,000 draws
        for axis in range(3):  # none repeats the one before it
            first = np.delete(masks, -1, axis)
            second = np.delete(masks, 0, axis)
            assert abs((first & second).mean() - rate**2) < 0.01
    both = (stayed[0] & stayed[1]).mean()
    assert abs(both - 0.25 * 0.5) < 0.01


def test_inference_is_the_expectation():
    """The mean of many draws of one step is what inference gives."""
    many = np.tile(X[:1, :1], (20000, 1, 1))
    layer = walk_of(zoneout(), return_state=True)
    states = [np.tile(numbers(1, UNITS, seed=i), (20000, 1)) for i in (1, 2)]
    drawn = layer(many, initial_state=states, training=True)
    expected = layer(many[:1], initial_state=[s[:1] for s in states])
    for a, b in zip(arrays(drawn), arrays(expected), strict=True):
        np.testing.assert_allclose(a.mean(axis=0), b[0], atol=0.02)


@pytest.mark.parametrize("wrap", [layers.RNN, keras.layers.RNN])
@pytest.mark.parametrize("graph", [False, True])
def test_every_loop_draws_at_every_step(wrap, graph):
    """With all kernels 0 a state moves, or does not, by its mask alone."""
    cell = zoneout(hidden=0.5, cell=0, inner=layers.SimpleRNNCell)
    layer = wrap(cell, return_sequences=True)
    layer.build(X.shape)
    layer.set_weights(
        [np.zeros((FEATURES, UNITS)), 2 * np.eye(UNITS), np.ones(UNITS)]
    )
    run = tf.function(layer) if graph else layer
    x = np.zeros((64, 20, FEATURES), "float32")
    y = arrays(run(x, training=True))[0]
    stayed = y[:, 1:5] == y[:, :4]  # later it stands still anyhow
    assert 0.3 < stayed.mean() < 0.7
    assert not np.all(stayed == stayed[:, :1])
    assert np.any(y - arrays(run(x, training=True))[0])
    close(run(x[:3]), layer(x[:3]))


def test_what_is_constant_stays_constant_under_zoneout():
    """The inner cell's dropout is drawn once, in Keras's loop too."""
    inner = layers.SimpleRNNCell(UNITS, dropout=0.5, seed=3)
    cell = layers.Zoneout(inner, hidden=0.5, seed=4)
    cell.build((None, FEATURES))
    x = X[:, 0]
    kept = cell.draw(x, True)
    again = cell.draw(x, True, kept)
    close(again.inner.inputs, kept.inner.inputs)
    wide = np.zeros((500, FEATURES), "float32")
    kept = cell.draw(wide, True)
    again = cell.draw(wide, True, kept)
    assert np.any(arrays(again.masks)[0] != arrays(kept.masks)[0])


def test_keras_loop_on_jax_is_refused(monkeypatch):
    cell = zoneout()
    layer = walk_of(cell, keras.layers.RNN)
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(NotImplementedError, match="cannot draw at each step"):
        layer(X, training=True)
    cell.reset_dropout_mask()
    layer(X)


def test_an_output_that_is_no_state_is_left():
    """A highway's output is not h: h is zoned out, the output sees it."""
    inner = layers.Highway(layers.LSTMCell(UNITS))
    cell = layers.Zoneout(inner, hidden=0.5)
    cell.build((None, FEATURES))
    fill(cell)
    states = [numbers(BATCH, UNITS, seed=i) for i in (1, 2)]
    y, (h, c) = cell(X[:, 0], states)
    plain_y, (plain_h, plain_c) = inner(X[:, 0], states)
    close([y, c], [plain_y, plain_c])
    close(h, 0.5 * states[0] + 0.5 * plain_h)


def test_drop_connect_drops_weights():
    """The same weights in all rows and at all steps."""
    layer = walk_of(drop_connect())
    cell = layer.cell
    noise = cell.draw(X, training=True)
    (mask,) = arrays(noise.masks)
    assert mask.shape == (1, UNITS, 4 * UNITS)
    assert {0, np.float32(4 / 3)} == set(np.unique(mask))
    plain = layers.RNN(cell.inner, return_sequences=True)
    kernel, recurrent, bias = arrays(cell.inner.weights)
    layer = walk_of(drop_connect())  # draws the same again
    y = arrays(layer(X, training=True))[0]
    plain.set_weights([kernel, recurrent * mask[0], bias])
    close(y, plain(X))


def test_drop_connect_finds_every_kernel():
    for inner, shapes in (
        (layers.GRUCell(UNITS), [(UNITS, 12)]),
        (layers.GRUCell(UNITS, reset_after=False), [(UNITS, 8), (UNITS, 4)]),
        (layers.ProjectionLSTMCell(7, UNITS), [(UNITS, 28), (7, UNITS)]),
        (layers.RecurrentHighwayCell(UNITS, 3), [(UNITS, 8)] * 3),
        (layers.MinGRUCell(UNITS), []),
    ):
        cell = layers.DropConnect(inner, 0.5)
        cell.build((None, FEATURES))
        masks = cell.draw(X, training=True).masks
        assert [mask.shape[1:] for mask in masks] == shapes


def test_drop_connect_keeps_the_mean():
    cell = layers.DropConnect(layers.SimpleRNNCell(200), 0.3, seed=1)
    cell.build((None, FEATURES))
    (mask,) = arrays(cell.draw(X, training=True).masks)
    assert abs((mask == 0).mean() - 0.3) < 0.01
    assert abs(mask.mean() - 1) < 0.01


NOISY = {
    "zoneout": zoneout,
    "zoneout_gru": lambda: zoneout(cell=0, inner=layers.GRUCell),
    "drop_connect": drop_connect,
    "both": lambda: layers.Zoneout(drop_connect(), cell=0.5, seed=2),
}
every_noise = pytest.mark.parametrize("make", NOISY.values(), ids=NOISY)


@every_noise
def test_inference_draws_nothing(make):
    for wrap in (layers.RNN, keras.layers.RNN):
        layer = walk_of(make(), wrap)
        before = seeds(layer)
        close(layer(X), layer(X, training=False))
        close(seeds(layer), before)
        trained = arrays(layer(X, training=True))[0]
        assert np.any(np.not_equal(seeds(layer), before))
        assert np.any(trained - arrays(layer(X))[0])
        assert np.any(trained - arrays(layer(X, training=True))[0])


@every_noise
def test_a_seed_repeats_itself(make):
    first, again = (walk_of(make())(X, training=True) for _ in range(2))
    close(first, again)
    copy = layers.RNN.from_config(walk_of(make()).get_config())
    copy.build(X.shape)
    close(fill(copy)(X, training=True), first)


@pytest.mark.parametrize(
    "make",
    [
        zoneout,
        drop_connect,
        pytest.param(NOISY["zoneout_gru"], marks=pytest.mark.slow),
        pytest.param(NOISY["both"], marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    "jit", [False, pytest.param(True, marks=pytest.mark.slow)]
)
def test_trains(make, jit):
    for wrap in (layers.RNN, keras.layers.RNN):
        layer = wrap(make(), dtype="mixed_float16")
        model = keras.Sequential([keras.Input((TIME, FEATURES)), layer])
        model.compile("sgd", "mse", jit_compile=jit)
        loss = model.fit(X, numbers(BATCH, UNITS), verbose=0).history["loss"]
        assert np.isfinite(loss).all()
