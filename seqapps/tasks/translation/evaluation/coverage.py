"""What a translator did not read of a text, by what it says that it read."""

import unicodedata
from collections.abc import Sequence

from seqapps.tasks.translation.codec.limits import clean

_BLANK = "▁"  # begins a word
_CONTROL = {"Cc", "Cf", "Co", "Cs"}
_SHOWN = 20  # letters that are named


def unread(text: str, tokens: Sequence[str]) -> tuple[str, bool]:
    """Letters that a vocabulary lacks, and whether the end was cut off.

    Args:
        text: what was to be translated.
        tokens: the sub-words that were read of it: each stands for its own
            letters, and "<unknown>" for one.

    Returns:
        The letters, each once, in their order; and whether sub-words are
        missing behind.

    Example:
        >>> unread("hola 你", ["▁ho", "la", "▁", "<unknown>", "<end>"])
        ('你', False)
    """
    letters, place, lacking = _letters(text), 0, []
    for token in tokens:
        if token in ("", "<end>"):
            break
        if token == "<unknown>":
            lacking += letters[place : place + 1]
            place += 1
        elif letters.startswith(token, place):
            place += len(token)
        else:  # cut in another way than here
            return "", False
    lacking = [letter for letter in dict.fromkeys(lacking) if letter != _BLANK]
    return "".join(lacking[:_SHOWN]), place < len(letters)


def _letters(text: str) -> str:
    """A text as sub-words make it up: words with a blank sign before each."""
    plain = "".join(
        " " if c[0] == "Z" or c in _CONTROL or letter.isspace() else letter
        for letter, c in ((a, unicodedata.category(a)) for a in clean(text))
    )
    words = plain.replace(_BLANK, "_").split()
    return "".join(_BLANK + word for word in words)
