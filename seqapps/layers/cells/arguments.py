"""The arguments of a constructor, as attributes and as a config."""

import inspect

import keras


def named(variables: dict) -> dict:
    """Returns the named arguments in a constructor's `locals()`."""
    hidden = ("self", "__class__", "kwargs")
    return {k: v for k, v in variables.items() if k not in hidden}


def names_of(cls: type) -> list[str]:
    """Returns the names of a constructor's named arguments."""
    return list(named(inspect.signature(cls.__init__).parameters))


def attributes_of(arguments: dict) -> dict:
    """Returns arguments as attributes: "tanh" becomes the function."""
    return {
        name: module.get(value) if (module := _module(name)) else value
        for name, value in arguments.items()
    }


def config_of(layer, names) -> dict:
    """Returns attributes as arguments, ready for a config."""
    return {
        name: module.serialize(value) if (module := _module(name)) else value
        for name, value in ((name, getattr(layer, name)) for name in names)
    }


def _module(name: str):
    """Returns the Keras module that reads and writes such an argument."""
    return {
        "activation": keras.activations,
        "initializer": keras.initializers,
        "regularizer": keras.regularizers,
        "constraint": keras.constraints,
    }.get(name.rsplit("_", 1)[-1])
