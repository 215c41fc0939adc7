"""The parts of a source text that a translator did not read."""

import unicodedata
from collections.abc import Sequence

from seqapps.tasks.translation.codec.normalization import compose

_WORD_START = "▁"
_CONTROL = {"Cc", "Cf", "Co", "Cs"}
_MAX_LETTERS = 20  # unknown letters that are returned


def find_unread(text: str, tokens: Sequence[str]) -> tuple[str, bool]:
    """Finds letters out of vocabulary, and whether the text was truncated.

    Args:
        text: the source text.
        tokens: the sub-words that were read: each stands for its own letters,
            "<unknown>" for one letter.

    Returns:
        The unknown letters, each once, in order of occurrence; and whether
        the end of the text was not read.

    Example:
        >>> find_unread("hola 你", ["▁ho", "la", "▁", "<unknown>", "<end>"])
        ('你', False)
    """
    letters, position = _letters(text), 0
    unknown: list[str] = []
    for token in tokens:
        if token in ("", "<end>"):
            break
        if token == "<unknown>":
            unknown += letters[position : position + 1]
            position += 1
        elif letters.startswith(token, position):
            position += len(token)
        else:  # the model normalises texts in another way than `_letters`
            return "", False
    unknown = [u for u in dict.fromkeys(unknown) if u != _WORD_START]
    return "".join(unknown[:_MAX_LETTERS]), position < len(letters)


def _letters(text: str) -> str:
    """The text as its sub-words spell it: "▁" before each word."""
    composed = ((c, unicodedata.category(c)) for c in compose(text))
    plain = "".join(
        " " if category[0] == "Z" or category in _CONTROL or c.isspace() else c
        for c, category in composed
    )
    words = plain.replace(_WORD_START, "_").split()
    return "".join(_WORD_START + word for word in words)
