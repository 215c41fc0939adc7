"""Makes flags of the command line from the signatures of functions."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import cyclopts
import docstring_parser

from seqapps.console import arguments, paths, terminal
from seqapps.console.paths import Named
from seqapps.errors import InputError
from seqapps.task import Task


def command(
    task: Task,
    run: Callable[..., Any],
    tables: dict[str, Callable[..., Any]],
    documented: Callable[..., Any],
    verb: str,
    recipe: dict[str, dict[str, Any]],
) -> Callable[..., Any]:
    """Makes one function with all flags of a verb, as cyclopts takes it.

    Args:
        task: the task.
        run: the verb: `run(task, *texts, **flags, **{table: {...}})`.
        tables: the functions whose parameters are its flags, by table; the
            table "options" has the verb's name in recipes.
        documented: the function with the help, and with the texts that the
            verb takes.
        verb: the name of the verb.
        recipe: default values by table; flags override them.
    """
    flags: dict[str, _Flag] = {}
    parameters = []
    for parameter in inspect.signature(documented).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            parameters.append(parameter)
    for table, function in {"": run, **tables}.items():
        section = verb if table == "options" else table
        defaults = recipe.get(section, {})
        for flag, parameter in _flags(function, table, defaults, task.name):
            name = f"{table}__{parameter.name}".lstrip("_")
            flags[name] = flag
            parameters.append(parameter.replace(name=name))

    def call(*texts: str, **words: Any) -> Any:
        values: dict[str, dict[str, Any]] = {table: {} for table in tables}
        values[""] = {}
        for name, flag in flags.items():
            section = verb if flag.table == "options" else flag.table
            defaults = recipe.get(section, {})
            if name in words:
                values[flag.table][flag.key] = flag.convert(words[name])
            elif flag.key in defaults:
                values[flag.table][flag.key] = defaults[flag.key]
        paths.check(
            Named(flag.name, path, arguments.writes(flag.kind))
            for flag in flags.values()
            if isinstance(path := flag.of(values), Path)
        )
        own = values.pop("")
        return run(task, *map(terminal.readable, texts), **own, **values)

    signature = inspect.Signature(parameters)
    call.__signature__ = signature  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    call.__doc__ = (inspect.getdoc(documented) or "").split("\n\nArgs:")[0]
    return call


class _Flag(NamedTuple):
    """A flag, and the argument that it sets."""

    name: str  # "--model.units"
    table: str  # "model"; "options" of the verb, "" of the command line itself
    key: str  # "units"
    kind: object  # int
    default: object

    def convert(self, value: Any) -> Any:
        """Converts a value to the type of the argument."""
        try:
            return arguments.convert(self.kind, value)
        except InputError as error:
            raise InputError(f"{self.name} {error}") from None

    def of(self, values: dict[str, dict[str, Any]]) -> Any:
        """Returns its value among those of all tables."""
        return values[self.table].get(self.key, self.default)


def _flags(
    function: Callable[..., Any],
    table: str,
    recipe: dict[str, Any],
    task: str,
) -> Iterator[tuple[_Flag, inspect.Parameter]]:
    """Yields a function's flags and their parameters for cyclopts."""
    about: dict[str, str | None] = {}
    for documented in _documented(function):
        doc = docstring_parser.parse(inspect.getdoc(documented) or "")
        about |= {p.arg_name: p.description for p in doc.params}
    about.setdefault(
        "from_", f"A saved model or a run. Default: what ships of {task}."
    )
    about.setdefault(
        "trust",
        "Load a saved model that may touch files, processes or Python.",
    )
    about.setdefault(
        "config", f"Recipe with defaults of these flags: tasks/{task}.toml ..."
    )
    kinds = {"from_": Path | None, "config": Path | None}
    prefix = "" if table in ("", "options") else f"{table}."
    for name, parameter in arguments.flags(function).items():
        kind = kinds.get(name, parameter.annotation)
        word = f"--{prefix}{name.strip('_').replace('_', '-')}"
        shown = cyclopts.Parameter(
            name=word,
            help=" ".join((about.get(name) or "").split()),
            group=table.capitalize() if prefix else "Flags",
            show=not arguments.deprecated(kind),
        )
        if arguments.is_scalar(kind):
            shown = cyclopts.Parameter.combine(
                shown, cyclopts.Parameter(converter=_reader(kind))
            )
        flag = _Flag(word, table, name, kind, parameter.default)
        yield (
            flag,
            parameter.replace(
                annotation=Annotated[kind, shown],
                default=recipe.get(name, parameter.default),
            ),
        )


def _documented(function: Callable[..., Any]) -> Iterator[object]:
    """Yields what documents a function's flags: options, then itself."""
    for options in arguments.options_of(function).values():
        yield from reversed(options.__mro__[:-1])
    yield function


def _reader(kind: Any) -> Callable[..., Any]:
    """Makes a reader of words; `arguments.convert` refuses wrong ones."""

    def read(_: Any, tokens: Any) -> Any:
        return arguments.parse(kind, tokens[0].value)

    return read
