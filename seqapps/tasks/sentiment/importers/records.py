"""Rows of the user's tables: CSV, TSV, JSON lines and JSON arrays."""

import csv
import difflib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import json_objects
from seqapps.text import strings, textfile

SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
_MAX_LISTED = 20  # columns that a message lists
_MAX_COLUMNS = 10_000


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
    return strings.parse_separator(separator, "--separator")


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
        encoding: see `textfile.decode_stream`.
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
    elif ending == ".json" and json_objects.is_array(path, encoding):
        for number, values, raw in json_objects.read_array(path, encoding):
            where = f"{path} row {number}"
            yield _json_record(where, columns, number, values, raw)
    else:
        for number, line in enumerate(
            textfile.read_lines(path, encoding, True), 1
        ):
            if line.strip():
                raw = line.strip("\r\n")
                where = f"{path} row {number}"
                values = json_objects.parse(where, raw)
                yield _json_record(where, columns, number, values, raw)


def _read_csv(
    path: Path, columns: tuple[str, ...], encoding: str, delimiter: str
) -> Iterator[Record]:
    csv.field_size_limit(textfile.LONGEST)
    lines = textfile.read_lines(path, encoding, any_end=True)
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


def _json_record(
    where: str,
    columns: tuple[str, ...],
    number: int,
    values: json_objects.Object,
    raw: str,
) -> Record:
    _require_columns(where, columns, values)
    if duplicates := values.duplicates.intersection(columns):
        raise InputError(f"{where}: the key {min(duplicates)!r} stands twice")
    return Record(number, values, raw)


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
