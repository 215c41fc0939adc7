"""How a cell is walked: tests that run over every cell."""

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
    built,
    close,
    every_cell,
    every_cell_in_time,
    fill,
    numbers,
)

from seqapps import layers

pytestmark = pytest.mark.usefixtures("one_share")


@every_cell
def test_stateful_goes_on_where_it_ended(case):
    whole = built(case, return_sequences=True)
    parts = built(case, return_sequences=True, stateful=True)
    parts.reset_state()  # it was built before it was filled
    outputs = [parts(X[:, :3]), parts(X[:, 3:])]
    close(keras.ops.concatenate(outputs, axis=1), whole(X))
    parts.reset_state()
    close(parts(X), whole(X))
    with pytest.raises(ValueError, match="batch size 3, and called with"):
        parts(X[:2])


@every_cell
def test_state_goes_in_and_out(case):
    whole = built(case)
    layer = built(case, return_state=True)
    _, *states = layer(X[:, :3])
    close(layer(X[:, 3:], initial_state=states)[0], whole(X))


@every_cell
def test_bidirectional(case):
    forward = built(case, return_sequences=True)
    both = keras.layers.Bidirectional(forward)
    both.build(X.shape)
    weights = arrays(forward.weights)
    both.forward_layer.set_weights(weights)
    both.backward_layer.set_weights(weights)
    outputs = arrays(both(X, mask=MASK))[0]
    for flip, half in ((1, outputs[..., :UNITS]), (-1, outputs[..., UNITS:])):
        expected = forward(X[:, ::flip], mask=MASK[:, ::flip])
        expected = arrays(expected)[0][:, ::flip] * MASK[..., None]
        close(half, expected)


@every_cell
def test_bidirectional_stateful_with_mask(case):
    layer = case.make(stateful=True, return_state=True, return_sequences=True)
    both = layers.Bidirectional(layer)
    ids = keras.Input(batch_shape=(BATCH, TIME), dtype="int32")
    embed = keras.layers.Embedding(TIME + 1, FEATURES, mask_zero=True)
    y, *states = both(embed(ids))
    model = keras.Model(ids, [y, *states])
    data = MASK * np.arange(1, TIME + 1)
    first, second = model(data), model(data)
    assert not np.any(arrays(first[0])[0][~MASK])
    assert np.any(arrays(first[0])[0] - arrays(second[0])[0])
    copy = layers.Bidirectional.from_config(both.get_config())
    assert copy.get_config() == both.get_config()


@every_cell
def test_stacked(case):
    cells = [case.make_cell(3), case.make_cell(4)]
    one = layers.RNN(cells, return_sequences=True)
    one.build(X.shape)
    fill(one)
    lower = layers.RNN(cells[0], return_sequences=True)
    upper = layers.RNN(cells[1], return_sequences=True)
    close(one(X), upper(lower(X)))
    close(keras.layers.RNN(cells, return_sequences=True)(X), one(X))
    with_mask = keras.layers.RNN(cells)(X, mask=MASK | True)
    close(with_mask, arrays(one(X))[0][:, -1])


@every_cell
def test_unknown_sizes(case):
    layer = built(case, return_sequences=True)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None, FEATURES)),
            tf.TensorSpec((None, None), tf.bool),
        ]
    )
    def run(x, mask):
        return layer(x), layer(x, mask=mask)

    close(run(X, MASK), [layer(X), layer(X, mask=MASK)])
    close(run(X[:2, :4], MASK[:2, :4])[0], layer(X[:2, :4]))
    symbolic = layer(keras.Input((None, FEATURES)))
    assert symbolic.shape == (None, None, UNITS)


@every_cell
def test_unrolled_has_no_loop(case):
    spec = tf.TensorSpec((BATCH, TIME, FEATURES))
    loops = [
        "While" in {op.type.removeprefix("Stateless") for op in graph}
        for graph in (
            tf.function(built(case, unroll=unroll, walk=walk))
            .get_concrete_function(spec)
            .graph.get_operations()
            for unroll, walk in ((True, "auto"), (False, "loop"))
        )
    ]
    assert loops == [False, True]
    unrolled = tf.function(built(case, unroll=True))
    with pytest.raises(ValueError, match="known number of steps"):
        unrolled.get_concrete_function(tf.TensorSpec((3, None, FEATURES)))


@every_cell_in_time
@pytest.mark.parametrize(
    "jit", [False, pytest.param(True, marks=pytest.mark.slow)]
)
def test_fit_lowers_the_loss(case, jit):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((TIME, FEATURES)),
            keras.layers.Masking(),
            case.make(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.03), "mse", jit_compile=jit)
    target = numbers(BATCH, 1, seed=7)
    history = model.fit(X, target, epochs=8, verbose=0).history["loss"]
    assert history[-1] < 0.7 * history[0]
