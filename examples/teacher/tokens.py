"""Words of a text, as the treebank splits them: "isn't" is "is n't"."""

import html
import re
import unicodedata

_QUOTES = str.maketrans("‘’´`“”–—", "''''\"\"--")
_JOINED = (
    {  # written without the apostrophe, and no word of their own
        word: f"{word[:-2]} n't"
        for word in (
            "arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt "
            "mustnt shouldnt wasnt werent wouldnt"
        ).split()
    }
    | {"cannot": "can not", "wont": "wo n't", "aint": "ai n't"}
)
_TOKEN = re.compile(
    r"[:;=][-o^']?[)(\]\[dpo/|3](?![a-z0-9])|<3|[a-z0-9]+(?=n't\b)|n't\b"
    r"|'(?:s|re|ve|ll|d|m)\b|[a-z0-9]+|[^\W\d_]+|[^\w\s]"
)


def words(text: str) -> list[str]:
    """Splits a text into lower-case words and marks."""
    text = re.sub(r"<[^<>]{1,40}>", " ", html.unescape(text))
    text = unicodedata.normalize("NFKD", text.translate(_QUOTES))
    text = "".join(
        c for c in text if unicodedata.category(c) not in ("Mn", "Cf", "Me")
    ).lower()
    text = re.sub(r"(.)\1{2,}", r"\1\1", text)  # "sooooo" is "soo"
    tokens = []
    for token in _TOKEN.findall(text):
        tokens.extend(_JOINED.get(token, token).split())
    return tokens


def sentences(text: str) -> list[str]:
    """Splits a text into sentences."""
    parts = re.split(r"(?<=[.!?])[\"')]*\s+|(?:\s*<br\s*/?>\s*)+", text)
    return [part for part in parts if part.strip()]
