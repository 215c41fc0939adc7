"""Old names that still work, for one release, with a DeprecationWarning."""

import functools
import importlib
import importlib.abc
import importlib.machinery
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

MODULES = {  # module before 0.2: the module that took its place
    "seqapps.arguments": "seqapps.console.arguments",
    "seqapps.calls": "seqapps.export.calls",
    "seqapps.checkpoints": "seqapps.training.checkpoints",
    "seqapps.curve": "seqapps.training.curve",
    "seqapps.flags": "seqapps.cli.flags",
    "seqapps.interrupt": "seqapps.console.interrupt",
    "seqapps.manifest": "seqapps.export.manifest",
    "seqapps.mean_loss": "seqapps.training.mean_loss",
    "seqapps.operations": "seqapps.export.operations",
    "seqapps.paths": "seqapps.console.paths",
    "seqapps.program": "seqapps.cli.program",
    "seqapps.quantize": "seqapps.export.quantize",
    "seqapps.registration": "seqapps.lazy",
    "seqapps.runs": "seqapps.training.runs",
    "seqapps.signature": "seqapps.export.signature",
    "seqapps.strings": "seqapps.text.strings",
    "seqapps.terminal": "seqapps.console.terminal",
    "seqapps.textfile": "seqapps.text.textfile",
    "seqapps.train_step": "seqapps.training.train_step",
    "seqapps.layers.cell": "seqapps.layers.cells.cell",
    "seqapps.layers.coupled": "seqapps.layers.cells.coupled",
    "seqapps.layers.kernels": "seqapps.layers.cells.kernels",
    "seqapps.layers.layer_norm": "seqapps.layers.cells.layer_norm",
    "seqapps.layers.min_gru": "seqapps.layers.cells.min_gru",
    "seqapps.layers.noise": "seqapps.layers.cells.noise",
    "seqapps.layers.peephole": "seqapps.layers.cells.peephole",
    "seqapps.layers.projection": "seqapps.layers.cells.projection",
    "seqapps.layers.recurrence": "seqapps.layers.rnn",
    "seqapps.layers.recurrent_highway": (
        "seqapps.layers.cells.recurrent_highway"
    ),
    "seqapps.layers.ways": "seqapps.layers.walks.choice",
    "seqapps.layers.wrappers": "seqapps.layers.cells.wrappers",
    "seqapps.tasks.music.abc": "seqapps.tasks.music.notation.abc",
    "seqapps.tasks.music.bars": "seqapps.tasks.music.notation.bars",
    "seqapps.tasks.music.reader": "seqapps.tasks.music.importers.reader",
    "seqapps.tasks.music.render": "seqapps.tasks.music.rendering.tune_files",
    "seqapps.tasks.music.style": "seqapps.tasks.music.evaluation.style",
}
_CODECS = {  # modules that the runs of older releases name
    "seqapps.tasks.music.characters": "seqapps.tasks.music.codec.characters",
    "seqapps.tasks.music.notes": "seqapps.tasks.music.codec.notes",
    "seqapps.tasks.sentiment.codec": "seqapps.tasks.sentiment.codec.base",
    "seqapps.tasks.translation.codec": "seqapps.tasks.translation.codec.base",
}


def warn(old: str, new: str) -> None:
    """Warns the caller's caller that it uses an old name."""
    warnings.warn(
        f"{old} is now {new}; the old name goes in 0.3",
        DeprecationWarning,
        stacklevel=3,
    )


def arguments(**renamed: str) -> Callable[[F], F]:
    """Lets a function take arguments by their old names.

    Args:
        **renamed: the new name of each old one.
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for old, new in renamed.items():
                if old in kwargs:
                    name = function.__name__
                    warn(f"`{old}` of {name}", f"`{new}`")
                    kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]

    return decorate


def codec_module(name: str) -> str:
    """Returns the module that now has the codec that a run names."""
    return _CODECS.get(name, name)


def codec_module_before(name: str) -> str:
    """Returns the module that had that codec in release 0.1."""
    return {new: old for old, new in _CODECS.items()}.get(name, name)


class _Moved(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports a module by its old name."""

    def find_spec(
        self, name: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in MODULES:
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(
        self, spec: importlib.machinery.ModuleSpec
    ) -> types.ModuleType:
        new = MODULES[spec.name]
        warn(spec.name, new)
        return importlib.import_module(new)

    def exec_module(self, module: types.ModuleType) -> None:
        """Does nothing: the module has run under its new name."""


def install() -> None:
    """Lets old module names be imported."""
    if not any(type(finder) is _Moved for finder in sys.meta_path):
        sys.meta_path.append(_Moved())
