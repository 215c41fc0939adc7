"""What every cell and layer must bear: copies, settings, files, processes."""

import copy
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from cells import CASES, FEATURES, TIME, X, arrays, built, close

from seqapps import layers

pytestmark = [
    pytest.mark.usefixtures("one_share"),
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]
QUICK = ("lstm", "zoneout_lstm")
some_cells = pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, marks=[] if c.name in QUICK else pytest.mark.slow)
        for c in CASES
    ],
    ids=lambda case: case.name,
)


def compiled(layer):
    """A model of a layer whose training step has run once."""
    model = keras.Sequential([keras.Input((TIME, FEATURES)), layer])
    model.compile("sgd", "mse")
    model.train_on_batch(X, np.zeros(layer(X).shape))
    return model


@some_cells
def test_a_copy_of_a_layer_that_has_walked_is_its_own(case):
    layer = built(case, walk="fast")
    before = arrays(layer(X))
    twin = copy.deepcopy(layer)
    close(twin(X), before)
    for weight in twin.weights:
        weight.assign(weight * 2)
    close(layer(X), before)
    loop = case.make(walk="loop")
    loop.build(X.shape)
    loop.set_weights(twin.get_weights())
    close(twin(X), loop(X))


SETTINGS = {
    "activation": (layers.LSTMCell, "activation", keras.ops.relu),
    "zoneout": (
        lambda n: layers.Zoneout(layers.LSTMCell(n), hidden=0.1),
        "hidden",
        0.9,
    ),
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("eager", [True, False])
def test_a_changed_setting_holds(setting, eager):
    make, name, value = SETTINGS[setting]
    layer = layers.RNN(make(4), walk="fast")
    model = compiled(layer)

    def run():
        if eager:
            return arrays(layer(X))[0]
        model.compile("sgd", "mse")
        return model.predict(X, verbose=0)

    before = run()
    setattr(layer.cell, name, value)
    after = run()
    assert np.abs(after - before).max() > 1e-3
    layer.walk = "loop"
    close(after, layer(X))


def test_a_setting_changed_within_a_trace_holds():
    found = []
    for walk in ("fast", "loop"):
        layer = layers.SimpleRNN(3, "tanh", walk=walk)
        layer.build(X.shape)
        layer.set_weights([np.full(w.shape, 0.1) for w in layer.weights])

        @tf.function(autograph=False)
        def run(x, layer=layer):
            before = layer(x)
            layer.cell.activation = keras.ops.relu
            return before, layer(x)

        found.append(arrays(run(X)))
    close(*found)


@pytest.mark.parametrize(
    "first",
    ["import seqapps", "import seqapps.layers.cells.gru", "import tensorflow"],
)
def test_a_file_loads_in_a_new_process(first, tmp_path):
    inputs = keras.Input((None, FEATURES))
    y = inputs
    for case in CASES:
        y = case.make(return_sequences=True)(y)
    for make in (
        layers.DotAttention,
        layers.GeneralAttention,
        lambda: layers.BahdanauAttention(3),
    ):
        y, _ = make()(y, y)
    y = layers.Bidirectional(layers.GRU(3))(y)
    model = keras.Model(inputs, y)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "y.npy", arrays(model(X))[0])
    np.save(tmp_path / "x.npy", X)
    code = (
        f"{first}; import seqapps, keras, numpy as np\n"
        "model = keras.saving.load_model('model.keras')\n"
        "y = model(np.load('x.npy')).numpy()\n"
        "np.testing.assert_allclose(y, np.load('y.npy'), 1e-4, 1e-5)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("batch", [None, 3])
def test_an_export_has_no_operations_of_xla(batch, tmp_path):
    layer = layers.LSTM(4)
    inputs = keras.Input(batch_shape=(batch, TIME, FEATURES))
    model = keras.Model(inputs, layer(inputs))
    model.export(tmp_path / "saved", verbose=False)
    graph = tf.saved_model.load(tmp_path / "saved")
    close(graph.serve(X), model(X))
    definition = graph.signatures["serving_default"].graph.as_graph_def()
    names = {n.op for f in definition.library.function for n in f.node_def}
    assert not [name for name in names if name.startswith("Xla")]


def test_a_module_with_a_train_step_is_saved(tmp_path):
    class Trainer(tf.Module):
        def __init__(self):
            self.layer = layers.LSTM(4)
            self.layer.build(X.shape)
            self.variables_ = [w.value for w in self.layer.weights]

        @tf.function(input_signature=[tf.TensorSpec(X.shape)])
        def step(self, x):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(self.layer(x, training=True))
            return tape.gradient(loss, self.variables_)

    trainer = Trainer()
    tf.saved_model.save(trainer, tmp_path)
    again = tf.saved_model.load(tmp_path)
    close(again.step(X), trainer.step(X))


@pytest.mark.parametrize("kind", ["dot", "general", "additive"])
def test_attention_computes_in_float64(kind):
    make = {
        "dot": layers.DotAttention,
        "general": layers.GeneralAttention,
        "additive": lambda **kwargs: layers.BahdanauAttention(3, **kwargs),
    }[kind]
    attention = make(dtype="float64")
    _, a = attention(X.astype("float64"), X.astype("float64"))
    total = arrays(keras.ops.sum(a, -1))[0]
    assert total.dtype == "float64"
    np.testing.assert_allclose(total, 1, rtol=1e-14)


def test_stacked_cells_are_stateful():
    cells = [layers.LSTMCell(4), layers.GRUCell(3)]
    layer = layers.RNN(cells, stateful=True)
    first = arrays(layer(X))[0]
    second = arrays(layer(X))[0]
    plain = layers.RNN(cells)
    close(plain(np.concatenate([X, X], axis=1)), second)
    layer.reset_state()
    close(layer(X), first)


@some_cells
def test_no_rows_are_no_error(case):
    assert case.make()(X[:0]).shape[0] == 0
