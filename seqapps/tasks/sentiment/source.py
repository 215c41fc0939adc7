"""Labelled texts from where they are: TensorFlow Datasets, files, folders."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from seqapps.errors import InputError

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_LINES = (".jsonl", ".json", ".ndjson")

Rows = list[tuple[str, str]]  # text and label


def dataset(
    name: str, data_dir: Path | None, text: str, label: str
) -> dict[str, Rows]:
    """Reads a labelled collection by its name in TensorFlow Datasets.

    Args:
        name: such as "imdb_reviews" or "glue/sst2".
        data_dir: where prepared collections lie.
        text: the feature with the text; another if there is only one text.
        label: the feature with the class.

    Returns:
        Texts and labels by split: "train", "test", and perhaps "validation".

    Raises:
        InputError: it is not here and cannot be had, or has no such features.
    """
    import tensorflow_datasets as tfds

    builder = _builder(name, data_dir)
    features = builder.info.features
    texts = [
        k for k, f in features.items() if isinstance(f, tfds.features.Text)
    ]
    text = text if text in texts or len(texts) != 1 else texts[0]
    for key, known in ((text, texts), (label, list(features))):
        if key not in known:
            raise InputError(
                f"{name} has no {key!r}; it has {', '.join(known)}"
            )
    if not isinstance(features[label], tfds.features.ClassLabel):
        raise InputError(f"{label!r} of {name} is no class")
    names = features[label].names
    found = {}
    for split in ("train", "validation", "test"):
        if split not in builder.info.splits:
            continue
        rows = tfds.as_numpy(builder.as_dataset(split=split))
        found[split] = [
            (row[text].decode("utf-8", "replace"), names[row[label]])
            for row in rows
            if row[label] >= 0  # -1: the label is kept secret
        ]
    found = {split: rows for split, rows in found.items() if rows}
    if "test" not in found and "validation" in found:
        found["test"] = found.pop("validation")
    return found


def _builder(name: str, data_dir: Path | None):
    """A collection, prepared."""
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=data_dir)
        builder.download_and_prepare()
    except Exception as error:  # no such name, no network, no room, ...
        raise InputError(
            f"cannot load {name} ({_first(error)}): name a folder with a "
            "prepared copy by --data.data-dir, or files of your own by "
            "--data.path"
        ) from None
    return builder


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
    elif path.exists() and path.suffix in (*_SEPARATORS, *_LINES):
        found = [str(row[text] or "") for _, row in records(path, (text,))]
    elif path.exists():
        found = path.read_text("utf-8", "replace").splitlines()
    else:
        found = _unsupervised(name, data_dir, text)
    found = [text for text in found if text.strip()]
    if not found:
        raise InputError(f"{name} has no texts")
    return found


def _unsupervised(name: str, data_dir: Path | None, text: str) -> list[str]:
    import tensorflow_datasets as tfds

    builder = _builder(name, data_dir)
    if "unsupervised" not in builder.info.splits:
        raise InputError(
            f"{name} has no split of texts without classes; it has "
            f"{', '.join(builder.info.splits)}"
        )
    rows = tfds.as_numpy(builder.as_dataset(split="unsupervised"))
    return [row[text].decode("utf-8", "replace") for row in rows]


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
    if path.suffix not in _SEPARATORS and path.suffix not in _LINES:
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
            lines, delimiter=_SEPARATORS.get(path.suffix, ","), strict=True
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


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip()[:120] if lines else type(error).__name__
