"""Tables row by row, however many: read with progress, written whole."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seqapps import files, paths, terminal
from seqapps.errors import InputError
from seqapps.strings import clean
from seqapps.tasks.sentiment import source
from seqapps.tasks.sentiment.source import SEPARATORS

_LINES = (".jsonl", ".ndjson")
_NEW = ("predicted", "probability")


def texts(path: Path, column: str) -> Iterator[tuple[dict, str]]:
    """Rows of a file and their texts, with a progress bar on a terminal.

    Args:
        path: a .csv, .tsv or .jsonl; of any other file each line is a text.
        column: where the text is.

    Raises:
        InputError: see `source.records`.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    with _progress(path) as tell:
        if path.suffix not in (*SEPARATORS, *_LINES):
            with path.open("rb") as raw:
                for line in raw:
                    tell(raw.tell())
                    text = line.decode("utf-8", "replace").strip("\r\n")
                    yield {"text": text}, text
            return
        for number, row in source.records(path, (column,), tell):
            for name in _NEW:
                if name in row:
                    raise InputError(f"{path} has a column {name!r} already")
            text = row[column]
            if not isinstance(text, str):
                raise InputError(f"{path} row {number}: {column!r} is no text")
            yield row, text


@contextmanager
def _progress(path: Path):
    with terminal.progress() as progress:
        task = progress.add_task(path.name, total=path.stat().st_size)
        yield lambda done: progress.update(task, completed=done)


def write(path: Path, rows: Iterable[dict]) -> None:
    """Writes a table as its rows come; it is there whole or not at all.

    Args:
        path: a .csv, .tsv or .jsonl.
        rows: dictionaries with the same keys; the first one's are the header.

    Raises:
        InputError: the name has another ending.
    """
    if path.suffix not in (*SEPARATORS, *_LINES) and not paths.is_stream(path):
        raise InputError(f"{path} must end with .csv, .tsv or .jsonl")
    with files.writing(path) as raw:
        file = io.TextIOWrapper(raw, "utf-8", newline="", write_through=True)
        add = _adder(path, file)
        for row in rows:
            add(
                {
                    k: clean(v) if isinstance(v, str) else v
                    for k, v in row.items()
                }
            )
        file.detach()


def _adder(path: Path, file):
    if path.suffix in _LINES:
        return lambda row: file.write(
            json.dumps(row, ensure_ascii=False) + "\n"
        )
    writer = csv.writer(
        file, delimiter=SEPARATORS.get(path.suffix, ","), lineterminator="\n"
    )
    header = []

    def add(row: dict) -> None:
        if not header:
            header.extend(row)
            writer.writerow(header)
        writer.writerow([row.get(name, "") for name in header])

    return add
