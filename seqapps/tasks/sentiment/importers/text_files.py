"""Labelled and unlabelled texts from the user's files and folders."""

from collections.abc import Iterator
from pathlib import Path

from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers.records import is_table, read_records
from seqapps.text import textfile

LabelledText = tuple[str, str]  # text and label


def read_labelled(
    path: Path, text: str, label: str, encoding: str = "", separator: str = ""
) -> list[LabelledText]:
    """Reads texts and their labels.

    Args:
        path: a .csv or .tsv with a header, a .jsonl, or a folder with one
            folder of .txt files per label; in any other file each line is a
            label, a space and a text.
        text: the column, or key, of the text.
        label: the column, or key, of the label.
        encoding: of the file, or of those in the folder.
        separator: see `records.read_records`.

    Raises:
        InputError: something is missing; the message names the row.
    """
    if not path.exists():
        raise InputError(f"there is no {path}")
    if path.is_dir():
        rows = _read_folder(path, encoding)
    elif is_table(path, separator):
        rows = list(_read_table(path, text, label, encoding, separator))
    else:
        rows = list(_read_lines(path, encoding))
    if not rows:
        raise InputError(f"{path} has no texts")
    return rows


def read_unlabelled(
    path: Path, text: str, encoding: str = "", separator: str = ""
) -> list[str]:
    """Reads texts that have no label.

    Args:
        path: a file or a folder, as in `read_labelled`; a folder holds .txt
            files, and in a file of no known ending each line is a text.
        text: the column, or key, of the text.
        encoding: of the file, or of those in the folder.
        separator: see `records.read_records`.
    """
    if path.is_dir():
        return [textfile.read_text(file, encoding) for file in _txt_files(path)]
    if is_table(path, separator):
        rows = read_records(path, (text,), encoding, separator)
        return [str(row.values[text] or "") for row in rows]
    return [line.strip("\r\n") for line in textfile.read_lines(path, encoding)]


def _read_lines(path: Path, encoding: str) -> Iterator[LabelledText]:
    for number, line in enumerate(textfile.read_lines(path, encoding), 1):
        if not line.strip():
            continue
        label, space, text = line.strip().partition(" ")
        if not space:
            raise InputError(f"{path} line {number}: no text, or no label")
        yield text, label


def _read_table(
    path: Path, text: str, label: str, encoding: str, separator: str
) -> Iterator[LabelledText]:
    for row in read_records(path, (text, label), encoding, separator):
        name = row.values[label]
        name = "" if name is None else str(name).strip()
        if not name:
            raise InputError(f"{path} row {row.number}: the label is missing")
        yield str(row.values[text] or ""), name


def _read_folder(path: Path, encoding: str) -> list[LabelledText]:
    folders = sorted(p for p in path.iterdir() if p.is_dir())
    if not folders:
        raise InputError(f"{path} has no folders: one for each class is needed")
    rows = []
    for folder in folders:
        files = _txt_files(folder)
        if not files:
            raise InputError(f"{folder} has no .txt files: the class is empty")
        for file in files:
            rows.append((textfile.read_text(file, encoding), folder.name))
    return rows


def _txt_files(folder: Path) -> list[Path]:
    paths = (p for p in folder.rglob("*") if p.suffix.lower() == ".txt")
    return sorted(p for p in paths if p.is_file())
