"""Two devices do what one does; a loss is a mean; the best epoch is kept."""

import json

import numpy as np
import pytest

TINY = (
    "--data.collection=ryan --data.limit=61 --data.batch-size=8 "
    "--model.units=16 --model.embedding=8 --model.layers=1 "
    "--fit.decay-epochs=0 --fit.seed=3"
).split()


def state(folder):
    (path,) = (folder / "runs" / "music").glob("*/state.npz")
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays}


def same(a, b, tolerance):
    assert a.keys() == b.keys()
    for name in a.keys() - {"about"}:
        np.testing.assert_allclose(
            a[name].astype("float64"), b[name], atol=tolerance, rtol=0
        )


def train(command, folder, data_dir, *words):
    folder.mkdir(exist_ok=True)
    done = command(
        "train", *TINY, f"--data.data-dir={data_dir}", *words, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done


def test_mirrored_does_what_one_device_does(command, data_dir, tmp_path):
    words = [
        "--model.dropout=0",
        "--model.recurrent-dropout=0",
        "--fit.clip=0.1",
        "--fit.epochs=2",
        "--fit.steps-per-epoch=10",
    ]
    one, two = tmp_path / "one", tmp_path / "two"
    train(command, one, data_dir, *words)
    mirrored = ["--devices.name=mirrored", "--devices.cpus=2"]
    train(command, two, data_dir, *words, *mirrored)
    one, two = state(one), state(two)
    same(one, two, 1e-5)
    logs = [json.loads(s["about"].item())["log"] for s in (one, two)]
    np.testing.assert_allclose(
        logs[0]["val_loss"], logs[1]["val_loss"], atol=1e-5
    )


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_the_loss_is_the_mean_over_tokens(optimizer):
    import keras
    import tensorflow as tf

    from seqapps.training.train_step import SequenceModel

    inputs = keras.Input((None,), dtype="int32")
    outputs = keras.layers.Embedding(5, 7)(inputs)
    model = SequenceModel(inputs, keras.layers.Dense(5)(outputs))
    model.compile(
        getattr(keras.optimizers, optimizer)(0.0),
        keras.losses.SparseCategoricalCrossentropy(True, reduction="sum"),
    )
    x = tf.constant([[1, 2, 3], [4, 1, 0]])
    weights = tf.constant([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    loss = model.fit(x, x, sample_weight=weights, verbose=0)
    # Keras has now made the class a functional one: others must not notice
    from seqapps.tasks.music.network import LanguageModel

    tokens = x[..., None]  # the music network reads columns
    assert LanguageModel(7, units=3)(tokens).shape == (2, 3, 7)
    each = keras.losses.sparse_categorical_crossentropy(x, model(x), True)
    expected = float(tf.reduce_sum(each * weights)) / 4
    assert loss.history["loss"][0] == pytest.approx(expected, abs=1e-6)
    assert model.evaluate(
        x, x, sample_weight=weights, verbose=0
    ) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "how, expected",
    [
        ({"warmup_epochs": 0.5}, [0.0, 0.1, 0.2, 0.2, 0.2]),
        ({"decay_epochs": 2}, [0.2, 0.19246, 0.171, 0.06311, 0.002]),
        (
            {"warmup_epochs": 0.5, "decay_epochs": 2},
            [0.0, 0.1, 0.2, 0.101, 0.002],
        ),
    ],
    ids=str,
)
def test_a_fit_schedules_its_learning_rate(tmp_path, how, expected):
    import keras
    import tensorflow as tf

    from seqapps import training
    from seqapps.errors import InputError
    from seqapps.task import Data

    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    model.compile(keras.optimizers.SGD(0.2), "mse")
    rows = tf.data.Dataset.from_tensors((tf.ones((1, 3)), tf.ones((1, 2))))
    data = Data(train=rows.repeat(4), valid=rows, test=rows, codec=None)
    training.fit(model, data, tmp_path / "run", epochs=2, patience=0, **how)
    rate = model.optimizer._learning_rate
    found = [float(rate(step)) for step in (0, 1, 2, 5, 8)]  # of 8 steps
    np.testing.assert_allclose(found, expected, atol=1e-5)
    with pytest.raises(InputError, match="warmup"):
        training.fit(model, data, tmp_path, warmup_epochs=1.0, decay_epochs=0.5)


def test_build_model_takes_the_old_arguments(toy):
    from seqapps.tasks import music
    from seqapps.training.optimizer import set_optimizer
    from seqapps.training.options import FitOptions

    sizes = {"units": 3, "embedding": 3, "layers": 1}
    old = {"learning_rate": 0.5, "decay_steps": 4, "clip": 3.0}
    with pytest.warns(DeprecationWarning, match="decay_steps, clip of build"):
        model = music.build_model(toy.codec, **sizes, **old)
    assert model.optimizer.global_clipnorm == 3.0
    rate = model.optimizer._learning_rate
    np.testing.assert_allclose(
        [rate(0), rate(2), rate(4)], [0.5, 0.2525, 0.005]
    )
    with pytest.warns(DeprecationWarning, match="decay goes in 0.3"):
        options = FitOptions(epochs=2, decay=True)
    set_optimizer(model, options, 4)  # takes that schedule's place
    rate = model.optimizer._learning_rate
    np.testing.assert_allclose(
        [rate(0), rate(4), rate(8)], [0.5, 0.2525, 0.005]
    )
    model = music.build_model(toy.codec, **sizes)
    assert model.optimizer.global_clipnorm == 1.0
    assert float(model.optimizer.learning_rate) == pytest.approx(0.002)


def test_the_best_epoch_is_by_what_is_asked(tmp_path):
    import keras

    from seqapps.errors import InputError
    from seqapps.training.checkpoints import Checkpoints
    from seqapps.training.train_step import SequenceModel

    inputs = keras.Input((3,))
    model = SequenceModel(inputs, keras.layers.Dense(2)(inputs))
    model.compile(optimizer="sgd", loss="mse")

    def best(name):
        run = tmp_path / name
        mode = "max" if name == "val_accuracy" else "auto"
        kept = Checkpoints(run, model, 1, 1, 9, name, mode)
        for loss, accuracy in ((1.0, 0.5), (2.0, 0.7), (3.0, 0.6)):
            model.layers[-1].bias.assign([loss, loss])
            kept.on_epoch_end(
                0, {"loss": 1.0, "val_loss": loss, "val_accuracy": accuracy}
            )
        assert kept.finished
        model.load_weights(run / "best.weights.h5")
        return float(model.layers[-1].bias[0])

    assert best("val_loss") == 1.0
    assert best("val_accuracy") == 2.0
    with pytest.raises(InputError, match="val_accuracy"):
        best("val_f1")


def test_a_first_epoch_without_a_number_is_not_the_best(tmp_path):
    import keras

    from seqapps.errors import InputError
    from seqapps.training.checkpoints import Checkpoints

    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    model.compile("sgd", "mse")
    kept = Checkpoints(tmp_path / "run", model, 1, 3, 9)
    for loss in (float("nan"), 3.0, 2.0, float("nan")):
        model.layers[-1].bias.assign([loss, loss])
        kept.on_epoch_end(0, {"loss": loss, "val_loss": loss})
    model.load_weights(tmp_path / "run" / "best.weights.h5")
    assert float(model.layers[-1].bias[0]) == 2.0
    asked = Checkpoints(tmp_path / "x", model, 1, 3, 9, "val_perplexity")
    with pytest.raises(InputError, match="--fit.mode min"):
        asked.on_epoch_end(0, {"loss": 1.0, "val_perplexity": 1.0})
