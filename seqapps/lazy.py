"""Imports public names when first used; registers classes with Keras.

Keras loads a file only if the classes in it are registered, which happens when
their modules are imported. These need Keras, which `import seqapps` does not
import: so they are imported as soon as Keras is.
"""

import importlib
import importlib.abc
import importlib.machinery
import inspect
import sys
from collections.abc import Callable
from typing import Any

from seqapps import deprecated

_IMPORTLIB = "importlib._bootstrap"
_waiting: list[str] = []
_running: set[str] = set()  # modules whose import has begun and not ended


def register(*modules: str) -> None:
    """Imports modules now if Keras is imported, else as soon as it is.

    Args:
        *modules: names of modules that register their classes.
    """
    _waiting.extend(modules)
    flush()
    if _waiting and not any(isinstance(f, _AfterKeras) for f in sys.meta_path):
        sys.meta_path.insert(0, _AfterKeras())


def flush() -> None:
    """Imports waiting modules, unless Keras or one of ours is not ready."""
    if not _waiting or "keras" not in sys.modules or _running:
        return
    while _waiting:
        module = _waiting.pop(0)
        if (
            module != "seqapps.training.train_step"
            or "tensorflow" in sys.modules
        ):
            importlib.import_module(module)


class _AfterKeras(importlib.abc.MetaPathFinder):
    """Calls `flush` after Keras or one of our modules was imported.

    A module of ours that imports Keras is not ready before its end; only then
    classes can be registered.
    """

    def find_spec(
        self, name: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != "keras" and not name.startswith("seqapps."):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                _running.add(name)
                try:
                    run(module)
                finally:
                    _running.discard(name)
                flush()
                if not _waiting and self in sys.meta_path:
                    sys.meta_path.remove(self)

            spec.loader.exec_module = exec_module  # type: ignore
        return spec


def getter(
    package: str, home: dict[str, str], renamed: dict[str, str] | None = None
) -> Callable[[str], Any]:
    """Makes the `__getattr__` of a package, so `--help` costs no TensorFlow.

    Args:
        package: its `__name__`.
        home: of each public name, the package's module that has it.
        renamed: the new name of each deprecated one; it may still have a home.
    """
    renamed = renamed or {}

    def get(name: str) -> Any:
        if name in renamed:
            new = renamed[name]
            # `from package import name` asks twice, first by importlib
            frame = inspect.currentframe()
            caller = frame.f_back if frame else None
            if not (caller and caller.f_globals.get("__name__") == _IMPORTLIB):
                deprecated.warn(f"{package}.{name}", f"{package}.{new}")
            name = name if name in home else new
        if name not in home:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}"
            )
        module = importlib.import_module(f"{package}.{home[name]}")
        flush()
        return getattr(module, name)

    return get
