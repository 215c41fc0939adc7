"""Keras's arguments: taken, kept, and of effect where they say so."""

import inspect

import keras
import numpy as np
import pytest
from cells import (
    BATCH,
    FEATURES,
    UNITS,
    X,
    arrays,
    close,
    every_peer,
    pair,
)

from seqapps import layers


@every_peer
def test_signature(case):
    """Names, positions and defaults are Keras's; what we add comes last."""

    def arguments(cls):
        parameters = inspect.signature(cls).parameters.values()
        return [(p.name, p.default) for p in parameters if p.name != "kwargs"]

    ours_and_theirs = (
        (case.layer, case.peer),
        (case.cell, getattr(keras.layers, case.cell.__name__)),
    )
    for ours, theirs in ours_and_theirs:
        theirs = arguments(theirs)
        assert arguments(ours)[: len(theirs)] == theirs
        assert {n for n, _ in arguments(ours)[len(theirs) :]} <= {
            "implementation"
        }


ODD = {
    "activation": "relu",
    "recurrent_activation": "hard_sigmoid",
    "use_bias": False,
    "kernel_initializer": keras.initializers.HeNormal(seed=1),
    "recurrent_initializer": keras.initializers.Identity(0.5),
    "bias_initializer": "ones",
    "unit_forget_bias": False,
    "kernel_regularizer": keras.regularizers.L2(0.25),
    "recurrent_regularizer": "l1",
    "bias_regularizer": "l2",
    "activity_regularizer": keras.regularizers.L1(0.5),
    "kernel_constraint": keras.constraints.MaxNorm(3),
    "recurrent_constraint": "unit_norm",
    "bias_constraint": "non_neg",
    "dropout": 0.25,
    "recurrent_dropout": 0.125,
    "seed": 5,
    "return_sequences": True,
    "return_state": True,
    "go_backwards": True,
    "stateful": True,
    "unroll": True,
    "zero_output_for_mask": True,
    "reset_after": False,
    "use_cudnn": False,
    "implementation": 1,
    "dtype": "mixed_bfloat16",
    "trainable": False,
    "name": "odd",
}


@every_peer
def test_every_argument_is_kept(case):
    names = set(inspect.signature(case.layer).parameters) - {"kwargs", "units"}
    assert names < set(ODD)
    names |= {"zero_output_for_mask", "dtype", "trainable", "name"}
    layer = case.layer(UNITS, **{name: ODD[name] for name in names})
    config = layer.get_config()
    plain = case.layer(UNITS).get_config()
    assert "cell" not in config
    assert all(hasattr(layer, name) for name in names)
    assert [n for n in names if config[n] == plain[n]] == []
    copy = case.layer.from_config(config)
    assert copy.get_config() == config
    assert copy.cell.get_config() == layer.cell.get_config()
    assert layer.cell.dtype_policy.name == "mixed_bfloat16"
    assert not layer.cell.trainable
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(layer)
    )
    assert type(again) is case.layer and again.get_config() == config


@every_peer
def test_configs_pass_both_ways(case):
    theirs, ours = pair(case)
    case.layer.from_config(theirs.get_config())
    copy = case.peer.from_config(ours.get_config())
    copy.build(X.shape)
    assert copy.count_params() == ours.count_params()


@every_peer
def test_losses_and_constraints(case):
    theirs, ours = pair(
        case,
        kernel_regularizer="l2",
        recurrent_regularizer="l1",
        bias_regularizer="l2",
        activity_regularizer="l2",
    )
    ours(X), theirs(X)
    expected = theirs.losses
    if case.peer is keras.layers.SimpleRNN:  # Keras loses its activity's
        y = arrays(theirs(X))[0]
        batch = BATCH if keras.__version__ >= "3.14" else 1  # as Keras divides
        expected = [0.01 * np.sum(y**2) / batch, *expected]
    close(sorted(arrays(ours.losses)), sorted(arrays(expected)))
    assert len(ours.losses) == 4
    layer = case.layer(
        UNITS,
        kernel_constraint="non_neg",
        recurrent_constraint="non_neg",
        bias_constraint="non_neg",
        **case.arguments,
    )
    layer.build(X.shape)
    assert all(w.constraint is not None for w in layer.weights)


