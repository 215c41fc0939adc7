"""Graph functions called on plain values."""

import re

from seqapps.errors import InputError
from seqapps.export.signature import convert


class NoMethod(InputError, AttributeError):
    """A saved model has no method of this name."""


class Loaded:
    """A loaded SavedModel: values in, values out.

    Args:
        module: what `tf.saved_model.load` gave.
    """

    def __init__(self, module):
        self._module = module
        self.functions = {
            name: getattr(module, name)
            for name in module.signatures
            if hasattr(getattr(module, name, None), "function_type")
        }

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.functions:
            has = ", ".join(sorted(self.functions)) or "none"
            raise NoMethod(f"this model has no method {name!r}; it has: {has}")

        def method(*args, **kwargs):
            results = call(self.functions[name], *args, **kwargs)
            only = next(iter(results.values()))
            return only if len(results) == 1 else results

        return method

    def __dir__(self):
        return sorted(self.functions)


def demand(right, message: str, value) -> None:
    """Says inside a graph what is wrong with an argument, if it is not right.

    `call` makes an `InputError` of it.

    Args:
        right: a bool tensor, `()`.
        message: what is wrong.
        value: what was given; it follows the message.
    """
    import tensorflow as tf

    tf.debugging.Assert(right, [message, value])


def call(function, *args, **kwargs) -> dict:
    """Calls a graph function on plain values, and gives plain values back.

    No graph needs to know what to do with no texts at all: one empty text
    stands for them, and what is said of it is left out.

    Raises:
        InputError: a value is not what the function's signature wants, or an
            assertion in the graph failed (its text says which).
    """
    import numpy as np
    import tensorflow as tf

    tensors = convert(function, args, kwargs)
    batches = [name for name, tensor in tensors.items() if _of_texts(tensor)]
    nothing = batches and all(tf.size(tensors[name]) == 0 for name in batches)
    if nothing:
        tensors |= {name: tf.constant([""]) for name in batches}
    try:
        results = function(**tensors)
    except tf.errors.InvalidArgumentError as error:
        said = re.search(r"assertion failed: (\[.*?\])(?:\s*\n|$)", str(error))
        if not said:
            raise
        words = re.findall(r"\[(.*?)\]", said[1])
        raise InputError(" ".join(" ".join(words).split())) from None

    def plain(tensor):
        array = tensor.numpy()
        if array.dtype == object:
            words = [s.decode("utf-8", "replace") for s in array.flat]
            array = np.array(words, object).reshape(array.shape)
        return array.tolist()

    rows = _by_rows(function) if nothing else ()
    return {
        name: [] if name in rows else plain(tensor)
        for name, tensor in results.items()
    }


def _of_texts(tensor) -> bool:
    return tensor.dtype.name == "string" and tensor.shape.rank == 1


def _by_rows(function) -> list[str]:
    """The outputs that have a row for each text."""
    outputs = function.get_concrete_function().structured_outputs
    return [
        name
        for name, spec in outputs.items()
        if spec.shape.rank is None or spec.shape[:1] == [None]
    ]
