"""Checks arguments against their annotations, wherever they come from.

```python
@checked
def generate(composer, *, count: Count = 4, output: Path = Path("out")): ...
```

A word of the command line, a value of a recipe and an argument in Python pass
the same check, `convert`.
"""

import difflib
import functools
import inspect
import math
import os
import types
from collections.abc import Callable
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

F = TypeVar("F", bound=Callable[..., Any])
_INT32 = 2**31 - 1  # the graphs take 32 bits


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
        if self.most in (math.inf, _INT32):
            start = start if self.above else f"{self.least} or more"
            return start + f", at most {self.most}" * (self.most == _INT32)
        return f"{start} to {'below ' if self.below else ''}{self.most}"


Count = Annotated[int, Range(1, _INT32)]
Size = Annotated[int, Range(0, _INT32)]
Seed = Annotated[int, Range(0, _INT32)]
Amount = Annotated[float, Range(0)]
Positive = Annotated[float, Range(0, above=True)]
Share = Annotated[float, Range(0, 1)]
Dropout = Annotated[float, Range(0, 1, below=True)]
Probability = Annotated[float, Range(0, 1, above=True)]
Fraction = Annotated[float, Range(0, 1, above=True, below=True)]

_ANY = Range(-_INT32, _INT32)


def flags(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Returns keyword-only parameters with a default: flags and recipe keys.

    Each has an annotation: its own, or the type of its default.
    """
    parameters = {}
    for name, parameter in inspect.signature(function).parameters.items():
        kind, default = parameter.annotation, parameter.default
        if parameter.kind is parameter.KEYWORD_ONLY:
            if default is not parameter.empty:
                kind = type(default) if kind is parameter.empty else kind
                parameters[name] = parameter.replace(annotation=kind)
    return parameters


def checked(function: F) -> F:
    """Checks the keyword arguments of a function against its annotations.

    Raises:
        InputError: from the returned function: an argument does not fit, or
            an input file would be overwritten.
    """
    kinds = {name: p.annotation for name, p in flags(function).items()}

    @functools.wraps(function)
    def checking(*args: Any, **values: Any) -> Any:
        for name in kinds.keys() & values.keys():
            try:
                values[name] = convert(kinds[name], values[name])
            except InputError as error:
                raise InputError(f"{name} {error}") from None
        paths.check(
            paths.Named(name, value, writes(kinds[name]))
            for name, value in values.items()
            if isinstance(value, Path) and name in kinds
        )
        return function(*args, **values)

    return checking  # type: ignore[return-value]


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
        return convert(_one(kind), value)
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


def writes(kind: Any) -> paths.Writes | None:
    """Returns the `Writes` of an annotation, if it has one."""
    marks = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
    return next((m for m in marks if isinstance(m, paths.Writes)), None)


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
