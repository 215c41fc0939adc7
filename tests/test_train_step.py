"""The train step counts as Keras does, and on two devices as on one."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from seqapps.training.mean_loss import MeanLoss
from seqapps.training.train_step import SequenceModel

ROWS, TIME, CLASSES = 7, 5, 3
TOKENS = np.random.default_rng(0).integers(0, 4, (ROWS, TIME))
FIRST = TOKENS[:, 0] % CLASSES
EACH = TOKENS % CLASSES
HOT = np.eye(CLASSES, dtype="float32")
REAL = np.random.default_rng(1).normal(size=(ROWS, TIME, CLASSES))
WEIGHTS = np.random.default_rng(2).random((ROWS, TIME)).astype("float32")


def squares(y_true, y_pred):
    return keras.ops.square(y_true - y_pred)


class Squares(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return squares(y_true, y_pred)


def network(kind, mask=True, units=CLASSES, regularizer=None, outputs=1):
    keras.utils.set_random_seed(3)
    tokens = keras.Input((TIME,), dtype="int32")
    x = keras.layers.Embedding(4, 4, mask_zero=mask)(tokens)
    if mask == "values":
        x = keras.layers.Masking()(keras.layers.Embedding(4, 4)(tokens))
    if kind == "row":
        x = keras.layers.GlobalAveragePooling1D()(x)
    made = [
        keras.layers.Dense(
            units,
            activation="sigmoid" if units == 1 else "softmax",
            kernel_regularizer=regularizer,
            name=f"output_{i}",
        )
        for i in range(outputs)
    ]
    made = [layer(x) for layer in made]
    return tokens, made[0] if outputs == 1 else made


def numbers(model, y, loss, sample_weight=None, batch_size=ROWS, **how):
    """What Keras logs of a fit and an evaluation, and the weights after."""
    fit = {k: how.pop(k) for k in ("class_weight",) if k in how}
    how.setdefault("weighted_metrics", ["mse"])
    model.compile(keras.optimizers.SGD(0.3), loss, run_eagerly=True, **how)
    log = model.fit(
        TOKENS,
        y,
        batch_size,
        epochs=2,
        shuffle=False,
        verbose=0,
        sample_weight=sample_weight,
        **fit,
    ).history
    held = model.evaluate(
        TOKENS,
        y,
        batch_size,
        verbose=0,
        sample_weight=sample_weight,
        return_dict=True,
    )
    return {**log, "held": held, "weights": model.get_weights()}


def same(found, expected):
    assert list(found) == list(expected)
    keras.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6),
        found,
        dict(expected),
    )


SPARSE = keras.losses.SparseCategoricalCrossentropy
ONEHOT = keras.losses.CategoricalCrossentropy
BINARY = keras.losses.BinaryCrossentropy
ACCURACY = {"metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}
ROW = np.arange(ROWS, dtype="float32") / 3


@pytest.mark.parametrize(
    "kind, y, loss, how",
    [
        ("row", FIRST, SPARSE, ACCURACY),
        ("row", FIRST[:, None], SPARSE, {**ACCURACY, "sample_weight": ROW}),
        ("row", HOT[FIRST], ONEHOT, {}),
        ("row", HOT[FIRST], BINARY, {"sample_weight": ROW[:, None]}),
        ("row", HOT[FIRST], ONEHOT, {"class_weight": {0: 0.1, 1: 2, 2: 1}}),
        ("row", REAL[:, 0], keras.losses.MeanSquaredError, {}),
        ("row", REAL[:, 0], Squares, {}),
        ("row", REAL[:, 0], Squares, {"sample_weight": ROW[:, None] * 0 + 1}),
        ("row", HOT[FIRST], ONEHOT, {"sample_weight": ROW * 0}),
        ("time", EACH, SPARSE, ACCURACY),
        ("time", EACH[..., None], SPARSE, {**ACCURACY}),
        ("time", EACH, SPARSE, {**ACCURACY, "sample_weight": WEIGHTS}),
        ("time", HOT[EACH], ONEHOT, {}),
        ("time", HOT[EACH], BINARY, {"sample_weight": WEIGHTS}),
        ("time", REAL, keras.losses.MeanAbsoluteError, {}),
        ("time", REAL, keras.losses.MeanSquaredError, {"mask": "values"}),
        ("time", HOT[EACH], ONEHOT, {"mask": False}),
        ("time", HOT[EACH], ONEHOT, {"mask": False, "sample_weight": WEIGHTS}),
        ("row", HOT[FIRST], ONEHOT, {"regularizer": "l2"}),
        ("time", HOT[EACH], ONEHOT, {"regularizer": "l1"}),
        (
            "row",
            HOT[FIRST],
            ONEHOT,
            {"regularizer": "l2", "sample_weight": ROW * 0},
        ),
        ("row", (FIRST > 1) * 1.0, BINARY, {"units": 1}),
        ("row", (FIRST > 1)[:, None] * 1.0, BINARY, {"units": 1}),
        ("row", (FIRST > 1)[:, None] * 1.0, Squares, {"units": 1}),
    ],
)
def test_one_output_counts_as_keras_does(kind, y, loss, how):
    how = dict(how)
    made = {k: how.pop(k) for k in ("mask", "units", "regularizer") if k in how}
    weighted = "mean_with_sample_weight"
    if loss is Squares:  # there Keras forgets an axis of the weights
        weighted = "mean"
    for ours, theirs in (("sum", weighted), ("mean", "mean")):
        found = numbers(
            SequenceModel(*network(kind, **made)),
            y,
            loss(reduction=ours),
            **how,
        )
        expected = numbers(
            keras.Model(*network(kind, **made)),
            y,
            loss(reduction=theirs),
            **how,
        )
        same(found, expected)
        if "sample_weight" not in how and "class_weight" not in how:
            break  # the reductions are the same


Y = HOT[FIRST]
TWO = [Y, Y[::-1].copy()]


@pytest.mark.parametrize(
    "loss, y, how",
    [
        ("mse", TWO, {}),
        (["mse", "mae"], TWO, {"loss_weights": [0.3, 2.0]}),
        (["mse", ONEHOT()], TWO, {"metrics": [["mae"], ["accuracy"]]}),
        ({"a": "mse", "b": squares}, dict(zip("ab", TWO, strict=True)), {}),
        (
            {"a": "mse", "b": "categorical_crossentropy"},
            dict(zip("ab", TWO, strict=True)),
            {"loss_weights": {"a": 0.3, "b": 2.0}},
        ),
    ],
)
def test_several_outputs_are_as_keras_has_them(loss, y, how):
    def model(kind):
        tokens, outputs = network("row", outputs=2)
        if isinstance(y, dict):
            outputs = dict(zip("ab", outputs, strict=True))
        return kind(tokens, outputs)

    how = {"weighted_metrics": None, **how}
    found = numbers(model(SequenceModel), y, loss, **how)
    same(found, numbers(model(keras.Model), y, loss, **how))


def test_a_weight_for_each_row_is_one_for_each_of_its_tokens():
    each = numbers(
        SequenceModel(*network("time")), EACH, SPARSE(reduction="sum"),
        np.repeat(ROW[:, None], TIME, 1), weighted_metrics=None,
    )  # fmt: skip
    for weights in (ROW, ROW[:, None]):
        found = numbers(
            SequenceModel(*network("time")), EACH, SPARSE(reduction="sum"),
            weights, weighted_metrics=None,
        )  # fmt: skip
        same(found, each)


class Own(SequenceModel):
    """Its loss is its own: compiled in training, another one held out."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None,
                     training=True):  # fmt: skip
        if training:
            return super().compute_loss(x, y, y_pred, sample_weight)
        return self.held(y, y_pred, sample_weight)


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_loss_of_its_own_is_counted_in_the_graph_that_asks(wrapped):
    model = Own(*network("time", mask=False))
    held = SPARSE(reduction="sum_over_batch_size")
    model.held = MeanLoss(held) if wrapped else held
    model.compile(keras.optimizers.SGD(0.0), SPARSE(reduction="sum"))
    data = TOKENS, EACH
    log = model.fit(*data, 4, validation_data=data, verbose=0).history
    expected = keras.ops.mean(held(EACH, model(TOKENS)))
    assert log["val_loss"][0] == pytest.approx(float(expected), rel=1e-5)


