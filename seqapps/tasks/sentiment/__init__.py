"""Sentiment: from a text to a calibrated probability, and why."""

from seqapps import lazy

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
__getattr__ = lazy.getter(__name__, _HOME)
