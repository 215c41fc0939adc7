"""Flags of the command line, made of the signatures of functions."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import cyclopts
import docstring_parser

from seqapps.console import arguments, paths, terminal
from seqapps.console.paths import Named
from seqapps.errors import InputError


def command(
    task,
    run: Callable,
    tables: dict[str, Callable],
    about: Callable,
    verb: str,
    recipe: dict[str, dict],
) -> Callable:
    """One function with all flags of a verb, as cyclopts wants it.

    Args:
        task: the task.
        run: the verb: `run(task, *texts, **flags, **{table: {...}})`.
        tables: the functions whose flags it has, by table; "options" is the
            table that has the verb's name.
        about: has the help, and the texts that the verb takes.
        verb: its name.
        recipe: tables of values, which flags win over.
    """
    places, parameters = {}, []
    for parameter in inspect.signature(about).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            parameters.append(parameter)
    for table, function in {"": run, **tables}.items():
        section = verb if table == "options" else table
        given = recipe.get(section, {})
        for flag, parameter in _flags(function, table, given, task.name):
            name = f"{table}__{parameter.name}".lstrip("_")
            places[name] = flag
            parameters.append(parameter.replace(name=name))

    def call(*texts, **words):
        values = {"": {}} | {table: {} for table in tables}
        for name, flag in places.items():
            section = verb if flag.table == "options" else flag.table
            given = recipe.get(section, {})
            if name in words:
                values[flag.table][flag.key] = flag.convert(words[name])
            elif flag.key in given:
                values[flag.table][flag.key] = given[flag.key]
        paths.check(
            Named(flag.name, path, arguments.writes(flag.kind))
            for flag in places.values()
            if isinstance(path := flag.of(values), Path)
        )
        own = values.pop("")
        return run(task, *map(terminal.readable, texts), **own, **values)

    call.__signature__ = inspect.Signature(parameters)
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    call.__doc__ = inspect.getdoc(about).split("\n\nArgs:")[0]
    return call


class _Flag(NamedTuple):
    """A flag, and the argument that it is."""

    name: str  # "--model.units"
    table: str  # "model"; "options" of the verb, "" of the command line itself
    key: str  # "units"
    kind: object  # int
    default: object

    def convert(self, value):
        """A word as the argument has it."""
        try:
            return arguments.convert(self.kind, value)
        except InputError as error:
            raise InputError(f"{self.name} {error}") from None

    def of(self, values: dict[str, dict]):
        """Its value among those of all tables."""
        return values[self.table].get(self.key, self.default)


def _flags(
    function: Callable, table: str, recipe: dict, task: str
) -> Iterator[tuple[_Flag, inspect.Parameter]]:
    """Flags of a function, and their parameters for cyclopts, with help."""
    doc = docstring_parser.parse(inspect.getdoc(function) or "")
    about = {p.arg_name: p.description for p in doc.params}
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


def _reader(kind) -> Callable:
    """Reads a word; `arguments.convert` refuses what cannot be read."""

    def read(_, tokens):
        return arguments.parse(kind, tokens[0].value)

    return read
