"""Texts as users give them, before the graph reads them."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from seqapps import devices
from seqapps.errors import InputError

_MOST = 4  # calls at once
# as spreadsheets have them; the last four are full-width
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?")


def by_length(texts: Sequence[str], size: int) -> list[list[int]]:
    """Numbers of texts of like length, as many as `size` together."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    return [order[i : i + size] for i in range(0, len(order), size)]


def together(
    call: Callable, batches: Sequence[list[int]]
) -> Iterator[tuple[list[int], dict]]:
    """Yields each batch and what `call` makes of it, in their order.

    As many calls run at once as there are cores, up to four: the steps of a
    decoder are too small for one call to keep more than one core busy.
    """
    pool = ThreadPoolExecutor(min(devices.cores(), _MOST))
    try:
        yield from zip(batches, pool.map(call, batches), strict=True)
    finally:
        # calls that run are not waited for: one may take half a minute
        pool.shutdown(wait=False, cancel_futures=True)


def clean(text: str) -> str:
    """A text that is UTF-8: an argument may have bytes that are not."""
    return text.encode("utf-8", "replace").decode()


def inert(cell: str) -> str:
    """A cell that a spreadsheet shows and does not run.

    An apostrophe is put before what may begin a formula; a number stays.

    Example:
        >>> inert("=1+1"), inert("-5"), inert("fine")
        ("'=1+1", '-5', 'fine')
    """
    if not cell.startswith(_FORMULA) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


def separator(word: str, flag: str) -> str:
    r"""What stands between columns: a character, or a tab in words.

    Raises:
        InputError: it cannot be one; the message names the flag.

    Example:
        >>> separator("tab", "--separator"), separator(";", "--separator")
        ('\t', ';')
    """
    one = {"\\t": "\t", "tab": "\t"}.get(word, word)
    if len(one) != 1 or one in '"\r\n\0':
        raise InputError(f"{flag} is one character, or tab, not {word!r}")
    return one


def shorter(text: str, most: int) -> str:
    """A text of at most so many characters: its beginning and its end."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} {text[-(most // 2 - 1) :]}"
