"""Endings beyond a first and a second, written out."""

import copy
import re

from seqapps.tasks.music.notation.header import Unusable
from seqapps.tasks.music.notation.measure import Bar, Measure

_UNUSUAL = "unusual endings"


def passes(number: str) -> list[int]:
    """The times through at which an ending is played.

    Example:
        >>> passes("1,3"), passes("1-3"), passes("2")
        ([1, 3], [1, 2, 3], [2])
    """
    found: list[int] = []
    for part in number.split(","):
        m = re.fullmatch(r"(\d)(?:-(\d))?", part)
        if not m:
            return []
        found += range(int(m[1]), int(m[2] or m[1]) + 1)
    return found if 0 not in found else []


def written_out(measures: list[Measure]) -> list[Measure]:
    """Writes a section with three or more endings, or one for several times.

    Two times through stay a repeat; the others follow after it.

    Args:
        measures: the first has no notes, only the opening bar line.

    Raises:
        Unusable: an ending is missing.
    """
    if all(m.bar.ending in ("", "1", "2") for m in measures):
        return measures
    done: list[Measure] = measures[:1]
    since = 1  # in `done`: where the section begins
    i = 1
    while i < len(measures):
        done.append(measures[i])
        bar = measures[i].bar
        i += 1
        if bar.ending:
            found, i = _endings(measures, i, bar.ending)
            if any(name not in ("1", "2") for name, _ in found):
                section = done[since:]
                del done[since:]
                _write(done, section, found)
            else:
                done += [m for _, part in found for m in part]
            since = len(done)
        elif bar.end or bar.start or bar.double:
            since = len(done)
    return done


def _endings(
    measures: list[Measure], i: int, name: str
) -> tuple[list[tuple[str, list[Measure]]], int]:
    """The endings from measure `i` on, and where they are over."""
    found = [(name, [])]
    while i < len(measures):
        bar = measures[i].bar
        found[-1][1].append(measures[i])
        i += 1
        if bar.ending:
            found.append((bar.ending, []))
        elif bar.end or bar.start or bar.double:
            break
    if not found[-1][1]:
        raise Unusable(_UNUSUAL)
    return found, i


def _write(
    done: list[Measure],
    section: list[Measure],
    found: list[tuple[str, list[Measure]]],
) -> None:
    order = []
    for time in range(1, 10):
        some = [i for i, (name, _) in enumerate(found) if time in passes(name)]
        if not some:
            break
        order.append(some[0])
        if not found[some[0]][1][-1].bar.end:
            break  # nothing goes back from here
    if not order or set(order) != set(range(len(found))):
        raise Unusable(_UNUSUAL)
    last = found[-1][1][-1].bar
    while order:
        first, second = (*order[:2], None)[:2]
        order = order[2:]
        if second is None:
            _append(done, section, found[first][1], "")
            done[-1].bar = Bar(double=True)
        elif first == second:
            done[-1].bar.start = True
            _append(done, section, found[first][1], "")
            done[-1].bar = Bar(end=True)
        else:
            done[-1].bar.start = True
            _append(done, section, found[first][1], "1")
            done[-1].bar = Bar(end=True, ending="2")
            done += copy.deepcopy(found[second][1])
            done[-1].bar = Bar(double=True)
    done[-1].bar.start |= last.start


def _append(
    done: list[Measure], section: list[Measure], end: list[Measure], name: str
) -> None:
    """Adds a section and its ending."""
    done += copy.deepcopy(section)
    done[-1].bar = Bar(ending=name)
    done += copy.deepcopy(end)
