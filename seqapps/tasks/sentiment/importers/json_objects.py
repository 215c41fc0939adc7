"""JSON objects with their original text and their duplicate keys."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqapps.errors import InputError
from seqapps.text import textfile

_MAX_DIGITS = 4000  # an integer with more is kept as a string
_BLANKS = re.compile(r"\s*")


class Object(dict[str, Any]):
    """A JSON object that remembers its duplicate keys.

    Attributes:
        duplicates: the keys that occur more than once.
    """

    def __init__(self, pairs: list[tuple[str, Any]]):
        super().__init__(pairs)
        self.duplicates: set[str] = set()
        if len(self) < len(pairs):
            names = [name for name, _ in pairs]
            self.duplicates = {name for name in self if names.count(name) > 1}


def _parse_integer(digits: str) -> int | str:
    """Parses an integer; one of thousands of digits stays a string."""
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


_DECODER = json.JSONDecoder(parse_int=_parse_integer, object_pairs_hook=Object)


def parse(where: str, text: str) -> Object:
    """Parses one object.

    Args:
        where: the row, for messages.
        text: nothing but the object.

    Raises:
        InputError: it is not a JSON object.
    """
    return _parse(where, text, None)[0]


def is_array(path: Path, encoding: str) -> bool:
    """Whether a file begins with "["."""
    for line in textfile.read_lines(path, encoding, any_end=True):
        if line.strip():
            return line.lstrip().startswith("[")
    return False


def read_array(path: Path, encoding: str) -> Iterator[tuple[int, Object, str]]:
    """Yields the objects of an array: number from 1, object, original text.

    Raises:
        InputError: an element is not an object, or the array is malformed.
    """
    text = textfile.read_text(path, encoding)

    def skip_blanks(offset: int) -> int:
        return _BLANKS.match(text, offset).end()  # type: ignore[union-attr]

    offset, number = skip_blanks(skip_blanks(0) + 1), 0
    while text[offset : offset + 1] != "]" or number:
        number += 1
        where = f"{path} row {number}"
        values, end = _parse(where, text, offset)
        yield number, values, _in_one_line(text[offset:end])
        offset = skip_blanks(end)
        if text[offset : offset + 1] == "]":
            break
        if text[offset : offset + 1] != ",":
            raise InputError(f"{where}: a comma or ] must follow the object")
        offset = skip_blanks(offset + 1)
    if text[skip_blanks(offset + 1) :]:
        raise InputError(f"{path}: there is more after the end of the array")


def _parse(where: str, text: str, start: int | None) -> tuple[Object, int]:
    """Parses an object; returns it and the offset of its end."""
    end = len(text)
    try:
        if start is None:
            values = _DECODER.decode(text)
        else:
            values, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        column = f"column {error.colno}"
        raise InputError(
            f"{where} is no JSON object: {error.msg}, {column}"
        ) from None
    except RecursionError:
        raise InputError(f"{where}: JSON is nested too deep") from None
    if not isinstance(values, Object):
        raise InputError(f"{where} is no JSON object")
    return values, end


def _in_one_line(raw: str) -> str:
    """Replaces the line breaks of JSON, of which none is within a string."""
    return raw.replace("\r", " ").replace("\n", " ")
