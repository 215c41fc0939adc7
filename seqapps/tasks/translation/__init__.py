"""Translation: from a sentence to another language, and where it looked."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.tasks.translation.command import translate as translate
    from seqapps.tasks.translation.data import load_data as load_data
    from seqapps.tasks.translation.decode import Translator as Translator
    from seqapps.tasks.translation.metrics import score as score
    from seqapps.tasks.translation.model import build_model as build_model
    from seqapps.tasks.translation.task import TASK as TASK

_HOME = {
    "TASK": "task",
    "load_data": "data",
    "build_model": "model",
    "Translator": "decode",
    "score": "metrics",
    "translate": "command",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
