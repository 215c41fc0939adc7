"""Texts from the user's own files and folders."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from seqapps.errors import InputError
from seqapps.tasks.sentiment import collection

SEPARATORS = {".csv": ",", ".tsv": "\t"}
_LINES = (".jsonl", ".json", ".ndjson")

Rows = list[tuple[str, str]]  # text and label


def unlabelled(name: str, data_dir: Path | None, text: str) -> list[str]:
    """Reads texts that have no class.

    Args:
        name: a file or a folder (see `read`; a folder is of .txt files, and in
            a file of no known ending each line is a text), or a collection of
            TensorFlow Datasets with a split "unsupervised".
        data_dir: where prepared collections lie.
        text: the column, or feature, of the text.

    Raises:
        InputError: there are none.
    """
    path = Path(name)
    if path.is_dir():
        found = [file.read_text("utf-8", "replace") for file in _texts(path)]
    elif path.exists() and path.suffix in (*SEPARATORS, *_LINES):
        found = [str(row[text] or "") for _, row in records(path, (text,))]
    elif path.exists():
        found = path.read_text("utf-8", "replace").splitlines()
    else:
        found = collection.unsupervised(name, data_dir, text)
    found = [text for text in found if text.strip()]
    if not found:
        raise InputError(f"{name} has no texts")
    return found


def _texts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.txt"))


def read(path: Path, text: str, label: str) -> Rows:
    """Reads labelled texts of the user's own.

    Args:
        path: a .csv or .tsv with a header, a .jsonl, a folder with a folder of
            .txt files for each class; in any other file each line is a label,
            a blank and a text.
        text: the column, or key, of the text.
        label: the column, or key, of the class.

    Raises:
        InputError: something is missing; the message says in which row.
    """
    if not path.exists():
        raise InputError(f"there is no {path}")
    rows = _folder(path) if path.is_dir() else list(_file(path, text, label))
    if not rows:
        raise InputError(f"{path} has no texts")
    return rows


def _file(path: Path, text: str, label: str) -> Iterator[tuple[str, str]]:
    if path.suffix not in SEPARATORS and path.suffix not in _LINES:
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                name, blank, rest = line.strip().partition(" ")
                if not blank:
                    raise InputError(
                        f"{path} line {number}: no text, or no label"
                    )
                yield rest, name
        return
    for number, row in records(path, (text, label)):
        name = str(row[label]).strip()
        if row[label] is None or not name:
            raise InputError(f"{path} row {number}: the label is missing")
        yield str(row[text] or ""), name


def _folder(path: Path) -> Rows:
    classes = sorted(p for p in path.iterdir() if p.is_dir())
    if not classes:
        raise InputError(f"{path} has no folders: one for each class is needed")
    rows = []
    for folder in classes:
        files = _texts(folder)
        if not files:
            raise InputError(f"{folder} has no .txt files: the class is empty")
        for file in files:
            rows.append((file.read_text("utf-8", "replace"), folder.name))
    return rows


def records(path: Path, columns: tuple[str, ...], tell=None) -> Iterator[tuple]:
    """Reads a .csv, .tsv or .jsonl file row by row, each once.

    Args:
        path: the file; what is no UTF-8 is replaced.
        columns: names that every row must have.
        tell: is called with how many bytes of the file were read.

    Yields:
        The row's number, as a spreadsheet or an editor has it, and the row as
        a dictionary.

    Raises:
        InputError: a column is missing, a row has too few or too many fields,
            or is no JSON object.
    """
    with path.open("rb") as raw:
        lines = _lines(raw, tell)
        if path.suffix in _LINES:
            yield from _json(path, lines, columns)
            return
        csv.field_size_limit(sys.maxsize)
        rows = csv.reader(
            lines, delimiter=SEPARATORS.get(path.suffix, ","), strict=True
        )
        try:
            header = next(rows, [])
            _demand(path, columns, header)
            for row in rows:
                if not row:
                    continue  # an empty line
                if len(row) != len(header):
                    raise InputError(
                        f"{path} row {rows.line_num}: {len(row)} fields, but "
                        f"the header has {len(header)}"
                    )
                yield rows.line_num, dict(zip(header, row, strict=True))
        except csv.Error as error:
            raise InputError(f"{path} row {rows.line_num}: {error}") from None


def _lines(raw, tell) -> Iterator[str]:
    for number, line in enumerate(raw):
        if tell:
            tell(raw.tell())
        codec = "utf-8" if number else "utf-8-sig"
        yield line.decode(codec, "replace")


def _json(path: Path, lines: Iterator[str], columns) -> Iterator[tuple]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path} row {number}: {error}") from None
        if not isinstance(row, dict):
            raise InputError(f"{path} row {number} is no JSON object")
        _demand(f"{path} row {number}", columns, row)
        yield number, row


def _demand(where, columns: tuple[str, ...], known) -> None:
    for column in columns:
        if column not in known:
            raise InputError(
                f"{where} has no column {column!r}; it has "
                f"{', '.join(map(repr, known)) or 'none'}"
            )
    if len(set(known)) != len(known):
        raise InputError(f"{where} has two columns of one name")
