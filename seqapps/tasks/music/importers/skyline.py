"""The top line of music in which several notes sound at once."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import groupby
from operator import attrgetter


def skyline(notes: Iterable, slack: Fraction = Fraction(0)) -> list:
    """Keep the highest note of all that begin together, and none under it.

    Args:
        notes: named tuples with `start`, `end` and `pitch`, in any order.
        slack: a note may sound on so long into a lower one, which is then
            the next of the melody and not below it.

    Returns:
        Notes one after another; an earlier one ends where the next begins.
    """
    line: list = []
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
