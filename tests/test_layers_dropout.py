"""Dropout: the same units at every step, and nothing drawn for nothing."""

import keras
import numpy as np
import pytest
from cells import (
    BATCH,
    CASES,
    FEATURES,
    PEERED,
    TIME,
    UNITS,
    X,
    arrays,
    close,
    fill,
    numbers,
)

from seqapps import layers

pytestmark = pytest.mark.usefixtures("one_share")
BOTH = {"dropout": 0.5, "recurrent_dropout": 0.25, "seed": 11}

dropping = pytest.mark.parametrize(
    "case",
    [c for c in CASES if "recurrent_dropout" in c.make_cell().get_config()],
    ids=lambda case: case.name,
)


def seeds(layer):
    return arrays(layer.non_trainable_variables)


def built(case, wrap=layers.RNN, **arguments):
    layer = wrap(case.make_cell(**BOTH | arguments), return_sequences=True)
    layer.build(X.shape)
    return fill(layer)


@dropping
def test_masks_are_constant_over_the_sequence(case):
    """The walk equals one by hand that draws once."""
    layer, cell = built(case), built(case).cell
    noise = cell.draw(X[:, 0], training=True)
    assert np.any(arrays(noise.inputs)[0] == 0)
    states = cell.get_initial_state(BATCH)
    outputs = []
    for t in range(TIME):
        projected = cell.project(X[:, t], noise)
        y, states = cell.step(projected, states, noise)
        outputs.append(y)
    close(layer(X, training=True), keras.ops.stack(outputs, axis=1))
    assert np.any(arrays(layer(X, training=True))[0] - arrays(layer(X))[0])


@dropping
def test_masks_are_constant_in_keras_loops(case):
    ours = arrays(built(case)(X, training=True))[0]
    alone = built(case, wrap=keras.layers.RNN)
    close(alone(X, training=True), ours)
    # a second sequence gets other masks, and none stays behind
    assert np.any(arrays(alone(X, training=True))[0] - ours)
    close(
        alone.cell(X[:, 0], alone.cell.get_initial_state(BATCH))[0],
        arrays(built(case)(X))[0][:, 0],
    )
    close(alone(X), built(case)(X))
    # in a stack, under a cell that drops nothing
    cells = [built(case).cell, case.make_cell()]
    stack = keras.layers.RNN(cells, return_sequences=True)
    stack.build(X.shape)
    upper = layers.RNN(cells[1], return_sequences=True)
    # where rows hardly vary, layer normalization magnifies what is rounded
    close(stack(X, training=True), upper(ours), 1e-3)


@dropping
def test_inference_draws_nothing(case):
    for wrap in (layers.RNN, keras.layers.RNN):
        layer = built(case, wrap)
        before = seeds(layer)
        close(layer(X), layer(X, training=False))
        close(seeds(layer), before)
        layer(X, training=True)
        assert np.any(seeds(layer)[0] != before[0])
    plain = built(case, dropout=0, recurrent_dropout=0)
    before = seeds(plain)
    plain(X, training=True)
    close(seeds(plain), before)


@dropping
def test_what_is_dropped_is_not_seen(case):
    """Each product gets nothing where its mask has nothing."""
    cell = built(case).cell
    noise = cell.draw(X, training=True)
    seen = []

    def matmul(x, kernel):
        if kernel is not getattr(cell, "projection_kernel", None):
            seen.append(arrays(x)[0])
        return keras.ops.matmul(x, kernel)

    projected = cell.project(X, noise, matmul=matmul)
    states = [1 + zeros for zeros in cell.get_initial_state(BATCH)]
    cell.step(projected[:, 0], states, noise, matmul=matmul)
    inputs, *recurrent = seen
    gone = np.broadcast_to(arrays(noise.inputs)[0] == 0, X.shape)
    np.testing.assert_array_equal(inputs == 0, gone)
    assert recurrent
    for x in recurrent:
        np.testing.assert_array_equal(x == 0, arrays(noise.state)[0] == 0)


@dropping
def test_masks_keep_the_mean(case):
    cell = case.make_cell(**BOTH)
    cell.build((None, FEATURES))
    noise = cell.draw(np.zeros((4000, TIME, FEATURES), "float32"), True)
    inputs, state = arrays(noise.inputs)[0], arrays(noise.state)[0]
    assert inputs.shape == (4000, 1, FEATURES)
    assert state.shape == (4000, UNITS)
    assert set(np.unique(inputs)) == {0, 2}
    np.testing.assert_allclose(np.unique(state), [0, 4 / 3], 1e-6)
    assert abs(inputs.mean() - 1) < 0.05 and abs(state.mean() - 1) < 0.05


@dropping
def test_a_seed_repeats_itself(case):
    close(built(case)(X, training=True), built(case)(X, training=True))
    other = built(case, seed=12)(X, training=True)
    assert np.any(arrays(other)[0] - arrays(built(case)(X, training=True))[0])


@pytest.mark.parametrize(
    ("name", "implementation", "jit"),
    [
        ("lstm", 1, True),
        ("gru", 2, False),
        pytest.param("lstm", 2, False, marks=pytest.mark.slow),
        pytest.param("gru", 1, True, marks=pytest.mark.slow),
        pytest.param("gru_reset_before", 1, True, marks=pytest.mark.slow),
        pytest.param("gru_reset_before", 2, False, marks=pytest.mark.slow),
    ],
)
def test_trains_with_any_implementation(name, implementation, jit):
    case = next(case for case in PEERED if case.name == name)
    layer = case.layer(
        UNITS, implementation=implementation, **BOTH, **case.arguments
    )
    model = keras.Sequential([keras.Input((None, FEATURES)), layer])
    model.compile("sgd", "mse", jit_compile=jit)
    before = seeds(layer)
    loss = model.fit(X, numbers(BATCH, UNITS), verbose=0).history["loss"]
    assert np.isfinite(loss).all()
    after = seeds(layer)
    assert np.any(after[0] != before[0])
    model.predict(X, verbose=0)
    close(seeds(layer), after)
