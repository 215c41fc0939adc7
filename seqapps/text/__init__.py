"""Texts: vocabularies in the graph, and files as users have them."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.text.vocabulary import END as END
    from seqapps.text.vocabulary import PAD as PAD
    from seqapps.text.vocabulary import UNKNOWN as UNKNOWN
    from seqapps.text.vocabulary import Numbering as Numbering
    from seqapps.text.vocabulary import Vocabulary as Vocabulary
    from seqapps.text.vocabulary import is_before_end as is_before_end
    from seqapps.text.vocabulary import lookup_table as lookup_table

_HOME = {
    "Vocabulary": "vocabulary",
    "Numbering": "vocabulary",
    "lookup_table": "vocabulary",
    "is_before_end": "vocabulary",
    "PAD": "vocabulary",
    "END": "vocabulary",
    "UNKNOWN": "vocabulary",
}
_RENAMED = {"table": "lookup_table", "visible": "is_before_end"}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME, _RENAMED)


def __dir__() -> list[str]:
    return sorted(__all__)
