"""Rows of the user's tables: CSV, TSV, JSON lines and JSON arrays."""

import csv
import difflib
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqapps.errors import InputError
from seqapps.text import strings, textfile

SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
_MAX_DIGITS = 4000  # an integer with more is kept as a string
_MAX_LISTED = 20  # columns that a message lists
_MAX_COLUMNS = 10_000
_BLANKS = re.compile(r"\s*")


@dataclass(frozen=True)
class Record:
    """A row of a table.

    Args:
        number: the line, from 1; the last line of a row that spans several;
            in a JSON array, the index of the object.
        values: the cell of each column.
        raw: the original text of a JSON row, else "".
    """

    number: int
    values: dict[str, Any]
    raw: str = ""

    @property
    def size(self) -> int:
        """The approximate number of characters."""
        cells = (v for v in self.values.values() if isinstance(v, str))
        return len(self.raw) + sum(map(len, cells))


def is_table(path: Path, separator: str = "") -> bool:
    """Whether a file has columns; otherwise each line is a text."""
    suffixes = (*SEPARATORS, *JSON_SUFFIXES)
    return bool(separator) or textfile.suffix(path) in suffixes


def delimiter(path: Path, separator: str = "") -> str:
    """The separator between the columns of a file.

    Raises:
        InputError: the separator is invalid, or the file is JSON.
    """
    ending = textfile.suffix(path)
    if not separator:
        return SEPARATORS.get(ending, ",")
    if ending in JSON_SUFFIXES:
        raise InputError(f"{path} is JSON: --separator is of .csv and .tsv")
    return strings.separator(separator, "--separator")


def read_records(
    path: Path,
    columns: tuple[str, ...],
    encoding: str = "",
    separator: str = "",
) -> Iterator[Record]:
    """Reads the rows of a table lazily.

    Args:
        path: a .csv, .tsv, .jsonl or .json (an array of objects, or an object
            per line); a file with another ending is read as CSV.
        columns: names that every row must have.
        encoding: see `textfile.decoded`.
        separator: between columns. Default: a tab in .tsv, else a comma.

    Raises:
        InputError: the file cannot be decoded, a column is missing, a row has
            too few or too many fields, or a row is not a JSON object.
    """
    column_separator = delimiter(path, separator)
    if not path.is_dir() and path.exists() and not path.stat().st_size:
        raise InputError(f"{path} is empty")
    ending = textfile.suffix(path)
    if ending not in JSON_SUFFIXES:
        yield from _read_csv(path, columns, encoding, column_separator)
    elif ending == ".json" and _is_array(path, encoding):
        yield from _read_array(path, columns, encoding)
    else:
        for number, line in enumerate(textfile.lines(path, encoding, True), 1):
            if line.strip():
                raw = line.strip("\r\n")
                where = f"{path} row {number}"
                yield Record(number, _parse_object(where, raw, columns)[0], raw)


def _read_csv(
    path: Path, columns: tuple[str, ...], encoding: str, delimiter: str
) -> Iterator[Record]:
    csv.field_size_limit(textfile.LONGEST)
    lines = textfile.lines(path, encoding, any_end=True)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    header, start = None, 1
    try:
        for row in rows:
            if header is None:
                header = row
                _check_header(path, columns, header, delimiter)
            elif row:  # empty lines are skipped
                if len(row) != len(header):
                    raise InputError(
                        f"{path} row {start}: {len(row)} fields, but the "
                        f"header has {len(header)}"
                    )
                values = dict(zip(header, row, strict=True))
                yield Record(rows.line_num, values)
            start = rows.line_num + 1
    except csv.Error as error:
        reason = str(error)
        if "unexpected end" in reason or "field limit" in reason:
            reason = "a quote is opened and not closed, or a cell has over "
            reason += f"{textfile.LONGEST:,} characters"
        elif "expected after" in reason:
            reason = f"{reason}: a quote within a quoted cell is written twice"
        raise InputError(f"{path} row {start}: {reason}") from None
    if header is None:
        raise InputError(f"{path} is empty")


