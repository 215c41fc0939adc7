"""JSON lines and arrays of `classify --input`."""

import fuzzing

_TABLE = fuzzing.target("csv_table")


def read(data: bytes) -> None:
    """Reads JSON, and writes it in both forms."""
    _TABLE.read(data, "a.json")
