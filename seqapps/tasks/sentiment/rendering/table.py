"""Tables that come in, are checked first, and go out with more columns."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from seqapps import files
from seqapps.console import paths, terminal
from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import records
from seqapps.tasks.sentiment.importers.records import LINES, SEPARATORS, Record
from seqapps.text import textfile
from seqapps.text.strings import clean, inert

_NEW = ("predicted", "probability")


class Table:
    """A file of texts, read once to be checked, and once for each use.

    Args:
        path: a .csv, .tsv or .jsonl; of any other file each line is a text.
        column: where the text is.
        encoding: see `textfile.decoded`.
        separator: see `records.read`.

    Attributes:
        columns: names of all that a row has.
        count: of the rows.

    Raises:
        InputError: see `records.read`.
    """

    def __init__(
        self, path: Path, column: str, encoding: str = "", separator: str = ""
    ):
        self.path, self._column = path, column
        self._encoding, self._separator = encoding, separator
        self.columns, self.count = {}, 0
        if paths.is_stream(path):
            raise InputError(f"{path} is not a file: pipe it in")
        for record, _ in self._rows():
            self.count += 1
            if record.values.keys() - self.columns.keys():
                self.columns |= dict.fromkeys(record.values)
        if not self.count:
            raise InputError(f"{path} has no texts")
        for name in _NEW:
            if name in self.columns:
                raise InputError(f"{path} has a column {name!r} already")

    def __iter__(self) -> Iterator[tuple[Record, str]]:
        """Rows and their texts, with a progress bar on a terminal."""
        return terminal.track(self._rows(), self.path.name, self.count)

    def _rows(self) -> Iterator[tuple[Record, str]]:
        if not records.is_table(self.path, self._separator):
            lines = textfile.lines(self.path, self._encoding)
            for number, line in enumerate(lines, 1):
                text = line.strip("\r\n")
                yield Record(number, {"text": text}), text
            return
        for record in records.read(
            self.path, (self._column,), self._encoding, self._separator
        ):
            text = record.values[self._column]
            if not isinstance(text, str):
                raise InputError(
                    f"{self.path} row {record.number}: {self._column!r} is no "
                    "text"
                )
            yield record, text


def write(
    path: Path,
    rows: Iterable[tuple[Record, dict]],
    columns: Iterable[str],
    separator: str = "",
    escape: bool = False,
) -> None:
    """Writes a table as its rows come; it is there whole or not at all.

    Args:
        path: a .csv, .tsv or .jsonl.
        rows: each as it was, and its further columns. From JSON to JSON it
            stays as it was written.
        columns: names of all that the rows had.
        separator: between columns; see `records.read`.
        escape: cells are `strings.inert`.

    Raises:
        InputError: the name has another ending.
    """
    ending = path.suffix.lower()
    if ending not in (*SEPARATORS, *LINES[:2]) and not paths.is_stream(path):
        raise InputError(f"{path} must end with .csv, .tsv or .jsonl")
    with files.writing(path) as raw:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        if ending in LINES:
            for record, more in rows:
                file.write(_json(record, more) + "\n")
        else:
            columns = [*columns, *_NEW]
            between = records.delimiter(path, separator)
            plain, quoted = (
                csv.writer(
                    file, delimiter=between, lineterminator="\n", quoting=how
                ).writerow
                for how in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
            )
            shown = inert if escape else str

            def add(cells):
                cells = [shown(clean(cell)) for cell in cells]
                # a writer that saves quotes does not quote "\r" everywhere
                (quoted if any("\r" in c for c in cells) else plain)(cells)

            add(columns)
            for record, more in rows:
                values = record.values | more
                add(records.as_cell(values.get(name)) for name in columns)
        file.flush()
        file.detach()


def _json(record: Record, more: dict) -> str:
    """An object in a line: what it was, and more."""
    if not record.raw:
        return clean(json.dumps(record.values | more, ensure_ascii=False))
    comma = ", " if record.values else ""
    return (
        record.raw.rstrip().removesuffix("}").rstrip()
        + comma
        + json.dumps(more, ensure_ascii=False)[1:]
    )
