"""Sentiment: from a text to a calibrated probability, and why."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.tasks.sentiment.command import classify as classify
    from seqapps.tasks.sentiment.data import load_data as load_data
    from seqapps.tasks.sentiment.decode import Classifier as Classifier
    from seqapps.tasks.sentiment.decode import (
        LengthClassifier as LengthClassifier,
    )
    from seqapps.tasks.sentiment.fitting.calibrated import fit as fit
    from seqapps.tasks.sentiment.metrics import score as score
    from seqapps.tasks.sentiment.model import build_model as build_model
    from seqapps.tasks.sentiment.task import TASK as TASK

_HOME = {
    "TASK": "task",
    "load_data": "data",
    "build_model": "model",
    "fit": "fitting.calibrated",
    "Classifier": "decode",
    "LengthClassifier": "decode",
    "score": "metrics",
    "classify": "command",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
