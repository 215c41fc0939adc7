"""The table of texts that `classify --input` reads."""

from collections.abc import Iterator
from pathlib import Path

from seqapps.console import paths, terminal
from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import records
from seqapps.tasks.sentiment.importers.records import Record
from seqapps.text import textfile

PREDICTIONS = ("predicted", "probability", "unsure")  # columns that are added


class InputTable:
    """A file of texts; the constructor reads all of it once to check it.

    Iterating yields each row with its text, and shows a progress bar on a
    terminal.

    Args:
        path: a .csv, .tsv or .jsonl; in any other file each line is a text.
        column: the column of the text.
        encoding: see `textfile.decode_stream`.
        separator: see `records.read_records`.

    Attributes:
        columns: the names of all columns that occur.
        count: the number of rows.

    Raises:
        InputError: see `records.read_records`; or the file has no rows, or
            already has a column of predictions.
    """

    def __init__(
        self, path: Path, column: str, encoding: str = "", separator: str = ""
    ):
        self.path, self._column = path, column
        self._encoding, self._separator = encoding, separator
        self.columns: dict[str, None] = {}  # a set that keeps its order
        self.count = 0
        if paths.is_stream(path):
            raise InputError(f"{path} is not a file: pipe it in")
        for record, _ in self._rows():
            self.count += 1
            if record.values.keys() - self.columns.keys():
                self.columns |= dict.fromkeys(record.values)
        if not self.count:
            raise InputError(f"{path} has no texts")
        for name in PREDICTIONS:
            if name in self.columns:
                raise InputError(f"{path} has a column {name!r} already")

    def __iter__(self) -> Iterator[tuple[Record, str]]:
        return terminal.track(self._rows(), self.path.name, self.count)

    def _rows(self) -> Iterator[tuple[Record, str]]:
        if not records.is_table(self.path, self._separator):
            lines = textfile.read_lines(self.path, self._encoding)
            for number, line in enumerate(lines, 1):
                text = line.strip("\r\n")
                yield Record(number, {"text": text}), text
            return
        for record in records.read_records(
            self.path, (self._column,), self._encoding, self._separator
        ):
            text = record.values[self._column]
            if not isinstance(text, str):
                raise InputError(
                    f"{self.path} row {record.number}: {self._column!r} is no "
                    "text"
                )
            yield record, text
