"""The arguments of a constructor, as attributes and as a config."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import keras


def named(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the named arguments in a constructor's `locals()`."""
    hidden = ("self", "__class__", "kwargs")
    return {k: v for k, v in variables.items() if k not in hidden}


def names_of(cls: type) -> list[str]:
    """Returns the names of a constructor's named arguments."""
    return list(named(inspect.signature(cls).parameters))


def store(layer: Any, arguments: Mapping[str, Any]) -> None:
    """Makes every argument an attribute of the layer, as Keras's layers do.

    Names of activations, initializers, regularizers and constraints become
    functions. The layer's class declares each attribute and its type.
    """
    layer.argument_names = tuple(arguments)
    for name, value in arguments.items():
        module = _module(name)
        setattr(layer, name, module.get(value) if module else value)


def config_of(layer: Any, names: Iterable[str]) -> dict[str, Any]:
    """Returns attributes as arguments, ready for a config."""
    return {
        name: module.serialize(value) if (module := _module(name)) else value
        for name, value in ((name, getattr(layer, name)) for name in names)
    }


def _module(name: str) -> Any:
    """Returns the Keras module that reads and writes such an argument."""
    return {
        "activation": keras.activations,
        "initializer": keras.initializers,
        "regularizer": keras.regularizers,
        "constraint": keras.constraints,
    }.get(name.rsplit("_", 1)[-1])
