"""Public names that are imported when they are first used (PEP 562)."""

import importlib
from collections.abc import Callable

from seqapps import registration


def getter(package: str, home: dict[str, str]) -> Callable:
    """The `__getattr__` of a package, so that `--help` costs no TensorFlow.

    Args:
        package: its `__name__`.
        home: of each public name, the package's module that has it.
    """

    def get(name: str):
        if name not in home:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}"
            )
        module = importlib.import_module(f"{package}.{home[name]}")
        registration.flush()
        return getattr(module, name)

    return get
