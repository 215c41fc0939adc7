"""Endings beyond a first and a second, written out."""

import copy
import re
from typing import NamedTuple

from seqapps.tasks.music.notation.parsed import BarLine, ParsedMeasure
from seqapps.tasks.music.notation.unusable import Unusable

_UNUSUAL = "unusual endings"
_MAX_TIMES = 9  # through a section


class _Ending(NamedTuple):
    """An ending: its number, such as "1" or "1,3", and its measures."""

    number: str
    measures: list[ParsedMeasure]

    @property
    def bar_line(self) -> BarLine:
        """The bar line after it."""
        return self.measures[-1].bar_line


def parse_ending(number: str) -> list[int]:
    """Returns the times through a section at which an ending is played.

    Example:
        >>> parse_ending("1,3"), parse_ending("1-3"), parse_ending("2")
        ([1, 3], [1, 2, 3], [2])
    """
    times: list[int] = []
    for part in number.split(","):
        m = re.fullmatch(r"(\d)(?:-(\d))?", part)
        if not m:
            return []
        times += range(int(m[1]), int(m[2] or m[1]) + 1)
    return times if 0 not in times else []


def expand_endings(measures: list[ParsedMeasure]) -> list[ParsedMeasure]:
    """Writes out sections with three or more endings, or one for several times.

    Every two times through become a repeat with two endings.

    Args:
        measures: the first has no notes, only the opening bar line.

    Raises:
        Unusable: an ending is missing.
    """
    if all(m.bar_line.ending in ("", "1", "2") for m in measures):
        return measures
    expanded: list[ParsedMeasure] = measures[:1]
    section_start = 1  # in `expanded`
    i = 1
    while i < len(measures):
        expanded.append(measures[i])
        line = measures[i].bar_line
        i += 1
        if line.ending:
            endings, i = _collect_endings(measures, i, line.ending)
            if any(ending.number not in ("1", "2") for ending in endings):
                section = expanded[section_start:]
                del expanded[section_start:]
                _append_times(expanded, section, endings)
            else:
                expanded += [m for ending in endings for m in ending.measures]
            section_start = len(expanded)
        elif line.ends_repeat or line.starts_repeat or line.double:
            section_start = len(expanded)
    return expanded


def _collect_endings(
    measures: list[ParsedMeasure], i: int, number: str
) -> tuple[list[_Ending], int]:
    """Returns the endings from measure `i` on, and the index after them."""
    endings = [_Ending(number, [])]
    while i < len(measures):
        line = measures[i].bar_line
        endings[-1].measures.append(measures[i])
        i += 1
        if line.ending:
            endings.append(_Ending(line.ending, []))
        elif line.ends_repeat or line.starts_repeat or line.double:
            break
    if not endings[-1].measures:
        raise Unusable(_UNUSUAL)
    return endings, i


def _order_of_play(endings: list[_Ending]) -> list[int]:
    """Returns the index of the ending that each time through has."""
    order: list[int] = []
    for time in range(1, _MAX_TIMES + 1):
        matches = [
            i
            for i, ending in enumerate(endings)
            if time in parse_ending(ending.number)
        ]
        if not matches:
            break
        order.append(matches[0])
        if not endings[matches[0]].bar_line.ends_repeat:
            break
    if not order or set(order) != set(range(len(endings))):
        raise Unusable(_UNUSUAL)
    return order


def _append_times(
    expanded: list[ParsedMeasure],
    section: list[ParsedMeasure],
    endings: list[_Ending],
) -> None:
    """Appends a section with its endings, for each time through."""
    order = _order_of_play(endings)
    starts_repeat = endings[-1].bar_line.starts_repeat
    while order:
        first, second = order[0], order[1] if len(order) > 1 else None
        order = order[2:]
        if second is None:
            _append(expanded, section, endings[first], "")
            expanded[-1].bar_line = BarLine(double=True)
        elif first == second:
            expanded[-1].bar_line.starts_repeat = True
            _append(expanded, section, endings[first], "")
            expanded[-1].bar_line = BarLine(ends_repeat=True)
        else:
            expanded[-1].bar_line.starts_repeat = True
            _append(expanded, section, endings[first], "1")
            expanded[-1].bar_line = BarLine(ends_repeat=True, ending="2")
            expanded += copy.deepcopy(endings[second].measures)
            expanded[-1].bar_line = BarLine(double=True)
    expanded[-1].bar_line.starts_repeat |= starts_repeat


def _append(
    expanded: list[ParsedMeasure],
    section: list[ParsedMeasure],
    ending: _Ending,
    number: str,
) -> None:
    expanded += copy.deepcopy(section)
    expanded[-1].bar_line = BarLine(ending=number)
    expanded += copy.deepcopy(ending.measures)
