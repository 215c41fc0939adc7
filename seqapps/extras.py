"""Packages that a task needs and `pip install seqapps` leaves out.

They are imported where they are used. Where one is missing, the error is one
line that names the extra; which extra installs what is read from the metadata
of the installed package.
"""

import functools
import importlib.abc
import importlib.util
import inspect
import re
import sys
from importlib import metadata

from seqapps.errors import InputError

# modules that are called otherwise than what installs them
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "markdown_it": "markdown-it-py"}
_FOR_ALL = "all"
_APART = ("ray",)  # large, and named by what they install: not in "all"


class MissingExtra(ModuleNotFoundError, InputError):
    """A package is not installed; the message says which extra has it."""


def require(extra: str, *modules: str) -> None:
    """Checks that modules can be imported, before work begins.

    Args:
        extra: installs them: "music".
        *modules: names of top-level modules.

    Raises:
        MissingExtra: one of them is not installed.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise _error(module, extra)


def extra_of(module: str, importer: str) -> str | None:
    """Returns the extra that installs a module, or None.

    Args:
        module: a top-level module: "sklearn".
        importer: the module of ours that wants it. If several extras install
            it, the one called as a package of the importer is returned.
    """
    table = _table()
    distribution = _normal(_DISTRIBUTIONS.get(module, module))
    if distribution not in table.get(_FOR_ALL, ()):
        return next(
            (e for e in _APART if distribution in table.get(e, ())), None
        )
    parts = (part for part in importer.split(".") if part in table)
    return next((p for p in parts if distribution in table[p]), _FOR_ALL)


@functools.cache
def _table() -> dict[str, frozenset[str]]:
    """Which distributions each extra installs, by our own metadata."""
    try:
        lines = metadata.requires("seqapps") or []
    except metadata.PackageNotFoundError:  # a checkout, not installed
        return {}
    direct: dict[str, set[str]] = {}
    for line in lines:
        if marker := re.search(r"extra == ['\"]([\w-]+)['\"]", line):
            direct.setdefault(marker[1], set()).add(line.partition(";")[0])

    def names(extra: str) -> set[str]:
        distributions = set()
        for line in direct.get(extra, ()):
            if ours := re.match(r"seqapps\[([\w,-]+)\]", line):
                distributions |= set().union(*map(names, ours[1].split(",")))
            else:
                distributions.add(_normal(re.match(r"[\w.-]+", line)[0]))
        return distributions

    return {extra: frozenset(names(extra)) for extra in direct}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _error(module: str, extra: str) -> MissingExtra:
    who = "seqapps" if extra in (_FOR_ALL, *_APART) else extra
    name = _DISTRIBUTIONS.get(module, module)
    return MissingExtra(
        f'{who} needs {name}: pip install "seqapps[{extra}]"', name=module
    )


class _Missing(importlib.abc.MetaPathFinder):
    """Asked last, when no other finder has a module: says which extra has it.

    It answers imports by our own modules alone: other libraries look for
    optional packages, and go on without them.
    """

    def find_spec(self, name, path=None, target=None):
        if path is None and (importer := _importer()).startswith("seqapps."):
            if extra := extra_of(name, importer):
                raise _error(name, extra)
        return None


def _importer() -> str:
    """The module whose code imports what a finder is asked for."""
    frame, name = inspect.currentframe(), __name__
    while frame and (name.startswith("importlib") or name == __name__):
        name = frame.f_globals.get("__name__", "")
        frame = frame.f_back
    return name


def install() -> None:
    """Lets missing packages be answered with the extra that has them."""
    if not any(type(finder) is _Missing for finder in sys.meta_path):
        sys.meta_path.append(_Missing())
