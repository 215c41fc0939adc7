"""Reads files of ABC in any encoding, and splits them into tunes."""

import codecs
from itertools import islice
from pathlib import Path

from seqapps.tasks.music.notation.tunebook import split_tunes
from seqapps.tasks.music.notation.unusable import Unusable

MAX_BYTES = 32 << 20  # of a file
MAX_TUNES = 100_000  # of a file


def read_abc(path: Path) -> list[str]:
    """Returns the text of each tune in a file.

    Raises:
        Unusable: it cannot be opened, is no text, or too large.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unusable(f"larger than {MAX_BYTES >> 20} MB")
        data = path.read_bytes()
    except OSError as error:
        raise Unusable("cannot be opened") from error
    return split_text(_decode(data))


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data.decode("utf-32", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise Unusable("not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def split_text(text: str) -> list[str]:
    """Splits a text into tunes; without an `X:` it is one tune.

    Raises:
        Unusable: it is empty, or has too many tunes.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Unusable("empty")
    tunes = list(islice(split_tunes(text), MAX_TUNES + 1)) or [text]
    if len(tunes) > MAX_TUNES:
        raise Unusable(f"more than {MAX_TUNES:,} tunes")
    return tunes
