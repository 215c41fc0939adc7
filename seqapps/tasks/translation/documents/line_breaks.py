"""Lines of about the same length, and shares of a text."""

import re
import textwrap
from collections.abc import Sequence

_WORD = re.compile(r"\S+")
_MARKS = ".,;:!?…"
_NEAR = 12  # characters from where a text should be cut


def fill(text: str, width: int) -> list[str]:
    """Breaks a text into lines of at most `width` characters."""
    lines = textwrap.wrap(
        text, width, break_long_words=False, break_on_hyphens=False
    )
    return lines or [""]


def balance(text: str, count: int, width: int) -> list[str]:
    """Breaks a text into `count` lines of like length.

    More, if one were longer than `width`; fewer, if there are not as many
    words.
    """
    count = max(count, len(fill(text, width)), 1)
    limit = max(1, -(-len(text) // count))
    while len(lines := fill(text, limit)) > count:
        limit += 1
    return lines


def share(text: str, sizes: Sequence[int]) -> list[str]:
    """Cuts a text between words into parts as large as sizes in proportion.

    It is rather cut after a mark that stands near; a part is empty only if
    there are fewer words than parts.
    """
    words = [match.span() for match in _WORD.finditer(text)]
    total = sum(sizes) or 1
    cuts, done, taken = [0], 0, 0
    for k, size in enumerate(sizes[:-1]):
        done += size
        wanted = done / total * len(text)
        rest = len(sizes) - 1 - k
        choices = range(taken + 1, len(words) - rest + 1)

        def cost(word: int, wanted: float = wanted) -> float:
            end = words[word - 1][1]
            marked = text[end - 1] in _MARKS
            return abs(end - wanted) - _NEAR * marked

        taken = min(choices, key=cost, default=min(taken + 1, len(words)))
        cuts.append(words[taken - 1][1] if taken else 0)
    cuts.append(len(text))
    return [text[a:b].strip() for a, b in zip(cuts, cuts[1:], strict=False)]
