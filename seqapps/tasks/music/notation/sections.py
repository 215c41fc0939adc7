"""Sections of a tune: their bars, repeats and endings, as written."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from seqapps.tasks.music.notation.bars import (
    ENDINGS,
    AbcMeasure,
    split_measures,
)

ENDING_BARS = (1, 2, 4)  # how many bars a first ending may have
MOST_SECTIONS = 8  # of a form that is learned


class Section(NamedTuple):
    """What stands between two double bars or repeats.

    Args:
        bars: as written: without its pick-up, first and second endings each
            counted.
        repeated: whether it is played twice.
        ending_bars: bars of each of its two endings; 0 without endings, -1
            where they are not equal.
        measures: what stands between its bar lines.
    """

    bars: int
    repeated: bool
    ending_bars: int
    measures: Sequence[AbcMeasure] = ()


def split_sections(meter: str, body: str) -> list[Section]:
    """Splits a tune into its sections.

    Args:
        meter: such as "6/8".
        body: canonical tokens.

    Example:
        >>> body = "G | A4 | [1 B3 :| [2 c3 :: d | e4 | f3 :|"
        >>> [section[:3] for section in split_sections("2/4", body)]
        [(3, True, 1), (2, True, 0)]
    """
    sections: list[Section] = []
    measures: list[AbcMeasure] = []
    for measure in split_measures(body):
        measures.append(measure)
        line, _, ending = measure.closer.partition(" ")
        if line != "|" and not ending:
            sections.append(_section(Fraction(meter), measures))
            measures = []
    if measures:  # no line closes it
        sections.append(_section(Fraction(meter), measures))
    return sections


def _section(whole: Fraction, measures: list[AbcMeasure]) -> Section:
    bars = [
        measure
        for measure in measures
        if measure.duration >= whole
        or measure.opener == "|"
        or measure.opener.endswith(tuple(ENDINGS))
    ]
    first = [i for i, m in enumerate(bars) if m.opener.endswith("[1")]
    second = [i for i, m in enumerate(bars) if m.opener.endswith("[2")]
    ending_bars = 0
    if first and second:
        equal = 2 * second[0] == first[0] + len(bars)
        ending_bars = second[0] - first[0] if equal else -1
    repeated = measures[-1].closer in (":|", "::") or ending_bars != 0
    return Section(len(bars), repeated, ending_bars, measures)


def write_form(sections: Sequence[Section]) -> str:
    """Returns bars, repeats and endings in a word a section.

    Example:
        >>> write_form([Section(8, False, 0), Section(9, True, 1)])
        '8 9r1'
    """
    return " ".join(
        f"{bars}{'r' * repeated}{ending_bars or ''}"
        for bars, repeated, ending_bars, _ in sections
    )


def parse_written_form(text: str) -> list[Section]:
    """Parses what `write_form` writes.

    Example:
        >>> parse_written_form("8 9r1")[1].ending_bars
        1
    """
    sections = []
    for word in text.split():
        bars, repeat, ending_bars = word.partition("r")
        sections.append(Section(int(bars), bool(repeat), int(ending_bars or 0)))
    return sections
