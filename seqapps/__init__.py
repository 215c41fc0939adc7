"""Sequence models from first principles, for people who use Keras."""

import importlib
from typing import TYPE_CHECKING, Any

from seqapps import deprecated, extras, lazy

if TYPE_CHECKING:
    from seqapps import cli as cli
    from seqapps import decoding as decoding
    from seqapps import diagnostics as diagnostics
    from seqapps import export as export
    from seqapps import layers as layers
    from seqapps import testing as testing
    from seqapps import text as text
    from seqapps import training as training
    from seqapps.errors import InputError as InputError
    from seqapps.export import inspect as inspect
    from seqapps.export import load as load
    from seqapps.export import save as save
    from seqapps.task import Data as Data
    from seqapps.task import Task as Task

__version__ = "0.1.0"

# name: the module that has it; imported when first used (PEP 562), so that
# `--help` costs no TensorFlow
_HOME = {
    "InputError": "seqapps.errors",
    "Data": "seqapps.task",
    "Task": "seqapps.task",
    "save": "seqapps.export",
    "load": "seqapps.export",
    "inspect": "seqapps.export",
}
_MODULES = {
    "cli",
    "decoding",
    "diagnostics",
    "export",
    "layers",
    "testing",
    "text",
    "training",
}
__all__ = ["__version__", *_HOME, *_MODULES]
deprecated.install()
extras.install()
lazy.register("seqapps.layers.all", "seqapps.training.train_step")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"seqapps.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'seqapps' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
