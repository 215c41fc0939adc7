"""Converts values to the types that annotations name, or refuses them."""

import difflib
import math
import os
import types
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from seqapps.console import paths
from seqapps.console.terminal import readable
from seqapps.errors import InputError

INT32 = 2**31 - 1  # the graphs take 32 bits
M = TypeVar("M")


@dataclass(frozen=True)
class Range:
    """The numbers that an argument may be.

    Args:
        least: the smallest.
        most: the largest.
        above: whether `least` itself is too small.
        below: whether `most` itself is too large.
    """

    least: float
    most: float = math.inf
    above: bool = False
    below: bool = False

    def __contains__(self, number: Any) -> bool:
        large = number > self.least if self.above else number >= self.least
        small = number < self.most if self.below else number <= self.most
        return bool(large and small and number != math.inf)

    def __str__(self) -> str:
        start = f"above {self.least}" if self.above else f"from {self.least}"
        if self.most in (math.inf, INT32):
            start = start if self.above else f"{self.least} or more"
            return start + f", at most {self.most}" * (self.most == INT32)
        return f"{start} to {'below ' if self.below else ''}{self.most}"


_ANY = Range(-INT32, INT32)


def convert(kind: Any, value: Any) -> Any:
    """Converts a value to the type of an annotation.

    Args:
        kind: `bool`, `int`, `float`, `str`, `Path`, a `Literal`, a list of
            one of them, or one of them or None; perhaps `Annotated` with a
            `Range`. A value of any other type is returned as it is.
        value: of TOML, of Python, or read by `parse`.

    Raises:
        InputError: it does not fit. The caller puts the name before it.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        number = isinstance(value, Real) and not isinstance(value, bool)
        for mark in inner[1:]:
            if number and isinstance(mark, Range):
                _demand(value in mark, f"is {mark}", value)
        return convert(inner[0], value)
    if origin in (Union, types.UnionType):
        if value is None and types.NoneType in inner:
            return None
        others = [k for k in inner if k is not types.NoneType]
        return convert(others[0] if len(others) == 1 else object, value)
    if origin is Literal:
        _demand_choice(inner, value)
        return value
    if origin in (list, tuple):
        _demand(isinstance(value, list | tuple), "is a list", value)
        return origin(convert(inner[0], each) for each in value)
    if kind not in _KINDS:
        return value
    return _simple(kind, value)


def parse(kind: Any, word: str) -> Any:
    """Parses a word of the command line as TOML would.

    A word that cannot be parsed is returned as it is; `convert` refuses it.
    """
    kind = _one(kind)
    if kind is str:
        return readable(word)
    if kind not in (int, float):
        return word
    try:
        return kind(word)
    except ValueError:
        return word


def is_scalar(kind: Any) -> bool:
    """Whether an annotation is that of one number, one text or one path."""
    return _one(kind) in (int, float, str, Path)


def is_path(kind: Any) -> bool:
    """Whether an annotation is that of a path, or of a path or None."""
    return _one(kind) is Path


def mark_of(kind: Any, mark: type[M]) -> M | None:
    """Returns the mark of this class in an annotation, if it has one."""
    marks = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
    return next((m for m in marks if isinstance(m, mark)), None)


def writes(kind: Any) -> paths.Writes | None:
    """Returns the `Writes` of an annotation, if it has one."""
    return mark_of(kind, paths.Writes)


def _one(kind: Any) -> Any:
    """Strips an annotation of marks and of None."""
    if get_origin(kind) is Annotated:
        return _one(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        others = [k for k in get_args(kind) if k is not types.NoneType]
        return _one(others[0]) if len(others) == 1 else object
    return kind


_KINDS: dict[Any, tuple[Any, str]] = {
    bool: (bool, "true or false"),
    int: (Integral, "a whole number"),
    float: (Real, "a number"),
    str: (str, "a text"),
    Path: (str | os.PathLike, "a path"),
}


def _simple(kind: Any, value: Any) -> Any:
    """Converts a value to one of the types of `_KINDS`."""
    wanted, name = _KINDS[kind]
    right = isinstance(value, wanted) and isinstance(value, bool) <= (
        kind is bool
    )
    _demand(right, f"is {name}", value)
    if kind is int:
        _demand(value in _ANY, f"is {_ANY}", value)
    elif kind is float:
        _demand(-math.inf < value < math.inf, "is a finite number", value)
    elif kind is Path:
        word = os.fspath(value)
        _demand(bool(word) and "\0" not in word, "is a path", value)
        try:
            os.fsencode(word)
        except UnicodeError:
            raise InputError(f"cannot be {word!a} in this locale") from None
    try:
        return kind(value)
    except OverflowError:
        raise InputError(f"is {name}, not {_shown(value)}") from None


def _demand_choice(choices: tuple[Any, ...], value: Any) -> None:
    if any(value == c and type(value) is type(c) for c in choices):
        return
    near = difflib.get_close_matches(str(value), map(str, choices), 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    one_of = ", ".join(map(str, choices))
    raise InputError(f"is one of {one_of}, not {_shown(value)}{hint}")


def _demand(right: bool, message: str, value: Any) -> None:
    if not right:
        raise InputError(f"{message}, not {_shown(value)}")


def _shown(value: Any) -> str:
    """Formats a value for a message: a long one is cut."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if value == "":
        return "an empty one"
    try:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    except ValueError:  # Python refuses to write out a huge number
        return "so large a number"
    return text if len(text) <= 60 else f"{text[:57]}..."
