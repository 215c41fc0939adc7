"""Sequence models from first principles, for people who use Keras."""

import importlib

from seqapps import registration

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
_MODULES = {"cli", "export", "layers", "train_step", "training"}
__all__ = ["__version__", *_HOME, *_MODULES]
registration.register("seqapps.layers.all", "seqapps.train_step")


def __getattr__(name: str):
    if name in _MODULES:
        return importlib.import_module(f"seqapps.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'seqapps' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
