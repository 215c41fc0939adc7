"""JSON lines and arrays of `classify --input`."""

import fuzzing


def read(data: bytes) -> None:
    """Reads JSON, and writes it in both forms."""
    fuzzing.target("csv_table").read(data, "a.json")
