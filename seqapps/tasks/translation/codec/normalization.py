"""How source texts are normalised before they are encoded."""

import unicodedata

from seqapps.text import strings

MAX_CHARACTERS = 2000  # of a source text; the rest is not read


def compose(text: str) -> str:
    """Composes a text to Unicode NFC, as valid UTF-8.

    TensorFlow cannot compose, so this is done outside of the graph.
    """
    return strings.to_valid_utf8(unicodedata.normalize("NFC", text))
