"""Texts from the user's own files and folders."""

from collections.abc import Iterator
from pathlib import Path

from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import records
from seqapps.text import textfile

Rows = list[tuple[str, str]]  # text and label


def unlabelled(
    path: Path, text: str, encoding: str = "", separator: str = ""
) -> list[str]:
    """Reads texts that have no class.

    Args:
        path: a file or a folder (see `read`; a folder is of .txt files, and in
            a file of no known ending each line is a text).
        text: the column, or key, of the text.
        encoding: of a file, or of those in a folder.
        separator: see `records.read`.
    """
    if path.is_dir():
        return [textfile.whole(file, encoding) for file in _texts(path)]
    if records.is_table(path, separator):
        rows = records.read(path, (text,), encoding, separator)
        return [str(row.values[text] or "") for row in rows]
    return [line.strip("\r\n") for line in textfile.lines(path, encoding)]


def _texts(folder: Path) -> list[Path]:
    found = (p for p in folder.rglob("*") if p.suffix.lower() == ".txt")
    return sorted(p for p in found if p.is_file())


def read(
    path: Path, text: str, label: str, encoding: str = "", separator: str = ""
) -> Rows:
    """Reads labelled texts of the user's own.

    Args:
        path: a .csv or .tsv with a header, a .jsonl, a folder with a folder of
            .txt files for each class; in any other file each line is a label,
            a blank and a text.
        text: the column, or key, of the text.
        label: the column, or key, of the class.
        encoding: of the file, or of those in the folder.
        separator: see `records.read`.

    Raises:
        InputError: something is missing; the message says in which row.
    """
    if not path.exists():
        raise InputError(f"there is no {path}")
    if path.is_dir():
        rows = _folder(path, encoding)
    elif records.is_table(path, separator):
        rows = list(_table(path, text, label, encoding, separator))
    else:
        rows = list(_lines(path, encoding))
    if not rows:
        raise InputError(f"{path} has no texts")
    return rows


def _lines(path: Path, encoding: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(textfile.lines(path, encoding), 1):
        if not line.strip():
            continue
        name, blank, rest = line.strip().partition(" ")
        if not blank:
            raise InputError(f"{path} line {number}: no text, or no label")
        yield rest, name


def _table(path, text, label, *form) -> Iterator[tuple[str, str]]:
    for row in records.read(path, (text, label), *form):
        name = row.values[label]
        name = "" if name is None else str(name).strip()
        if not name:
            raise InputError(f"{path} row {row.number}: the label is missing")
        yield str(row.values[text] or ""), name


def _folder(path: Path, encoding: str) -> Rows:
    classes = sorted(p for p in path.iterdir() if p.is_dir())
    if not classes:
        raise InputError(f"{path} has no folders: one for each class is needed")
    rows = []
    for folder in classes:
        files = _texts(folder)
        if not files:
            raise InputError(f"{folder} has no .txt files: the class is empty")
        for file in files:
            rows.append((textfile.whole(file, encoding), folder.name))
    return rows
