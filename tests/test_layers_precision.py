"""States are kept in float32 whatever the policy."""

import keras
import numpy as np
import pytest
from cells import (
    BATCH,
    CASES,
    FEATURES,
    MASK,
    TIME,
    UNITS,
    X,
    arrays,
    built,
    close,
    every_cell,
    numbers,
    sigmoid,
)

from seqapps import layers

pytestmark = pytest.mark.usefixtures("one_share")


@every_cell
@pytest.mark.parametrize(
    "policy", ["mixed_float16", "mixed_bfloat16", "float16", "float64"]
)
def test_states_are_never_below_float32(case, policy):
    layer = built(case, dtype=policy, return_state=True)
    outputs, *states = layer(X, mask=MASK)
    narrow = keras.DTypePolicy(policy).compute_dtype
    wide = "float64" if policy == "float64" else "float32"
    assert outputs.dtype == narrow
    assert {state.dtype.name for state in states} == {wide}
    symbolic = layer(keras.Input((None, FEATURES)))
    assert [s.dtype for s in symbolic] == [narrow, *[wide] * len(states)]
    exact = built(case, return_state=True)
    exact.set_weights(arrays(layer.weights))
    tolerance = 0.05 if "bfloat16" in policy else 5e-3
    close([outputs, *states], exact(X, mask=MASK), tolerance)
    # a step at a time, the states handed on, is the same walk
    outputs, *states = layer(X)
    again = None
    for t in range(TIME):
        y, *again = layer(X[:, t : t + 1], initial_state=again)
    close([y, *again], [outputs, *states], tolerance)
    # so is the cell alone
    again = layer.cell.get_initial_state(BATCH)
    for t in range(TIME):
        y, again = layer.cell(X[:, t], again)
    close([y, *again], [outputs, *states], tolerance)
    assert y.dtype == outputs.dtype


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, marks=[] if c.name == "lstm" else pytest.mark.slow)
        for c in CASES
    ],
    ids=lambda case: case.name,
)
def test_half_precision_trains_in_any_loop(case):
    keras_loop = keras.layers.RNN(
        [case.make_cell(dtype="mixed_float16")], dtype="mixed_float16"
    )
    for layer in (case.make(dtype="mixed_float16"), keras_loop):
        model = keras.Sequential([keras.Input((None, FEATURES)), layer])
        model.compile("sgd", "mse")
        loss = model.fit(X, numbers(BATCH, UNITS), verbose=0).history["loss"]
        assert np.isfinite(loss).all()


@every_cell
def test_products_are_made_and_kept_in_the_compute_dtype(case, monkeypatch):
    layer = built(case, dtype="mixed_float16", unroll=True)
    cell = layer.cell
    kernel = next(w for w in layer.weights if w.name == "kernel")
    assert cell.matmul(X[:, 0], kernel).dtype == "float16"
    assert {w.dtype for w in layer.weights} == {"float32"}
    seen = []

    def advance(self, projected, *rest):
        seen.extend(p.dtype.name for p in keras.tree.flatten(projected))
        return plain(self, projected, *rest)

    plain = layers.Cell.advance
    monkeypatch.setattr(layers.Cell, "advance", advance)
    keras.config.set_dtype_policy("mixed_float16")
    try:  # a model of that policy hands its layers full weights
        keras.Sequential([keras.Input((TIME, FEATURES)), layer])(X)
    finally:
        keras.config.set_dtype_policy("float32")
    assert set(seen) == {"float16"}


@pytest.mark.parametrize("policy", ["mixed_float16", "float16"])
def test_slow_memory_does_not_stand_still(policy):
    """A GRU goes 1/4096 of its way a step: float16 could not tell."""
    layer = layers.GRU(1, dtype=policy, use_bias=False, return_state=True)
    layer.build((1, TIME, 1))
    stay = np.float16(np.log(4095))
    layer.set_weights([np.array([[stay, 0, 9]]), np.zeros((1, 3))])
    ones, half = np.ones((1, TIME, 1)), np.full((1, 1), 0.5, "float32")
    moved = 1 - 0.5 * sigmoid(stay.astype("float64")) ** TIME
    close(layer(ones, initial_state=half)[1], [[moved]], 1e-6)
    state = half
    for _ in range(TIME):
        _, state = layer(ones[:, :1], initial_state=state)
    close(state, [[moved]], 1e-6)
    state = half
    for _ in range(TIME):
        _, (state,) = layer.cell(ones[:, 0], [state])
    close(state, [[moved]], 1e-6)
    stateful = layers.GRU.from_config(layer.get_config() | {"stateful": True})
    stateful.build((1, 1, 1))
    stateful.set_weights(arrays(layer.weights))
    stateful.states[0].assign(half)
    for _ in range(TIME):
        _, state = stateful(ones[:, :1])
    close(state, [[moved]], 1e-6)
