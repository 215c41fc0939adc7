"""Texts as users give them, before the graph reads them."""

from collections.abc import Sequence


def by_length(texts: Sequence[str], size: int) -> list[list[int]]:
    """Numbers of texts of like length, as many as `size` together."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    return [order[i : i + size] for i in range(0, len(order), size)]


def clean(text: str) -> str:
    """A text that is UTF-8: an argument may have bytes that are not."""
    return text.encode("utf-8", "replace").decode()
