"""Plain values as the tensors that a graph function takes."""

import difflib
import math
import numbers
import operator
import reprlib
from collections.abc import Iterable
from typing import Any

from seqapps.errors import InputError

_NOUNS = {"string": "text", "bool": "True or False"}


def convert(
    function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Converts the arguments of a graph function to tensors of its signature.

    No value may reach TensorFlow that it cannot convert: that leaves the
    function locked, and every later call from another thread waits for ever.

    Args:
        function: a `tf.function` with an input signature, or a restored one.
        args: positional arguments: plain values, arrays or tensors.
        kwargs: keyword arguments.

    Returns:
        The tensor of each argument, by its name.

    Raises:
        InputError: an argument is unknown, missing, given twice, or is not
            what the signature wants.
    """
    kinds = function.function_type.parameters
    values = dict(zip(kinds, args, strict=False))
    takes = f"the arguments are: {', '.join(kinds)}"
    if len(args) > len(kinds):
        raise InputError(f"{len(args)} values for {len(kinds)}; {takes}")
    for name, value in kwargs.items():
        if name not in kinds:
            close = difflib.get_close_matches(name, list(kinds), 1)
            hint = f"did you mean {close[0]}?" if close else takes
            raise InputError(f"no argument is named {name[:40]}; {hint}")
        if name in values:
            raise InputError(f"{name} is given twice")
        values[name] = value
    for name, kind in kinds.items():
        if name not in values and not kind.optional:
            raise InputError(f"{name} is missing; {takes}")
    return {
        name: _tensor(name, value, kinds[name].type_constraint)
        for name, value in values.items()
    }


def _tensor(name: str, value: Any, spec: Any) -> Any:
    import tensorflow as tf

    if tf.is_tensor(value) and spec.is_compatible_with(value):
        return value
    plain = inner = _rows(name, value, list(spec.shape), spec.dtype)
    shape = []
    for size in spec.shape:
        is_list = isinstance(inner, list)
        shape.append(len(inner) if is_list else size or 0)
        inner = inner[0] if is_list and inner else None
    try:
        return tf.constant(plain, spec.dtype, shape)
    except (TypeError, ValueError):
        raise InputError(f"{name}: the rows differ in length") from None


def _rows(name: str, value: Any, shape: list[Any], dtype: Any) -> Any:
    """Converts a value to nested lists of `shape` with leaves of `dtype`."""
    value = _listed(value)
    if not shape:
        return _leaf(name, value, dtype)
    one = isinstance(value, str | bytes | dict | set | frozenset)
    if one or not isinstance(value, Iterable):
        raise _wrong(name, f"a list of {_noun(dtype)}s", value)
    rows = [
        _rows(f"{name}[{i}]", row, shape[1:], dtype)
        for i, row in enumerate(value)
    ]
    if shape[0] not in (None, len(rows)):
        raise InputError(f"{name}: {shape[0]} are wanted, not {len(rows)}")
    return rows


def _listed(value: Any) -> Any:
    """Converts an array, a tensor or a table's column to nested lists."""
    import numpy as np

    if not hasattr(value, "__array__"):
        return value
    try:
        array = np.asarray(value)
    except Exception:  # a symbolic tensor: it has no value
        return value
    if array.dtype.kind in "iufbSUO":
        return array.tolist()
    return value


def _noun(dtype: Any) -> str:
    if dtype.name in _NOUNS:
        return _NOUNS[dtype.name]
    return "whole number" if dtype.is_integer else "number"


def _leaf(name: str, value: Any, dtype: Any) -> Any:
    if dtype.name == "string":
        return _text(name, value)
    if dtype.is_bool:
        if not isinstance(value, bool):
            raise _wrong(name, "True or False", value)
        return value
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise _wrong(name, f"a {_noun(dtype)}", value)
    if dtype.is_integer:
        return _whole(name, value, dtype)
    return _real(name, value, dtype)


def _text(name: str, value: Any) -> str | bytes:
    if not isinstance(value, str | bytes):
        raise _wrong(name, "a text", value)
    try:
        return value.decode() if isinstance(value, bytes) else value.encode()
    except UnicodeError:
        raise _wrong(name, "a text in valid UTF-8", value) from None


def _whole(name: str, value: Any, dtype: Any) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise _wrong(name, "a whole number", value) from None
    if not dtype.min <= number <= dtype.max:
        raise _wrong(
            name, f"a whole number from {dtype.min} to {dtype.max}", value
        )
    return number


def _real(name: str, value: Any, dtype: Any) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise _wrong(name, f"a number up to {dtype.max:.1e}", value) from None
    if not math.isfinite(number):
        if "[" not in name:  # one number is a setting; rows may lack some
            raise _wrong(name, "a finite number", value)
    elif abs(number) > float(dtype.max):
        raise _wrong(name, f"a number up to {dtype.max:.1e}", value)
    return number


def _wrong(name: str, wanted: str, value: Any) -> InputError:
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = 40
    try:
        given = short.repr(value)
    except Exception:  # a number of more digits than Python writes
        given = f"a value of type {type(value).__name__}"
    return InputError(f"{name}: {wanted} is wanted, not {given}")
