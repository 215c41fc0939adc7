"""How much of a text is read, and in which form of Unicode."""

import unicodedata

from seqapps.text import strings

LETTERS = 2000  # of a text that are read
WIDEST = 100  # hypotheses that a beam may have


def clean(text: str) -> str:
    """A text in Unicode's composed form (NFC), and valid UTF-8.

    TensorFlow cannot compose, so this is done outside of the graph.
    """
    return strings.to_valid_utf8(unicodedata.normalize("NFC", text))
