"""Texts a line of `translate --input` and `classify --input`."""

import io
import tempfile
from pathlib import Path

import fuzzing
import mirror

from seqapps.tasks.translation import command
from seqapps.tasks.translation.importers import input_lines

_TABLE = fuzzing.target("csv_table")


def read(data: bytes) -> None:
    """Translates a file's lines by a stand-in: as many come out as went in."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "in.txt"), Path(folder, "out.txt")
        path.write_bytes(data)
        command.translate(mirror.Mirror(), input=path, output=out)
        said = out.read_text("utf-8").count("\n")
        if data[:2] != b"\x1f\x8b":
            windows = input_lines.read_windows(io.BytesIO(data), 7)
            assert said == sum(map(len, windows))
    _TABLE.read(data, "a.txt")
