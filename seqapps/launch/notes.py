"""What workers and the launcher tell one another: a small actor of Ray."""

import re
from typing import NamedTuple

# what `training.train` prints when a run has its folder
_RUN = re.compile(r"(runs[/\\]\S+): [\d,]+ parameters$")


class Outcome(NamedTuple):
    """How a launch ended.

    Args:
        code: an exit code.
        message: one line; empty if there is nothing to say.
    """

    code: int
    message: str


class Notes:
    """The state of a launch, which outlives its workers.

    Args:
        run: the run that is resumed, or None.
    """

    def __init__(self, run: str | None):
        self._run = run
        self._lines: list[tuple[str, bool]] = []
        self._outcome: Outcome | None = None
        self._stops = False
        self._starts = 0
        self._lost = ""

    def begin(self, rank: int) -> str | None:
        """A worker begins; returns the run that it goes on with."""
        if rank == 0:
            self._starts += 1
            if self._starts > 1:
                self._lines.append((self._restarted(), True))
        return self._run

    def _restarted(self) -> str:
        what = self._lost or "a worker was lost"
        where = f"goes on with {self._run}" if self._run else "begins again"
        self._lost = ""
        return f"seqapps launch: {what}: {where}"

    def tell(self, line: str, is_error: bool) -> None:
        """The first worker's training prints a line."""
        self._lines.append((line, is_error))
        if found := _RUN.search(line):
            self._run = found[1]

    def lose(self, rank: int, why: str) -> None:
        """The process of a worker has ended as it should not."""
        self._lost = self._lost or f"worker {rank} was lost ({why})"

    def end(self, code: int, message: str) -> None:
        """The training is over, for all workers."""
        self._outcome = self._outcome or Outcome(code, message)

    def stop(self) -> None:
        """All workers shall save and end."""
        self._stops = True

    def is_over(self) -> bool:
        """Whether all workers shall end at once, or save and end."""
        return self._stops or self._outcome is not None

    def run(self) -> str | None:
        """The run that is trained, once that is known."""
        return self._run

    def take_lines(self) -> list[tuple[str, bool]]:
        """The lines since this was last called."""
        lines, self._lines = self._lines, []
        return lines

    def outcome(self) -> Outcome | None:
        """How the training ended; None if it did not end by itself."""
        return self._outcome

    def loss(self) -> str:
        """What was lost last, if a worker has said so."""
        return self._lost
