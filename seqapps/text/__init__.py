"""Texts: vocabularies in the graph, and files as users have them."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.text.vocabulary import END as END
    from seqapps.text.vocabulary import PAD as PAD
    from seqapps.text.vocabulary import UNKNOWN as UNKNOWN
    from seqapps.text.vocabulary import Vocabulary as Vocabulary
    from seqapps.text.vocabulary import table as table
    from seqapps.text.vocabulary import visible as visible

_HOME = {
    "Vocabulary": "vocabulary",
    "table": "vocabulary",
    "visible": "vocabulary",
    "PAD": "vocabulary",
    "END": "vocabulary",
    "UNKNOWN": "vocabulary",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
