"""Conversion of recurrent layers from Keras to ours, and back."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import keras

from seqapps.layers.bidirectional import Bidirectional
from seqapps.layers.cells.gru import GRUCell
from seqapps.layers.cells.lstm import LSTMCell
from seqapps.layers.cells.simple_rnn import SimpleRNNCell
from seqapps.layers.gru import GRU
from seqapps.layers.lstm import LSTM
from seqapps.layers.rnn import RNN
from seqapps.layers.simple_rnn import SimpleRNN
from seqapps.private import Functional, layers_inside

# the name of a class, which Keras's and ours share: its entry in a config
_Classes: TypeAlias = Mapping[str, Mapping[str, str | None]]

_OURS: _Classes = {
    cls.__name__: {
        "module": cls.__module__,
        "class_name": cls.__name__,
        "registered_name": keras.saving.get_registered_name(cls),
    }
    for cls in (
        *(SimpleRNN, LSTM, GRU, RNN, Bidirectional),
        *(SimpleRNNCell, LSTMCell, GRUCell),
    )
}
_KERAS: _Classes = {
    name: {
        "module": "keras.layers",
        "class_name": name,
        "registered_name": None,
    }
    for name in _OURS
}


def from_keras(layer: Any) -> Any:
    """Replaces the recurrent layers of Keras by ours.

    A `SimpleRNN`, `LSTM`, `GRU`, their cells, an `RNN` or a `Bidirectional`
    becomes ours of that name, with the same arguments and weights. In a
    model, also a nested one, every such layer is replaced; the others are
    cloned, and a compiled model is compiled again, with the same optimizer.
    Other classes, such as subclasses and custom cells, stay as they are.

    The outputs are the same, except where Keras loses a mask: its layer
    ignores the mask of its inputs if it is given an `initial_state`. Ours
    does not.

    Args:
        layer: a recurrent layer or cell of Keras, or a `Sequential` or
            functional model. It is not changed.

    Returns:
        The new layer, cell or model. The states of a stateful layer are not
        copied.

    Raises:
        ValueError: if `layer` is neither, such as a `Dense` layer or a
            subclassed model.

    Example:
        ```python
        model = keras.Sequential([keras.Input((7, 2)), keras.layers.LSTM(5)])
        faster = seqapps.layers.from_keras(model)
        faster.layers[0].__class__.__module__  # 'seqapps.layers.lstm'
        ```
    """
    return _convert(layer, _KERAS, _OURS)


def to_keras(layer: Any) -> Any:
    """Replaces our recurrent layers by those of Keras.

    This undoes `from_keras`, with the same weights, for the classes that
    Keras has: `SimpleRNN`, `LSTM`, `GRU`, their cells, `RNN` and
    `Bidirectional`.

    Args:
        layer: one of our recurrent layers or cells, or a `Sequential` or
            functional model. It is not changed.

    Returns:
        The new layer, cell or model.

    Raises:
        ValueError: if `layer` is neither, or has a cell that Keras lacks.

    Example:
        ```python
        layer = seqapps.layers.to_keras(seqapps.layers.LSTM(5))
        type(layer) is keras.layers.LSTM  # True
        ```
    """
    return _convert(layer, _OURS, _KERAS)


def _convert(layer: Any, old: _Classes, new: _Classes) -> Any:
    if isinstance(layer, (keras.Sequential, Functional)):
        copy = keras.models.clone_model(
            layer,
            clone_function=lambda part: _rewritten(part, old, new),
            recursive=True,
        )
    elif isinstance(layer, keras.Model):
        raise ValueError(
            f"{layer.name} is neither Sequential nor functional: convert its "
            "layers one by one"
        )
    else:
        copy = _rewritten(layer, old, new)
        if type(copy) is type(layer):
            raise ValueError(f"{layer!r} is no recurrent layer to convert")
        if layer.built:
            copy.build_from_config(layer.get_build_config())
    _copy_variables(layer, copy)
    return copy


def _rewritten(layer: Any, old: _Classes, new: _Classes) -> Any:
    """Returns a copy of the layer, its classes replaced."""
    config = keras.saving.serialize_keras_object(layer)
    rewritten = _rewrite(config, old, new)
    if rewritten == _rewrite(config, {}, {}):  # no class to replace
        return type(layer).from_config(layer.get_config())
    return keras.saving.deserialize_keras_object(rewritten, safe_mode=False)


def _rewrite(config: Any, old: _Classes, new: _Classes) -> Any:
    """Replaces the names of classes in a config, also a nested one."""
    if isinstance(config, (list, tuple)):
        return type(config)(_rewrite(item, old, new) for item in config)
    if not isinstance(config, dict):
        return config
    config = {
        key: _rewrite(value, old, new)
        for key, value in config.items()
        if key != "build_config"  # `_convert` and `clone_model` build
    }
    name = config.get("class_name")
    if name in old and old[name].items() <= config.items():
        return {**config, **new[name]}
    if new is _KERAS and str(config.get("registered_name")).startswith(
        "seqapps>"
    ):
        raise ValueError(f"Keras has no {name}")
    return config


def _copy_variables(layer: Any, copy: Any) -> None:
    """Copies weights, arguments that Keras's configs omit, the optimizer."""
    if layer.built:
        copy.set_weights(layer.get_weights())
    parts = layers_inside(layer), layers_inside(copy)
    for part, new in zip(*parts, strict=True):
        for name in {"use_cudnn", "implementation"} & vars(part).keys():
            setattr(new, name, getattr(part, name))
    optimizer = getattr(layer, "optimizer", None)
    if optimizer is not None and optimizer.built:
        for old, new in zip(
            optimizer.variables, copy.optimizer.variables, strict=True
        ):
            new.assign(old)
