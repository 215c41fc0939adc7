"""Each thing that is used of Keras and TensorFlow beside their public API.

Where one fails after an upgrade, `seqapps/private.py` is the file to mend.
"""

import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapps import private, tracing

ROOT = Path(__file__).parents[1]
KERAS = tuple(map(int, keras.__version__.split(".")[:2]))
X = np.ones((2, 3, 5), "float32")


def test_nothing_is_imported_before_it_is_used():
    code = (
        "import sys, seqapps.private; "
        "assert not {'keras', 'tensorflow'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_no_other_file_imports_what_is_private():
    hidden = re.compile(
        r"^\s*(from|import) (keras\.src|tensorflow\.(python|compiler))", re.M
    )
    folders = ("seqapps", "tests", "benchmarks", "examples")
    files = [path for f in folders for path in (ROOT / f).rglob("*.py")]
    assert len(files) > 200
    found = [p for p in files if hidden.search(p.read_text("utf-8"))]
    assert found == [ROOT / "seqapps" / "private.py"]


def test_an_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = private.Nothing


def test_keras_draws_noise_for_dropout_cells_and_no_others():
    """`DropoutRNNCell` and `call_is_training`, as `cells.Cell` uses them."""
    seen = []

    class Plain(keras.layers.Layer):
        state_size = output_size = 5

        def call(self, inputs, states, training=False):
            return inputs, states

        def get_dropout_mask(self, step_input):
            seen.append((step_input.shape, private.call_is_training()))

        def get_recurrent_dropout_mask(self, step_input):
            seen.append("recurrent")

        def reset_dropout_mask(self):
            seen.append("reset")

        def reset_recurrent_dropout_mask(self):
            pass

    class Drops(Plain, private.DropoutRNNCell):
        pass

    keras.layers.RNN(Plain())(X)
    assert not seen
    for training in (True, False):
        seen.clear()
        keras.layers.RNN(Drops())(X, training=training)
        assert seen == [((2, 5), training), "recurrent", "reset"]
    assert not private.call_is_training()


def test_layers_inside():
    inner = keras.Sequential([keras.layers.Dense(2)])
    model = keras.Sequential([keras.Input((5,)), inner])
    assert model in (layers := private.layers_inside(model))
    assert {type(layer).__name__ for layer in layers} >= {"Sequential", "Dense"}
    assert inner.layers[0] in layers


def test_functional_models():
    x = keras.Input((5,))
    assert isinstance(keras.Model(x, x + 1), private.Functional)

    class Own(keras.Model):
        pass

    assert not isinstance(Own(), private.Functional)


@pytest.mark.parametrize("backwards", [False, True])
def test_keras_rnn(backwards):
    last, outputs, states = private.keras_rnn(
        lambda inputs, states: (inputs[0] + states[0], [states[0] + 1]),
        (tf.constant(X),),
        [tf.zeros((2, 5))],
        go_backwards=backwards,
        unroll=False,
        input_length=[3],
        return_all_outputs=True,
    )
    np.testing.assert_array_equal(outputs[0, :, 0], [1, 2, 3])
    np.testing.assert_array_equal(last, outputs[:, -1])
    np.testing.assert_array_equal(states[0], 3 * tf.ones((2, 5)))


@pytest.mark.parametrize("name, gates, states", [("lstm", 4, 2), ("gru", 3, 1)])
def test_keras_cudnn_refuses_without_a_gpu(name, gates, states):
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU")
    bias = (4 * gates,) if name == "lstm" else (2, 4 * gates)
    with pytest.raises(NotImplementedError):
        private.keras_cudnn(
            name,
            tf.constant(X),
            *[tf.zeros((2, 4))] * states,
            None,
            kernel=tf.zeros((5, 4 * gates)),
            recurrent_kernel=tf.zeros((4, 4 * gates)),
            bias=tf.zeros(bias),
            activation=keras.activations.tanh,
            recurrent_activation=keras.activations.sigmoid,
            return_sequences=True,
        )


def test_keras_asks_whether_directions_can_be_fused():
    asked = []

    class Both(private.FusedDirections, keras.layers.Bidirectional):
        def can_fuse(self, function, states, mask, initial_state):
            asked.append((function, states))
            return False

    Both(keras.layers.LSTM(4))(X)
    assert asked == ([("lstm", 4), ("gru", 2)] if KERAS >= (3, 15) else [])
    for name in ("_call_fused_lstm", "_call_fused_gru") * (KERAS >= (3, 15)):
        assert callable(getattr(keras.layers.Bidirectional, name))


def test_keras_mask():
    masked = keras.layers.Masking()(X * np.array([0, 1, 1])[:, np.newaxis])
    np.testing.assert_array_equal(private.keras_mask(masked)[0], [0, 1, 1])
    assert private.keras_mask(tf.zeros(())) is None


def compiled(**arguments):
    x = keras.Input((5,))
    model = keras.Model(x, [keras.layers.Dense(1)(x), keras.layers.Dense(1)(x)])
    model.compile("sgd", **arguments)
    return model


def test_compiled_losses():
    arguments = {"loss": ["mse", "mae"], "loss_weights": [1, 2]}
    loss = private.compiled_loss(compiled(**arguments))
    assert isinstance(loss, private.CompileLoss)
    arguments["output_names"] = loss.output_names
    assert private.arguments_of_loss(loss) == arguments
    assert private.compiled_loss(compiled()) is None
    copy = private.CompileLoss(**arguments)
    ones, zeros = [tf.ones((2, 1))] * 2, [tf.zeros((2, 1))] * 2
    copy.build(ones, zeros)
    wrapped = []

    class Twice(keras.losses.Loss):
        def __init__(self, loss):
            super().__init__()
            wrapped.append(loss)
            self.loss = loss

        def call(self, y_true, y_pred):
            return 2 * self.loss.call(y_true, y_pred)

    class Mean(keras.metrics.Mean):
        pass

    private.wrap_losses(copy, Twice, Mean)
    assert len(wrapped) == 2
    assert [type(metric) for metric in copy.metrics] == [Mean, Mean]
    np.testing.assert_allclose(copy(ones, zeros), 2 * (1 + 2 * 1))
    model = compiled(**{"loss": ["mse", "mae"]})
    private.set_compiled_loss(model, copy)
    assert private.compiled_loss(model) is copy


def test_metric_direction():
    accuracy = keras.metrics.BinaryAccuracy()
    assert private.metric_direction(accuracy) == "up"
    assert private.metric_direction(keras.metrics.MeanSquaredError()) == "down"
    assert private.metric_direction(object()) is None


def test_gradients_that_are_summed_are_not_summed_again(monkeypatch):
    def summed_again(*_):
        raise AssertionError

    sgd = keras.optimizers.SGD
    monkeypatch.setattr(sgd, "_all_reduce_sum_gradients", summed_again)
    for optimizer in (
        sgd(1.0),
        keras.optimizers.LossScaleOptimizer(sgd(1.0), initial_scale=2.0),
    ):
        variable = keras.Variable([3.0])
        pairs = [(optimizer.scale_loss(tf.constant([1.0])), variable)]
        optimizer.build([variable])
        with pytest.raises(AssertionError):
            optimizer.apply_gradients(pairs)
        private.take_summed(optimizer)
        optimizer.apply_gradients(pairs)
        assert variable.numpy() == 2.0


def test_weights_in_memory_are_those_of_a_file(tmp_path):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)])
    model.compile("adam", "mse")
    (tmp_path / "a.weights.h5").write_bytes(private.weights_as_h5(model))
    before = model.get_weights()
    model.set_weights([weight + 1 for weight in before])
    model.load_weights(tmp_path / "a.weights.h5")
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_rows_of_stacks():
    @tf.function(jit_compile=True, autograph=False)
    def run(stack):
        row = private.xla_slice(stack, [0, 1], [2, 1])
        return row, private.xla_update(stack, -row, [0, 2])

    row, stack = run(tf.constant([[1, 2, 3], [4, 5, 6]]))
    np.testing.assert_array_equal(row, [[2], [5]])
    np.testing.assert_array_equal(stack, [[1, 2, -2], [4, 5, -5]])


