"""Clean, sort and batch texts before the graph reads them."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from seqapps import devices
from seqapps.errors import InputError

T = TypeVar("T")
_MAX_CALLS = 4  # at once
# where spreadsheets see a formula; the last four are full-width
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?")


def batches_by_length(texts: Sequence[str], size: int) -> list[list[int]]:
    """Groups the indices of texts of similar length in batches of `size`."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    return [order[i : i + size] for i in range(0, len(order), size)]


def map_concurrently(
    call: Callable[[list[int]], T], batches: Sequence[list[int]]
) -> Iterator[tuple[list[int], T]]:
    """Yields each batch and the result of `call`, in order.

    As many calls run at once as there are cores, up to four: the steps of a
    decoder are too small for one call to keep more than one core busy.
    """
    pool = ThreadPoolExecutor(min(devices.cores(), _MAX_CALLS))
    try:
        yield from zip(batches, pool.map(call, batches), strict=True)
    finally:
        # do not wait for running calls: one may take half a minute
        pool.shutdown(wait=False, cancel_futures=True)


def to_valid_utf8(text: str) -> str:
    """Replaces what is not UTF-8, such as undecoded bytes of an argument."""
    return text.encode("utf-8", "replace").decode()


def escape_formula(cell: str) -> str:
    """Escapes a cell that a spreadsheet would run as a formula.

    An apostrophe is put before it; a number stays as it is.

    Example:
        >>> escape_formula("=1+1"), escape_formula("-5"), escape_formula("fine")
        ("'=1+1", '-5', 'fine')
    """
    if not cell.startswith(_FORMULA) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


def parse_separator(word: str, flag: str) -> str:
    r"""Parses the separator of columns: a character, or "tab".

    Raises:
        InputError: the word is neither; the message names the flag.

    Example:
        >>> parse_separator("tab", "--separator")
        '\t'
    """
    character = {"\\t": "\t", "tab": "\t"}.get(word, word)
    if len(character) != 1 or character in '"\r\n\0':
        raise InputError(f"{flag} is one character, or tab, not {word!r}")
    return character


def shorten(text: str, most: int) -> str:
    """Cuts a text to `most` characters: its beginning and its end."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} {text[-(most // 2 - 1) :]}"


def without_accents(text: str) -> str:
    """A text without the marks of its letters, decomposed (NFD)."""
    letters = unicodedata.normalize("NFD", text)
    return "".join(c for c in letters if not unicodedata.combining(c))