TWO_DEVICES = """
import tensorflow as tf, numpy as np, keras, json, sys
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2)
from seqapps.training.train_step import SequenceModel
rng = np.random.default_rng(0)
x = rng.integers(0, 4, (7, 5))
ys = [np.eye(3)[x[:, 0] % 3], x % 3]
def run(strategy, policy="float32"):
    keras.utils.set_random_seed(3)
    keras.config.set_dtype_policy(policy)
    with strategy.scope():
        tokens = keras.Input((5,), dtype="int32")
        h = keras.layers.Embedding(4, 4, mask_zero=True)(tokens)
        row = keras.layers.Dense(3, kernel_regularizer="l2", name="row")
        time = keras.layers.Dense(3, name="time")
        pooled = keras.layers.GlobalAveragePooling1D()(h)
        model = SequenceModel(tokens, [row(pooled), time(h)])
        model.compile(keras.optimizers.SGD(0.3, global_clipnorm=0.1), [
            keras.losses.CategoricalCrossentropy(True, reduction="sum"),
            keras.losses.SparseCategoricalCrossentropy(True)],
            loss_weights=[0.3, 1.5])
    data = tf.data.Dataset.from_tensor_slices((x, tuple(ys))).batch(5)
    log = model.fit(data, epochs=2, verbose=0, shuffle=False).history
    held = model.evaluate(data, verbose=0, return_dict=True)
    weights = [w.tolist() for w in model.get_weights()]
    scale = getattr(model.optimizer, "dynamic_scale", 1.0)
    scale = float(keras.ops.convert_to_numpy(scale))
    assert (scale == 1.0) is (policy == "float32")
    return {"log": log, "held": held, "weights": weights, "scale": scale}
two_devices = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
for policy, atol in (("float32", 1e-5), ("mixed_float16", 1e-3)):
    one = run(tf.distribute.get_strategy(), policy)
    two = run(two_devices, policy)
    keras.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, atol=atol), one, two)
print("same")
"""


def test_two_devices_count_as_one_does(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.endswith("same\n"), done.stderr
