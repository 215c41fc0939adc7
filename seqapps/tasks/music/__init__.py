"""Music: folk tunes composed by a recurrent network."""

from seqapps import lazy

_HOME = {
    "TASK": "recipe",
    "load_data": "data",
    "build_model": "model",
    "Composer": "decode",
    "score": "metrics",
    "generate": "command",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)
