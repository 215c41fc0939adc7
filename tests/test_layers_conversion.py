"""From Keras's layers to ours, and back."""

import keras
import numpy as np
import pytest
from cells import (
    BATCH,
    FEATURES,
    MASK,
    TIME,
    UNITS,
    X,
    arrays,
    close,
    every_peer,
    fill,
    numbers,
)

from seqapps import layers, private
from seqapps.layers import from_keras, to_keras

IDS = MASK * np.arange(1, TIME + 1)


def keras_model():
    """Every kind of recurrent layer, shared and nested ones, and masks."""
    ids = keras.Input((TIME,), dtype="int32")
    x = keras.layers.Embedding(TIME + 1, FEATURES, mask_zero=True)(ids)
    lstm = keras.layers.LSTM(
        UNITS, return_sequences=True, return_state=True, name="encoder"
    )
    y, h, c = lstm(x)
    y = keras.layers.Bidirectional(
        keras.layers.GRU(3, return_sequences=True, reset_after=False),
        backward_layer=keras.layers.LSTM(
            3, return_sequences=True, go_backwards=True
        ),
    )(y)
    shared = keras.layers.SimpleRNN(FEATURES, return_sequences=True)
    y = shared(shared(keras.layers.Dense(FEATURES)(y)))
    y = keras.layers.RNN(
        [keras.layers.GRUCell(3), keras.layers.LSTMCell(UNITS)],
        return_sequences=True,
    )(y)
    nested = keras.Sequential(
        [keras.Input((None, UNITS)), keras.layers.LSTM(3), Odd(2)]
    )
    again = keras.layers.RepeatVector(5)(h)
    z = keras.layers.RNN(keras.layers.LSTMCell(UNITS))(
        again, initial_state=[h, c]
    )
    return fill(keras.Model(ids, [y, nested(again), z]))


class Odd(keras.layers.Dense):
    """A class that nobody registered."""


def modules(model):
    return {
        type(layer).__module__.split(".")[0]
        for layer in private.layers_inside(model)
        if isinstance(layer, (keras.layers.RNN, keras.layers.Bidirectional))
        or "Cell" in type(layer).__name__
        and "Stacked" not in str(type(layer))
    }


@every_peer
@pytest.mark.parametrize("built", [False, True])
def test_a_layer(case, built):
    theirs = case.peer(
        UNITS,
        return_sequences=True,
        go_backwards=True,
        kernel_regularizer="l2",
        name="mine",
        **case.arguments,
    )
    if built:
        theirs.build(X.shape)
        fill(theirs)
    ours = from_keras(theirs)
    assert type(ours) is case.layer and ours.name == "mine"
    assert ours.built == built
    again = to_keras(ours)
    assert type(again) is case.peer
    assert again.get_config() == theirs.get_config()
    if built:
        close(ours(X, mask=MASK), theirs(X, mask=MASK), 1e-6)
        close(again(X, mask=MASK), theirs(X, mask=MASK), 1e-6)
        assert arrays(ours.weights)[0] is not arrays(theirs.weights)[0]
        cell = from_keras(theirs.cell)
        assert type(cell) is case.cell
        close(cell.kernel, theirs.cell.kernel)


def test_what_configs_forget():
    theirs = keras.layers.Bidirectional(
        keras.layers.LSTM(UNITS, use_cudnn=False, implementation=1)
    )
    ours = from_keras(theirs)
    assert type(ours) is layers.Bidirectional
    for half in (ours.forward_layer, ours.backward_layer):
        assert type(half) is layers.LSTM and half.use_cudnn is False
    lstm = keras.layers.LSTM(UNITS, use_cudnn=True, implementation=1)
    assert from_keras(lstm).use_cudnn is True
    assert from_keras(lstm).implementation == 1
    assert to_keras(from_keras(lstm)).use_cudnn is True


def test_a_model():
    theirs = keras_model()
    assert modules(theirs) == {"keras"}
    ours = from_keras(theirs)
    assert modules(ours) == {"seqapps"}
    close(ours(IDS), theirs(IDS), 1e-6)
    again = to_keras(ours)
    assert modules(again) == {"keras"}
    close(again(IDS), theirs(IDS), 1e-6)
    close(theirs(IDS), again(IDS), 1e-6)  # it was left alone
    assert [w.path for w in again.weights] == [w.path for w in theirs.weights]


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_a_file(tmp_path):
    """A file with Keras's layers becomes one with ours in one line."""
    model = keras.Sequential(
        [
            keras.Input((None, FEATURES)),
            keras.layers.Bidirectional(keras.layers.LSTM(UNITS)),
            keras.layers.Dense(1),
        ]
    )
    # nothing is compiled, for speed
    model.compile(keras.optimizers.Adam(0.01), "mse", run_eagerly=True)
    target = numbers(BATCH, 1)
    model.fit(X, target, epochs=3, verbose=0)
    old, new = tmp_path / "old.keras", tmp_path / "new.keras"
    model.save(old)
    from_keras(keras.saving.load_model(old)).save(new)
    ours = keras.saving.load_model(new)
    assert modules(ours) == {"seqapps"}
    close(ours(X), model(X), 1e-6)
    # and training goes on where it was
    close(ours.optimizer.variables, model.optimizer.variables, 1e-6)
    for trained in (ours, model):
        trained.fit(X, target, epochs=2, verbose=0, shuffle=False)
    close(ours(X), model(X), 1e-5)


def test_a_strangers_cell_stays():
    class Cell(keras.layers.LSTMCell):
        pass

    ours = from_keras(keras.layers.RNN(layers.PeepholeLSTMCell(UNITS)))
    assert type(ours) is layers.RNN
    assert type(ours.cell) is layers.PeepholeLSTMCell
    with keras.saving.custom_object_scope({"Cell": Cell}):
        ours = from_keras(keras.layers.RNN(Cell(UNITS)))
    assert type(ours) is layers.RNN and type(ours.cell) is Cell
    model = keras.Sequential([keras.Input((TIME, FEATURES)), Lstm(3)])
    assert type(from_keras(model).layers[0]) is Lstm


class Lstm(keras.layers.LSTM):
    """A subclass, which may have changed anything."""


def test_refusals():
    for convert in (from_keras, to_keras):
        with pytest.raises(ValueError, match="no recurrent layer to convert"):
            convert(keras.layers.Dense(3))
        with pytest.raises(ValueError, match="convert its layers one by one"):
            convert(Subclassed())
    with pytest.raises(ValueError, match="Keras has no PeepholeLSTMCell"):
        to_keras(layers.RNN(layers.PeepholeLSTMCell(3)))
    with pytest.raises(ValueError, match="Keras has no Zoneout"):
        inputs = keras.Input((TIME, FEATURES))
        zoneout = layers.RNN(layers.Zoneout(layers.GRUCell(3), 0.5))
        to_keras(keras.Model(inputs, zoneout(inputs)))
    with pytest.raises(ValueError, match="no recurrent layer to convert"):
        from_keras(layers.LSTM(3))


class Subclassed(keras.Model):
    """A model that does not say what is in it."""
