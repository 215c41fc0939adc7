"""Tables of the user's own, row by row: CSV, TSV, JSON lines."""

import csv
import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqapps.errors import InputError
from seqapps.text import strings, textfile

SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
LINES = (".jsonl", ".ndjson", ".json")
_DIGITS = 4000  # of a whole number that is read as one
_NAMED = 20  # columns that a message names
_COLUMNS = 10_000
_BLANKS = re.compile(r"\s*")


@dataclass(frozen=True)
class Record:
    """A row of a table.

    Args:
        number: its line, or its last one if it has several; in a JSON array,
            its place.
        values: of the columns.
        raw: the row as it was written, if it is JSON.
    """

    number: int
    values: dict
    raw: str = ""

    @property
    def size(self) -> int:
        """Characters, roughly."""
        cells = (v for v in self.values.values() if isinstance(v, str))
        return len(self.raw) + sum(map(len, cells))


def is_table(path: Path, separator: str = "") -> bool:
    """Whether a file has columns; else each of its lines is a text."""
    return bool(separator) or textfile.suffix(path) in (*SEPARATORS, *LINES)


def delimiter(path: Path, separator: str = "") -> str:
    """What stands between columns.

    Raises:
        InputError: the separator cannot be one, or the file has none.
    """
    ending = textfile.suffix(path)
    if not separator:
        return SEPARATORS.get(ending, ",")
    if ending in LINES:
        raise InputError(f"{path} is JSON: --separator is of .csv and .tsv")
    return strings.separator(separator, "--separator")


def read(
    path: Path,
    columns: tuple[str, ...],
    encoding: str = "",
    separator: str = "",
) -> Iterator[Record]:
    """Reads a .csv, .tsv or .jsonl file row by row, each once.

    Args:
        path: the file; a .json is an array of objects, or an object a line. A
            file of another name is a CSV.
        columns: names that every row must have.
        encoding: see `textfile.decoded`.
        separator: between columns. Left out: what the file's name says.

    Raises:
        InputError: the file cannot be decoded, a column is missing, a row has
            too few or too many fields, or is no JSON object.
    """
    between = delimiter(path, separator)
    if not path.is_dir() and path.exists() and not path.stat().st_size:
        raise InputError(f"{path} is empty")
    ending = textfile.suffix(path)
    if ending not in LINES:
        yield from _csv(path, columns, encoding, between)
    elif ending == ".json" and _is_array(path, encoding):
        yield from _array(path, columns, encoding)
    else:
        for number, line in enumerate(textfile.lines(path, encoding, True), 1):
            if line.strip():
                raw = line.strip("\r\n")
                where = f"{path} row {number}"
                yield Record(number, _object(where, raw, columns)[0], raw)


def _csv(path: Path, columns, encoding: str, between: str) -> Iterator[Record]:
    csv.field_size_limit(textfile.LONGEST)
    lines = textfile.lines(path, encoding, any_end=True)
    rows = csv.reader(lines, delimiter=between, strict=True)
    header, start = None, 1
    try:
        for row in rows:
            if header is None:
                header = row
                _demand_header(path, columns, header, between)
            elif row:  # and no empty line
                if len(row) != len(header):
                    raise InputError(
                        f"{path} row {start}: {len(row)} fields, but the "
                        f"header has {len(header)}"
                    )
                values = dict(zip(header, row, strict=True))
                yield Record(rows.line_num, values)
            start = rows.line_num + 1
    except csv.Error as error:
        why = str(error)
        if "unexpected end" in why or "field limit" in why:
            why = "a quote is opened and not closed, or a cell has over "
            why += f"{textfile.LONGEST:,} characters"
        elif "expected after" in why:
            why = f"{why}: a quote within a quoted cell is written twice"
        raise InputError(f"{path} row {start}: {why}") from None
    if header is None:
        raise InputError(f"{path} is empty")


def _demand_header(path: Path, columns, header: list, between: str) -> None:
    if len(header) > _COLUMNS:
        raise InputError(f"{path} has {len(header):,} columns: is it a table?")
    missing = [name for name in columns if name not in header]
    others = [s for s in ",;\t|" if s != between and s in "".join(header)]
    if missing and len(header) == 1 and others:
        named = "tab" if others[0] == "\t" else repr(others[0])
        raise InputError(
            f"{path} has one column, {header[0][:60]!r}: if {named} parts "
            f"columns, say so with --separator (training: --data.separator)"
        )
    _demand(path, columns, header)
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise InputError(f"{path} has two columns of one name, {twice!r}")


def _demand(where, columns: tuple[str, ...], known) -> None:
    for column in columns:
        if column in known:
            continue
        near = difflib.get_close_matches(column, list(known)[:_COLUMNS], 1)
        near = near or [k for k in known if k.strip().lower() == column.lower()]
        hint = f"did you mean {near[0]!r}? " if near else ""
        names = ", ".join(repr(k[:60]) for k in list(known)[:_NAMED])
        raise InputError(
            f"{where} has no column {column!r}; {hint}it has {names or 'none'}"
        )


# -- JSON ----------------------------------------------------------------


def _integer(digits: str) -> int | str:
    """A whole number; one of thousands of digits stays a text."""
    return int(digits) if len(digits) <= _DIGITS else digits


class _Object(dict):
    """A JSON object that knows which of its keys stand twice."""

    def __init__(self, pairs: list[tuple]):
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.twice = len(self) < len(names) and {
            name for name in self if names.count(name) > 1
        }


_DECODER = json.JSONDecoder(parse_int=_integer, object_pairs_hook=_Object)


def _object(where: str, text: str, columns, start: int | None = None) -> tuple:
    """An object in JSON, and where it ends."""
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
    _demand(where, columns, values)
    if values.twice and (twice := values.twice.intersection(columns)):
        raise InputError(f"{where}: the key {min(twice)!r} stands twice")
    return values, end


def _is_array(path: Path, encoding: str) -> bool:
    for line in textfile.lines(path, encoding, any_end=True):
        if line.strip():
            return line.lstrip().startswith("[")
    return False


def _array(path: Path, columns, encoding: str) -> Iterator[Record]:
    """Objects of one array, each with the text that it was written as."""
    text = textfile.whole(path, encoding)

    def after_blanks(place):
        return _BLANKS.match(text, place).end()

    place, number = after_blanks(after_blanks(0) + 1), 0
    while text[place : place + 1] != "]" or number:
        number += 1
        where = f"{path} row {number}"
        values, end = _object(where, text, columns, place)
        yield Record(number, values, _in_one_line(text[place:end]))
        place = after_blanks(end)
        if text[place : place + 1] == "]":
            break
        if text[place : place + 1] != ",":
            raise InputError(f"{where}: a comma or ] must follow the object")
        place = after_blanks(place + 1)
    if text[after_blanks(place + 1) :]:
        raise InputError(f"{path}: there is more after the end of the array")


def _in_one_line(raw: str) -> str:
    """JSON without line breaks, which stand between its parts only."""
    return raw.replace("\r", " ").replace("\n", " ")


def as_cell(value) -> str:
    """A value of JSON as a cell of a table."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        raise InputError("JSON is nested too deep for a table") from None
