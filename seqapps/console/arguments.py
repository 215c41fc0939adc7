"""Checks arguments against their annotations, wherever they come from.

```python
@checked
def generate(composer, *, count: Count = 4, output: Path = Path("out")): ...
```

A word of the command line, a value of a recipe and an argument in Python pass
the same check, `convert`. Settings that several functions share are fields of
one `Options` class.
"""

import dataclasses
import functools
import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from seqapps.console import paths
from seqapps.console.values import INT32, Range, mark_of
from seqapps.console.values import convert as convert
from seqapps.console.values import is_path as is_path
from seqapps.console.values import is_scalar as is_scalar
from seqapps.console.values import parse as parse
from seqapps.console.values import writes as writes
from seqapps.errors import InputError

Count = Annotated[int, Range(1, INT32)]
Size = Annotated[int, Range(0, INT32)]
Seed = Annotated[int, Range(0, INT32)]
Amount = Annotated[float, Range(0)]
Positive = Annotated[float, Range(0, above=True)]
Share = Annotated[float, Range(0, 1)]
Dropout = Annotated[float, Range(0, 1, below=True)]
Probability = Annotated[float, Range(0, 1, above=True)]
Fraction = Annotated[float, Range(0, 1, above=True, below=True)]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Deprecated:
    """Marks an annotation of a field that has a successor.

    Args:
        message: what to use instead: "use warmup_epochs".
    """

    message: str


@dataclass(frozen=True, kw_only=True)
class Options:
    """Settings that a verb, a method and an exported function share.

    A subclass is a frozen dataclass. Each field is a flag of the command line,
    a key of the recipe and a keyword argument; the annotation says which values
    it takes, its default stands in this one place (`TranslateOptions.beam`),
    and its line under "Args:" is the help.

    Raises:
        InputError: a value does not fit the annotation of its field.
    """

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            try:
                value = convert(field.type, value)
            except InputError as error:
                raise InputError(f"{field.name} {error}") from None
            object.__setattr__(self, field.name, value)
            if (old := deprecated(field.type)) and value is not None:
                warnings.warn(
                    f"{field.name} goes in 0.3: {old}",
                    DeprecationWarning,
                    stacklevel=4,
                )


def flags(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The flags of a function, which are also the keys of its recipe table.

    They are its keyword-only parameters that have a default, and the fields of
    one that is annotated with `Options`. Each has an annotation: its own, or
    the type of its default.
    """
    result = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            continue
        if parameter.default is parameter.empty:
            continue
        if is_options(parameter.annotation):
            for field in dataclasses.fields(parameter.annotation):
                result[field.name] = inspect.Parameter(
                    field.name,
                    parameter.kind,
                    default=field.default,
                    annotation=field.type,
                )
            continue
        if parameter.annotation is parameter.empty:
            kind = type(parameter.default)
            parameter = parameter.replace(annotation=kind)
        result[name] = parameter
    return result


def options_of(function: Callable[..., Any]) -> dict[str, type[Options]]:
    """The parameters of a function that are annotated with `Options`."""
    parameters = inspect.signature(function).parameters
    return {
        name: parameter.annotation
        for name, parameter in parameters.items()
        if is_options(parameter.annotation)
    }


def is_options(kind: Any) -> bool:
    """Whether an annotation is a class of options."""
    return isinstance(kind, type) and issubclass(kind, Options)


def deprecated(kind: Any) -> str:
    """What an annotation says to use instead; "" if it is not deprecated."""
    mark = mark_of(kind, Deprecated)
    return mark.message if mark else ""


def checked(function: F) -> F:
    """Checks the keyword arguments of a function against its annotations.

    A parameter that is annotated with `Options` may be given as a whole, or
    field by field: `fit(..., options=FitOptions(epochs=3))`, or
    `fit(..., epochs=3)`.

    Raises:
        InputError: from the returned function: an argument does not fit, or
            an input file would be overwritten.
    """
    kinds = {name: p.annotation for name, p in flags(function).items()}
    options = options_of(function)
    defaults = inspect.signature(function).parameters

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
        for name, kind in options.items():
            fields = {field.name for field in dataclasses.fields(kind)}
            single = {key: values.pop(key) for key in fields & values.keys()}
            if single:
                whole = values.get(name, defaults[name].default)
                values[name] = dataclasses.replace(whole, **single)
        return function(*args, **values)

    return checking  # type: ignore[return-value]
