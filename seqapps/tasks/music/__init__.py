"""Music: folk tunes composed by a recurrent network."""

import importlib

_HOME = {
    "TASK": "recipe",
    "load_data": "data",
    "build_model": "model",
    "Composer": "decode",
    "score": "metrics",
    "generate": "command",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOME[name]}")
    return getattr(module, name)