def test_forget_gate_starts_open():
    for unit, expected in ((True, 1), (False, 0)):
        layer = layers.LSTM(UNITS, unit_forget_bias=unit)
        layer.build(X.shape)
        bias = arrays(layer.cell.bias)[0].reshape(4, UNITS)
        np.testing.assert_array_equal(bias[1], expected)
        assert not np.any(bias[[0, 2, 3]])


@every_peer
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"units": 0}, "units must be positive, not 0"),
        ({"units": 3, "dropout": 1.0}, r"dropout must be in \[0, 1\), not 1.0"),
        ({"units": 3, "recurrent_dropout": -1}, "recurrent_dropout must be"),
    ],
)
def test_bad_arguments(case, arguments, message):
    with pytest.raises(ValueError, match=message):
        case.layer(**arguments)


@pytest.mark.parametrize("layer", [layers.LSTM, layers.GRU])
def test_use_cudnn(layer):
    assert [layer(3, use_cudnn=u).use_cudnn for u in ("auto", True, False)] == [
        "auto",
        True,
        False,
    ]
    with pytest.raises(ValueError, match="use_cudnn must be"):
        layer(3, use_cudnn="yes")
    assert not hasattr(layers.SimpleRNN(3), "use_cudnn")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.PeepholeLSTMCell(0), "units must be positive, not 0"),
        (lambda: layers.ProjectionLSTMCell(3, 0), "projection must be"),
        (lambda: layers.RecurrentHighwayCell(3, 0), "depth must be positive"),
        (lambda: layers.CoupledLSTMCell(3, dropout=1), "dropout must be in"),
        (lambda: layers.MinGRUCell(3, recurrent_dropout=0.5), "recurrent_drop"),
        (lambda: layers.LayerNormGRUCell(3, reset_after=True), "reset_after"),
        (lambda: layers.Highway(keras.layers.LSTMCell(3)), "is no seqapps"),
        (lambda: layers.DropConnect(layers.GRUCell(3), 1), "rate must be in"),
        (lambda: layers.Zoneout(layers.GRUCell(3), 2), "hidden must be in"),
        (
            lambda: layers.Zoneout(layers.GRUCell(3), cell=0.5),
            "cell=0.5, but GRUCell has no state but h",
        ),
    ],
)
def test_bad_arguments_of_variants(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "cell",
    [
        layers.PeepholeLSTMCell,
        layers.CoupledLSTMCell,
        layers.LayerNormLSTMCell,
        layers.LayerNormGRUCell,
        layers.RecurrentHighwayCell,
        layers.MinGRUCell,
    ],
)
def test_shared_arguments_are_kept(cell):
    arguments = {
        "use_bias": False,
        "kernel_regularizer": "l2",
        "recurrent_regularizer": "l1",
        "recurrent_initializer": "glorot_normal",
        "kernel_constraint": "non_neg",
        "dropout": 0.25,
        "recurrent_dropout": 0.125,
        "seed": 5,
    }
    arguments = {k: v for k, v in arguments.items() if k in cell.shared}
    made = cell(UNITS, **arguments)
    config = made.get_config()
    assert {config[name] == cell.shared[name] for name in arguments} == {False}
    assert cell.from_config(config).get_config() == config
    made.build((None, FEATURES))
    recurrent = "recurrent_regularizer" in arguments
    assert len(made.losses) == 1 + recurrent
    assert not any("bias" in weight.name for weight in made.weights)
    layer = layers.RNN(made)
    assert np.isfinite(arrays(layer(X, training=True))[0]).all()
