"""What a cell computes: tests that run over every cell."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from cells import (
    BATCH,
    FEATURES,
    MASK,
    TIME,
    X,
    arrays,
    built,
    close,
    every_cell,
    fill,
    gradients,
    states_of,
    walk,
)

from seqapps import layers


class OddCell(layers.Cell):
    """A cell of which nothing has the size of anything else."""

    state_size = [2, 6]
    output_size = 4

    def build(self, input_shape):
        features = input_shape[-1]
        self.kernel = self.add_weight((features, 2), name="kernel")
        self.wide = self.add_weight((features, 6), name="wide")
        self.recurrent_kernel = self.add_weight((6, 2), name="recurrent")
        self.peephole = self.add_weight((6,), "ones", name="peephole")
        self.projection = self.add_weight((2, 4), name="projection")

    def draw(self, inputs, training=False):
        return None

    def project(self, inputs, noise, matmul=keras.ops.matmul):
        return matmul(inputs, self.kernel), matmul(inputs, self.wide)

    def step(self, projected, states, noise, matmul=keras.ops.matmul):
        p, q = projected  # (batch, 2), (batch, 6)
        h, c = states  # (batch, 2), (batch, 6)
        c = 0.5 * c + keras.ops.multiply(q, self.peephole)  # (batch, 6)
        h = keras.ops.tanh(p + h + matmul(c, self.recurrent_kernel))
        return matmul(h, self.projection), [h, c]  # (batch, 4)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
def test_any_cell_will_do(mask, policy):
    """A tuple projected, three sizes, a weight beside the products."""
    cell = OddCell(dtype=policy)
    everything = {"return_sequences": True, "return_state": True}
    ours = layers.RNN(cell, dtype=policy, **everything)
    theirs = keras.layers.RNN(cell, dtype=policy, **everything)
    ours.build(X.shape)
    fill(ours)
    outputs, grads = gradients(ours, X, mask=mask)
    expected, expected_grads = gradients(theirs, X, mask=mask)
    assert [y.shape[-1] for y in outputs] == [4, 2, 6]
    tolerance = 1e-5 if policy == "float32" else 2e-2
    close(outputs, expected, tolerance)
    close(grads, expected_grads, tolerance)
    unknown = ours(keras.Input((None, FEATURES)), mask=keras.Input((None,)))
    assert unknown[0].shape == (None, None, 4)
    model = keras.Sequential([keras.Input((None, FEATURES)), ours])
    close(model(X)[0], ours(X)[0])
    run = tf.function(ours).get_concrete_function(
        tf.TensorSpec((None, None, FEATURES))
    )
    close(run(tf.constant(X)), ours(X), tolerance)


@every_cell
@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("backwards", [False, True])
def test_equals_numpy(case, unroll, mask, backwards):
    layer = built(
        case,
        unroll=unroll,
        go_backwards=backwards,
        return_sequences=True,
        return_state=True,
    )
    states = states_of(layer)
    ours = layer(X, initial_state=states, mask=mask)
    weights = arrays(layer.weights)
    outputs, last = walk(case, weights, X, states, mask, backwards)
    close(ours, [outputs, *last])


@every_cell
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
def test_walks_as_in_keras(case, mask):
    """Projecting all steps at once equals calling the cell at every step."""
    ours = built(case, return_sequences=True, return_state=True)
    theirs = keras.layers.RNN(
        ours.cell, return_sequences=True, return_state=True
    )
    call = {"mask": mask}
    if not case.learns_states:
        call["initial_state"] = states_of(ours)
    outputs, grads = gradients(ours, X, **call)
    expected, expected_grads = gradients(theirs, X, **call)
    close(outputs, expected)
    close(grads, expected_grads)
    assert all(np.any(grad) for grad in grads)


@every_cell
def test_project_takes_any_axes(case):
    cell = case.make_cell()
    cell.build((None, FEATURES))
    fill(cell)
    noise = cell.draw(X[0])
    at_once = cell.project(X[None], noise)
    one = cell.project(X[1, 2:3], noise)
    for a, b in zip(arrays(at_once), arrays(one), strict=True):
        close(a[0, 1, 2:3], b)


@every_cell
def test_step_takes_its_matmul(case):
    """All recurrent products go through the matmul that is given."""
    cell = case.make_cell()
    cell.build((None, FEATURES))
    fill(cell)
    noise = cell.draw(X[:, 0])
    projected = cell.project(X[:, 0], noise)
    states = states_of(cell)
    seen = []

    def matmul(x, kernel):
        seen.append(kernel.shape)
        return keras.ops.matmul(x, kernel)

    close(
        cell.step(projected, states, noise, matmul=matmul),
        cell.step(projected, states, noise),
    )
    width = sum(shape[-1] for shape in seen)
    recurrent = ("recurrent_kernel", "projection_kernel")
    kernels = [w for w in cell.weights if w.name in recurrent]
    assert width == sum(kernel.shape[-1] for kernel in kernels)


@every_cell
@pytest.mark.parametrize("sequences", [False, True])
def test_padded_batch_equals_rows_alone(case, sequences):
    layer = built(case, return_sequences=sequences, return_state=True)
    outputs, *states = arrays(layer(X, mask=MASK))
    for row in range(BATCH):
        steps = MASK[row]
        if not steps.any():
            assert not np.any(outputs[row])
            first = layer.get_initial_state(1)
            close([state[row] for state in states], [s[0] for s in first])
            continue
        alone, *states_alone = arrays(layer(X[row : row + 1, steps]))
        close(outputs[row, steps] if sequences else outputs[row], alone[0])
        close([s[row] for s in states], [s[0] for s in states_alone])


@every_cell
def test_zero_output_for_mask(case):
    zero = built(case, return_sequences=True, zero_output_for_mask=True)
    held = built(case, return_sequences=True)
    outputs = arrays(zero(X, mask=MASK))[0]
    assert not np.any(outputs[~MASK])
    close(outputs[MASK], arrays(held(X, mask=MASK))[0][MASK])
    # without return_sequences it has no say
    last = built(case, zero_output_for_mask=True)
    close(last(X, mask=MASK), arrays(held(X, mask=MASK))[0][:, -1])


@every_cell
def test_mask_of_inputs_reaches_a_layer_with_initial_state(case):
    ids = keras.ops.cast(MASK, "int32") * np.arange(1, TIME + 1)
    embedded = keras.layers.Embedding(TIME + 1, FEATURES, mask_zero=True)(ids)
    layer = built(case)
    states = states_of(layer)
    close(
        layer(embedded, initial_state=states),
        layer(arrays(embedded)[0], initial_state=states, mask=MASK),
    )
    assert np.any(
        arrays(layer(embedded, initial_state=states))[0]
        - arrays(layer(arrays(embedded)[0], initial_state=states))[0]
    )
