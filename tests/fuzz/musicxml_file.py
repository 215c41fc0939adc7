"""MusicXML files, from bytes to a tune."""

import tempfile
from pathlib import Path

from seqapps.tasks.music.importers import reader


def read(data: bytes) -> None:
    """Reads a file whole, and as what is to go on."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.mxl")
        path.write_bytes(data)
        reader.load_tunes(path)
        reader.load_primer(path)
