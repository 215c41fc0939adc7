"""Chorale: four voices in Bach's manner, written by a recurrent network."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.tasks.chorale.command import harmonise as harmonise
    from seqapps.tasks.chorale.data import load_data as load_data
    from seqapps.tasks.chorale.decode import Harmoniser as Harmoniser
    from seqapps.tasks.chorale.metrics import score as score
    from seqapps.tasks.chorale.model import build_model as build_model
    from seqapps.tasks.chorale.task import TASK as TASK

_HOME = {
    "TASK": "task",
    "load_data": "data",
    "build_model": "model",
    "Harmoniser": "decode",
    "score": "metrics",
    "harmonise": "command",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