def test_autograph_of():
    for autograph in (True, False):
        function = tf.function(lambda: 0, autograph=autograph)
        assert private.autograph_of(function) is autograph


def test_op_definition():
    assert not private.op_definition("MatMul").is_stateful
    assert private.op_definition("WriteFile").is_stateful
    assert private.op_definition("NoSuchOperation") is None


class Watch(keras.layers.Layer):
    """Notes what `tracing` says while it is traced."""

    def __init__(self):
        super().__init__()
        self.step = self.xla = self.body = self.exporting = None

    def call(self, x):
        self.step = tracing.keras_step()
        self.xla = tracing.for_xla()
        self.body = tracing.loop_body()
        self.exporting = tracing.exporting()
        return x


@pytest.mark.parametrize("jit", [True, False])
def test_what_keras_traces(jit, tmp_path):
    watch = Watch()
    model = keras.Sequential([watch])
    model.compile("sgd", "mse", jit_compile=jit)
    for run in (
        lambda: model.predict(X, verbose=0),
        lambda: model.evaluate(X, X, verbose=0),
    ):
        run()
        assert (watch.step, watch.xla, watch.body) == (True, jit, False)
        assert not watch.exporting
    model(X)
    assert not watch.step and not watch.xla
    model.export(tmp_path / "keras", verbose=False)
    assert watch.exporting and not watch.step
    watch.exporting = None
    tf.saved_model.save(model, str(tmp_path / "tensorflow"))
    assert watch.exporting
    model(X)
    assert not watch.exporting


def test_what_tensorflow_traces():
    watch = Watch()
    tf.function(watch, autograph=False)(X)
    assert (watch.step, watch.xla, watch.body) == (False, False, False)
    tf.function(watch, autograph=False, jit_compile=True)(X)
    assert watch.xla

    @tf.function(autograph=False)
    def loop(x):
        return tf.while_loop(lambda _: True, watch, [x], maximum_iterations=1)

    loop(X)
    assert watch.body
