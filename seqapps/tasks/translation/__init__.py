"""Translation: from a sentence to another language, and where it looked."""

from seqapps import lazy

_HOME = {
    "TASK": "recipe",
    "load_data": "data",
    "build_model": "model",
    "Translator": "decode",
    "score": "metrics",
    "translate": "command",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)
