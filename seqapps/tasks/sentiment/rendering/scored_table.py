"""The input's table with the predictions as further columns."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from seqapps import files
from seqapps.console import paths
from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import records
from seqapps.tasks.sentiment.importers.input_table import PREDICTIONS
from seqapps.tasks.sentiment.importers.records import (
    JSON_SUFFIXES,
    SEPARATORS,
    Record,
)
from seqapps.text.strings import escape_formula, to_valid_utf8


def write_scored_table(
    path: Path,
    rows: Iterable[tuple[Record, dict[str, Any]]],
    columns: Iterable[str],
    separator: str = "",
    escape: bool = False,
) -> None:
    """Writes a table row by row; the file appears complete or not at all.

    Args:
        path: a .csv, .tsv or .jsonl.
        rows: each row with its predictions. JSON that becomes JSON keeps its
            original text.
        columns: the names of the input's columns.
        separator: between columns; see `records.read_records`.
        escape: escape formulas, so that no spreadsheet runs them.

    Raises:
        InputError: the file name has another ending.
    """
    suffix = path.suffix.lower()
    accepted = (*SEPARATORS, *JSON_SUFFIXES[:2])
    if suffix not in accepted and not paths.is_stream(path):
        raise InputError(f"{path} must end with .csv, .tsv or .jsonl")
    with files.atomic_file(path) as raw:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        if suffix in JSON_SUFFIXES:
            for record, predictions in rows:
                file.write(_json_line(record, predictions) + "\n")
        else:
            delimiter = records.delimiter(path, separator)
            _write_csv(file, rows, [*columns, *PREDICTIONS], delimiter, escape)
        file.flush()
        file.detach()


def _write_csv(
    file: TextIO,
    rows: Iterable[tuple[Record, dict[str, Any]]],
    columns: list[str],
    delimiter: str,
    escape: bool,
) -> None:
    plain, quoted = (
        csv.writer(
            file, delimiter=delimiter, lineterminator="\n", quoting=quoting
        ).writerow
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
    )
    as_text = escape_formula if escape else str

    def write_row(cells: Iterable[str]) -> None:
        cells = [as_text(to_valid_utf8(cell)) for cell in cells]
        # QUOTE_MINIMAL does not quote "\r" everywhere
        (quoted if any("\r" in c for c in cells) else plain)(cells)

    write_row(columns)
    for record, predictions in rows:
        values = record.values | predictions
        write_row(records.as_cell(values.get(name)) for name in columns)


def _json_line(record: Record, predictions: dict[str, Any]) -> str:
    """The row's JSON object with the predictions added."""
    if not record.raw:
        values = record.values | predictions
        return to_valid_utf8(json.dumps(values, ensure_ascii=False))
    comma = ", " if record.values else ""
    return (
        record.raw.rstrip().removesuffix("}").rstrip()
        + comma
        + json.dumps(predictions, ensure_ascii=False)[1:]
    )
