"""The top line of music in which several notes sound at once."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Protocol, Self, TypeVar


class Timed(Protocol):
    """A named tuple with a start, an end and a pitch."""

    @property
    def start(self) -> Fraction:
        """When it begins."""

    @property
    def end(self) -> Fraction:
        """When it ends."""

    @property
    def pitch(self) -> int:
        """The MIDI number."""

    def _replace(self, *, end: Fraction = ...) -> Self:
        """Returns a copy with another end."""


N = TypeVar("N", bound=Timed)


def skyline(notes: Iterable[N], slack: Fraction = Fraction(0)) -> list[N]:
    """Keeps the highest of all notes that begin together, and none under it.

    Args:
        notes: in any order.
        slack: a note may overlap a lower one for so long; the lower note then
            follows it in the melody.

    Returns:
        Notes one after another; an earlier one ends where the next begins.
    """
    line: list[N] = []
    by_start = attrgetter("start")
    for start, group in groupby(sorted(notes, key=by_start), by_start):
        top = max(group, key=attrgetter("pitch", "end"))
        if line and line[-1].end > start:
            before = line[-1]
            if before.pitch > top.pitch and before.end - start > slack:
                continue
            line[-1] = before._replace(end=start)
        line.append(top)
    return line
