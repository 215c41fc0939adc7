"""Public names imported when first used; classes registered with Keras.

Keras loads a file only if the classes in it are registered, and ours are when
their modules are imported. These need Keras, which `import seqapps` does not
import: so they are imported when Keras has been.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable

from seqapps import deprecated

_waiting: list[str] = []


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
    """Imports what waits, unless Keras or a module of ours is not ready."""
    if not _waiting or "keras" not in sys.modules:
        return
    ours = [m for name, m in sys.modules.items() if name[:8] == "seqapps."]
    if any(_begun(module) for module in [*ours, sys.modules.get("keras")]):
        return
    while _waiting:
        module = _waiting.pop(0)
        if (
            module != "seqapps.training.train_step"
            or "tensorflow" in sys.modules
        ):
            importlib.import_module(module)


def _begun(module) -> bool:
    return getattr(getattr(module, "__spec__", None), "_initializing", False)


class _AfterKeras(importlib.abc.MetaPathFinder):
    """Finds modules as others do, and calls `flush` when they are imported.

    These are Keras and our own: a module of ours that imports Keras is not
    ready while it does, and classes are registered at its end.
    """

    def find_spec(self, name, path=None, target=None):
        if name != "keras" and not name.startswith("seqapps."):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                module.__spec__._initializing = False
                flush()
                if not _waiting and self in sys.meta_path:
                    sys.meta_path.remove(self)

            spec.loader.exec_module = exec_module
        return spec


def getter(
    package: str, home: dict[str, str], renamed: dict[str, str] | None = None
) -> Callable:
    """Makes the `__getattr__` of a package, so `--help` costs no TensorFlow.

    Args:
        package: its `__name__`.
        home: of each public name, the package's module that has it.
        renamed: the new name of each deprecated one.
    """

    def get(name: str):
        if renamed and name in renamed:
            new = renamed[name]
            deprecated.warn(f"{package}.{name}", f"{package}.{new}")
            name = new
        if name not in home:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}"
            )
        module = importlib.import_module(f"{package}.{home[name]}")
        flush()
        return getattr(module, name)

    return get
