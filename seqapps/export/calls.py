"""Graph functions called on plain values."""

import re
from collections.abc import Callable
from typing import Any

from seqapps.errors import InputError
from seqapps.export.signature import convert


class NoMethod(InputError, AttributeError):
    """The saved model has no method of this name."""


class Loaded:
    """A loaded SavedModel whose methods take and return plain values.

    Args:
        module: the result of `tf.saved_model.load`.
    """

    def __init__(self, module: Any):
        self._module = module
        self.functions = {
            name: getattr(module, name)
            for name in module.signatures
            if hasattr(getattr(module, name, None), "function_type")
        }

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.functions:
            has = ", ".join(sorted(self.functions)) or "none"
            raise NoMethod(f"this model has no method {name!r}; it has: {has}")

        def method(*args: Any, **kwargs: Any) -> Any:
            results = call(self.functions[name], *args, **kwargs)
            first = next(iter(results.values()))
            return first if len(results) == 1 else results

        return method

    def __dir__(self) -> list[str]:
        return sorted(self.functions)


def demand(right: Any, message: str, value: Any) -> None:
    """Asserts inside a graph that an argument is right.

    `call` turns the failed assertion into an `InputError`.

    Args:
        right: a bool tensor, `()`.
        message: what is wrong, if it is False.
        value: the argument's value, which follows the message.
    """
    import tensorflow as tf

    tf.debugging.Assert(right, [message, value])


def call(function: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Calls a graph function on plain values and returns plain values.

    A graph never has to handle an empty list of texts: it is called with one
    empty text instead, and the answer to that is left out.

    Args:
        function: a `tf.function` with an input signature, or a restored one.
        *args: positional arguments: plain values, arrays or tensors.
        **kwargs: keyword arguments.

    Returns:
        The outputs by name: numbers, strings and lists of them.

    Raises:
        InputError: a value does not fit the function's signature, or an
            assertion in the graph failed (the message is its text).
    """
    import numpy as np
    import tensorflow as tf

    tensors = convert(function, args, kwargs)
    batches = [name for name, tensor in tensors.items() if _of_texts(tensor)]
    is_empty = batches and all(tf.size(tensors[name]) == 0 for name in batches)
    if is_empty:
        tensors |= {name: tf.constant([""]) for name in batches}
    try:
        results = function(**tensors)
    except tf.errors.InvalidArgumentError as error:
        failure = re.search(
            r"assertion failed: (\[.*?\])(?:\s*\n|$)", str(error)
        )
        if not failure:
            raise
        words = re.findall(r"\[(.*?)\]", failure[1])
        raise InputError(" ".join(" ".join(words).split())) from None

    def plain(tensor: Any) -> Any:
        array = tensor.numpy()
        if array.dtype == object:
            words = [s.decode("utf-8", "replace") for s in array.flat]
            array = np.array(words, object).reshape(array.shape)
        return array.tolist()

    rows = _by_rows(function) if is_empty else []
    return {
        name: [] if name in rows else plain(tensor)
        for name, tensor in results.items()
    }


def _of_texts(tensor: Any) -> bool:
    return tensor.dtype.name == "string" and tensor.shape.rank == 1


def _by_rows(function: Any) -> list[str]:
    """Names the outputs that have a row for each text."""
    outputs = function.get_concrete_function().structured_outputs
    return [
        name
        for name, spec in outputs.items()
        if spec.shape.rank is None or spec.shape[:1] == [None]
    ]
