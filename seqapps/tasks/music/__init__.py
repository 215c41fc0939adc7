"""Music: folk tunes composed by a recurrent network."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.tasks.music.command import generate as generate
    from seqapps.tasks.music.data import load_data as load_data
    from seqapps.tasks.music.decode import Composer as Composer
    from seqapps.tasks.music.metrics import score as score
    from seqapps.tasks.music.model import build_model as build_model
    from seqapps.tasks.music.task import TASK as TASK

_HOME = {
    "TASK": "task",
    "load_data": "data",
    "build_model": "model",
    "Composer": "decode",
    "score": "metrics",
    "generate": "command",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
