"""The log of a run, as people and programs read it."""

import csv
import io
from pathlib import Path

from seqapps.files import write_file
from seqapps.training import curve
from seqapps.training.events import EventFile


class LogFiles:
    """Writes the log as a table, as a picture and for TensorBoard.

    Args:
        run: the folder.
        steps: of an epoch.
    """

    def __init__(self, run: Path, steps: int):
        self._run, self._events = run, EventFile(run, steps)

    def write(
        self, log: dict[str, list[float]], best: str, losses: list[float]
    ) -> None:
        """Writes `log.csv`, `curve.png` and the last epoch's events.

        Args:
            log: one number an epoch, by name.
            best: which of them the best epoch is chosen by.
            losses: the same number, the best of them the lowest.
        """
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["epoch", *log])
        for epoch, row in enumerate(zip(*log.values(), strict=True)):
            rows.writerow([epoch, *row])
        write_file(self._run / "log.csv", text.getvalue())
        picture = curve.curve_png(log, best, losses)
        write_file(self._run / "curve.png", picture)
        self._events.write(log)
