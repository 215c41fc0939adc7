"""Pairs of translation's `--data.path`: a table with tabs, or commas."""

import tempfile
from pathlib import Path

from seqapps.errors import InputError
from seqapps.tasks.translation.importers import pair_files


def read(data: bytes) -> None:
    """Reads pairs parted by tabs, and by commas."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pairs.tsv")
        path.write_bytes(data)
        try:
            pair_files.read_table(path, 2, 1, "", ",")
        except InputError as error:
            assert str(error)
        pairs = pair_files.read_table(path, 1, 2)
        assert all("\n" not in text for pair in pairs for text in pair)
