"""Layers in another process, in other formats, with other settings."""

import copy
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapps import layers
from seqapps.layers.walks import run
from seqapps.layers.walks.bptt import compile_policy

X = np.random.default_rng(0).normal(size=(4, 7, 5)).astype("float32")
Y = X.sum((1, 2))[:, None]


def model(*recurrent, batch=None):
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [keras.Input((7, 5), batch), *recurrent, keras.layers.Dense(1)]
    )


def every_kind():
    """A layer of every class that a file may hold."""
    more = {"return_sequences": True}
    cells = [
        layers.Zoneout(layers.PeepholeLSTMCell(4), hidden=0.1),
        layers.Highway(layers.LayerNormGRUCell(4)),
        layers.LearnedState(layers.CoupledLSTMCell(4)),
        layers.DropConnect(layers.LayerNormLSTMCell(4), rate=0.1),
        layers.ProjectionLSTMCell(6, projection=4),
        layers.RecurrentHighwayCell(4),
        layers.MinGRUCell(4),
    ]
    return [
        layers.LSTM(4, **more),
        layers.Bidirectional(layers.GRU(2, **more)),
        layers.SimpleRNN(4, **more),
        *(layers.RNN(cell, **more) for cell in cells),
        layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)]),
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Every kind of layer in both formats, and what it predicts."""
    folder = tmp_path_factory.mktemp("files")
    made = model(*every_kind())
    made.save(folder / "model.keras")
    made.save(folder / "model.h5")
    np.save(folder / "predicted.npy", made.predict(X, verbose=0))
    np.save(folder / "x.npy", X)
    return folder


@pytest.mark.parametrize(
    "lines",
    [
        "import seqapps, keras",
        "import keras, seqapps",
        "import seqapps.layers, keras",
        "from seqapps import layers; import keras",
    ],
)
def test_files_load_in_another_process(files, lines):
    code = (
        f"{lines}\n"
        "import numpy as np\n"
        "for name in ('model.keras', 'model.h5'):\n"
        "    model = keras.saving.load_model(name)\n"
        "    y = model.predict(np.load('x.npy'), verbose=0)\n"
        "    print(abs(y - np.load('predicted.npy')).max() < 1e-5)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=files, capture_output=True, text=True
    )
    assert done.stdout.split() == ["True", "True"], done.stderr


def test_the_package_alone_imports_neither():
    code = (
        "import sys, seqapps\n"
        "print('keras' in sys.modules, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.stdout.split() == ["False", "False"]


def test_what_is_compiled_follows_the_settings():
    for walk in ("fast", "auto"):
        lstm = layers.LSTM(4, walk=walk)
        changed = model(lstm)
        changed.compile("sgd", "mse")
        before = changed.evaluate(X, Y, verbose=0)
        lstm.cell.activation = keras.activations.relu
        changed.compile("sgd", "mse")
        after = changed.evaluate(X, Y, verbose=0)
        right = model(layers.LSTM(4, activation="relu", walk="loop"))
        right.set_weights(changed.get_weights())
        right.compile("sgd", "mse")
        assert after == pytest.approx(right.evaluate(X, Y, verbose=0), 1e-5)
        assert after != pytest.approx(before, 1e-3)


def test_another_zoneout_rate_is_walked_too():
    cell = layers.Zoneout(layers.LSTMCell(4), hidden=0.0)
    layer = layers.RNN(cell, walk="fast")

    def run():
        return tf.function(lambda x: layer(x, training=False))(X).numpy()

    plain = run()
    cell.hidden = 0.5
    mixed = run()
    layer.walk = "loop"
    np.testing.assert_allclose(mixed, run(), atol=1e-6)
    assert np.abs(mixed - plain).max() > 1e-3


def test_a_copy_walks_with_its_own_weights():
    layer = layers.LSTM(4, walk="fast")
    tf.function(lambda x: layer(x, training=True))(X)
    clone = layers.LSTM.from_config(layer.get_config())
    clone.build(X.shape)
    for twin in (copy.deepcopy(layer), clone):
        twin.set_weights([0 * w for w in layer.get_weights()])
        walk = tf.function(twin)
        assert np.all(walk(X, training=True) == 0)


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU])
def test_a_model_converts_to_litert(kind):
    made = model(layers.Bidirectional(kind(4)), batch=4)
    tf.function(made)(X)  # it has walked fast before
    lite = tf.lite.TFLiteConverter.from_keras_model(made).convert()
    with pytest.warns(UserWarning, match="tf.lite.Interpreter is deprecated"):
        runner = tf.lite.Interpreter(model_content=lite)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], X)
    runner.invoke()
    y = runner.get_tensor(runner.get_output_details()[0]["index"])
    np.testing.assert_allclose(y, made.predict(X, verbose=0), atol=1e-6)


@pytest.mark.parametrize("walk", ["auto", "fast"])
def test_a_module_that_trains_is_saved(walk, tmp_path):
    class Trainer(tf.Module):
        def __init__(self):
            super().__init__()
            self.model = model(layers.LSTM(4, walk=walk))

        @tf.function(
            input_signature=[
                tf.TensorSpec([None, 7, 5]),
                tf.TensorSpec([None, 1]),
            ]
        )
        def step(self, x, y):
            with tf.GradientTape() as tape:
                error = self.model(x, training=True) - y
                loss = tf.reduce_mean(error**2)
            weights = [w.value for w in self.model.trainable_variables]
            for w, g in zip(weights, tape.gradient(loss, weights), strict=True):
                w.assign_sub(0.05 * g)
            return loss

    trainer = Trainer()
    trainer.step(X, Y)
    tf.saved_model.save(
        trainer,
        tmp_path,
        options=tf.saved_model.SaveOptions(experimental_custom_gradients=True),
    )
    loaded = tf.saved_model.load(tmp_path)
    for _ in range(3):
        assert float(loaded.step(X, Y)) == pytest.approx(
            float(trainer.step(X, Y)), 1e-5
        )


@pytest.mark.parametrize("jit", [False, True])
def test_many_shapes_train_as_keras_does(jit, monkeypatch):
    """Some of them by the loop, and some compiled."""
    monkeypatch.setattr(compile_policy, "_COMPILE_SECONDS", 0.005)
    calls = []
    run_fast = run.run_fast

    def counted(layer, call):
        calls.append(call)
        return run_fast(layer, call)

    monkeypatch.setattr(run, "run_fast", counted)
    losses, first = [], model(keras.layers.LSTM(4))
    for lstm in (keras.layers.LSTM(4), layers.LSTM(4)):
        made = model(lstm)
        made.set_weights(first.get_weights())
        made.compile("sgd", "mse", jit_compile=jit)
        losses.append(
            [
                made.train_on_batch(X[:size], Y[:size])
                for size in (1, 4, 3, 4, 2, 4, 4, 4, 1, 4)
            ]
        )
        losses[-1].append(made.predict(X, batch_size=3, verbose=0).sum())
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    assert calls


def test_a_shape_is_compiled_when_the_loop_has_cost_enough():
    policy = compile_policy.CompilePolicy()
    seldom = [
        [
            bool(policy.should_compile(tf.zeros([8, time, 3]), 10**6, True))
            for _ in range(9)
        ]
        for time in (50, 7)
    ]
    # 50 steps of 8 rows and a million weights: 29 ms a walk
    assert seldom == [[False] * 9, [False] * 9]
    many = [
        bool(policy.should_compile(tf.zeros([8, 50, 3]), 10**6, True))
        for _ in range(100)
    ]
    assert 50 < many.index(True) < 70 and all(many[many.index(True) :])
    assert not policy.should_compile(tf.zeros([8, 7, 3]), 10**6, True)
