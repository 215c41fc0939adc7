"""Texts that cannot be translated, made of those that can."""

import random
import string
from collections.abc import Callable, Sequence


def letters(text: str, draw: random.Random) -> str:
    """Random letters, in words as long as those of a text."""
    return " ".join(
        "".join(draw.choices(string.ascii_lowercase, k=len(word)))
        for word in text.split()
    )


def shuffled(text: str, draw: random.Random) -> str:
    """A text whose words have their letters in another order."""
    return " ".join(
        "".join(draw.sample(word, len(word))) for word in text.split()
    )


def repeated(text: str, draw: random.Random) -> str:
    """One or two words of a text, over and over."""
    words = text.split()
    some = draw.sample(words, min(draw.choice((1, 1, 2)), len(words)))
    return " ".join(some * draw.randrange(3, 12))


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "letters": letters,
    "shuffled": shuffled,
    "repeated": repeated,
}


def make(texts: Sequence[str], count: int, seed: int) -> dict[str, list[str]]:
    """Makes `count` texts of each kind.

    Args:
        texts: of the source language.
        count: of each kind.
        seed: of what is drawn.
    """
    draw = random.Random(seed)
    return {
        name: [change(draw.choice(texts), draw) for _ in range(count)]
        for name, change in KINDS.items()
    }
