"""Tables of `classify --input`: read, classified by a stand-in, written."""

import csv
import tempfile
from pathlib import Path

from seqapps.tasks.sentiment import command
from seqapps.tasks.sentiment.importers.input_table import InputTable


class _Classifier:
    """Says "pos" of everything."""

    def classify(self, texts):
        for text in texts:
            text.encode()
        return {
            "label": ["pos"] * len(texts),
            "probability": [0.75] * len(texts),
            "probabilities": [[0.25, 0.75]] * len(texts),
            "labels": ["neg", "pos"],
        }


def read(data: bytes, name: str = "a.csv") -> None:
    """Reads a table and writes it in both forms; no row is lost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        for output in ("out.csv", "out.jsonl"):
            command.classify(
                _Classifier(), input=path, output=Path(folder, output)
            )
        count = InputTable(path, "text").count
        with Path(folder, "out.csv").open(encoding="utf-8", newline="") as file:
            assert len(list(csv.reader(file, strict=True))) == 1 + count
        lines = Path(folder, "out.jsonl").read_bytes().split(b"\n")
        assert len(lines) == count + 1