def _check_header(
    path: Path, columns: tuple[str, ...], header: list[str], delimiter: str
) -> None:
    if len(header) > _MAX_COLUMNS:
        raise InputError(f"{path} has {len(header):,} columns: is it a table?")
    missing = [name for name in columns if name not in header]
    others = [s for s in ",;\t|" if s != delimiter and s in "".join(header)]
    if missing and len(header) == 1 and others:
        name = "tab" if others[0] == "\t" else repr(others[0])
        raise InputError(
            f"{path} has one column, {header[0][:60]!r}: if {name} parts "
            f"columns, say so with --separator (training: --data.separator)"
        )
    _require_columns(path, columns, header)
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise InputError(f"{path} has two columns of one name, {twice!r}")


def _require_columns(
    where: Path | str, columns: tuple[str, ...], names: Collection[str]
) -> None:
    for column in columns:
        if column in names:
            continue
        near = difflib.get_close_matches(column, list(names)[:_MAX_COLUMNS], 1)
        near = near or [k for k in names if k.strip().lower() == column.lower()]
        hint = f"did you mean {near[0]!r}? " if near else ""
        listed = ", ".join(repr(k[:60]) for k in list(names)[:_MAX_LISTED])
        raise InputError(
            f"{where} has no column {column!r}; {hint}it has {listed or 'none'}"
        )


# -- JSON ----------------------------------------------------------------


def _parse_integer(digits: str) -> int | str:
    """Parses an integer; one of thousands of digits stays a string."""
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


class _Object(dict[str, Any]):
    """A JSON object that remembers its duplicate keys."""

    def __init__(self, pairs: list[tuple[str, Any]]):
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.duplicates = len(self) < len(names) and {
            name for name in self if names.count(name) > 1
        }


_DECODER = json.JSONDecoder(parse_int=_parse_integer, object_pairs_hook=_Object)


def _parse_object(
    where: str, text: str, columns: tuple[str, ...], start: int | None = None
) -> tuple[_Object, int]:
    """Parses a JSON object; returns it and the offset of its end."""
    end = len(text)
    try:
        if start is None:
            values = _DECODER.decode(text)
        else:
            values, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        at = f"column {error.colno}"
        raise InputError(
            f"{where} is no JSON object: {error.msg}, {at}"
        ) from None
    except RecursionError:
        raise InputError(f"{where}: JSON is nested too deep") from None
    if not isinstance(values, dict):
        raise InputError(f"{where} is no JSON object")
    _require_columns(where, columns, values)
    if values.duplicates and (
        duplicates := values.duplicates.intersection(columns)
    ):
        raise InputError(f"{where}: the key {min(duplicates)!r} stands twice")
    return values, end


def _is_array(path: Path, encoding: str) -> bool:
    for line in textfile.lines(path, encoding, any_end=True):
        if line.strip():
            return line.lstrip().startswith("[")
    return False


def _read_array(
    path: Path, columns: tuple[str, ...], encoding: str
) -> Iterator[Record]:
    """Reads the objects of one JSON array, each with its original text."""
    text = textfile.whole(path, encoding)

    def skip_blanks(offset: int) -> int:
        return _BLANKS.match(text, offset).end()

    offset, number = skip_blanks(skip_blanks(0) + 1), 0
    while text[offset : offset + 1] != "]" or number:
        number += 1
        where = f"{path} row {number}"
        values, end = _parse_object(where, text, columns, offset)
        yield Record(number, values, _in_one_line(text[offset:end]))
        offset = skip_blanks(end)
        if text[offset : offset + 1] == "]":
            break
        if text[offset : offset + 1] != ",":
            raise InputError(f"{where}: a comma or ] must follow the object")
        offset = skip_blanks(offset + 1)
    if text[skip_blanks(offset + 1) :]:
        raise InputError(f"{path}: there is more after the end of the array")


def _in_one_line(raw: str) -> str:
    """JSON with spaces in offset of its line breaks (none is in a string)."""
    return raw.replace("\r", " ").replace("\n", " ")


def as_cell(value: Any) -> str:
    """A JSON value as the cell of a table."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        raise InputError("JSON is nested too deep for a table") from None
