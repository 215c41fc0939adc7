"""Sentiment: from a text to a calibrated probability, and why."""

import importlib

_HOME = {
    "TASK": "recipe",
    "load_data": "data",
    "build_model": "model",
    "fit": "tuning",
    "Classifier": "decode",
    "score": "metrics",
    "classify": "command",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOME[name]}")
    return getattr(module, name)
