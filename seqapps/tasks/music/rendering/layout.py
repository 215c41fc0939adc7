"""Lays ABC out for people: beams by the beat, four bars a line."""

from collections.abc import Iterator
from fractions import Fraction

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.meter import groups_by_three

TimedToken = tuple[str, Fraction]  # in whole notes, tuplets counted

_REPEAT_SIGNS = {"|:", "::", ":|", "[1", "||"}
_LINE_ENDS = {"||", "|]", ":|", "::", "|:"}  # after these, before 4 bars


def beamed(meter: str, body: str) -> str:
    """Returns a body as musicians write it: beamed notes stand together.

    A repeat from the beginning gets its `|:`, for programs that want it.

    Args:
        meter: such as "6/8".
        body: canonical tokens.

    Returns:
        The same music on several lines, which `abc.normalise` can read.

    Example:
        >>> print(beamed("6/8", "D | G A B c2 d | e f g d2 :|"))
        |: D | GAB c2d | efg d2 :|
    """
    text: list[str] = []
    for line in split_lines(meter, body):
        for measure, start in line:
            ending = measure.opener.rpartition(" ")[2]
            if ending in bars.ENDINGS or not text and ending:
                text.append(ending + " ")
            for group in beam_groups(meter, measure, start):
                text.append("".join(token for token, _ in group) + " ")
            text.append(measure.closer.partition(" ")[0] + " ")
        text[-1] = text[-1].rstrip() + "\n"
    signs = [t for t in body.split() if t in _REPEAT_SIGNS]
    if signs and signs[0] in ("::", ":|", "[1") and body.split()[0] != "|:":
        text.insert(0, "|: ")
    return "".join(text).strip()


def split_lines(
    meter: str, body: str
) -> Iterator[list[tuple[bars.AbcMeasure, Fraction]]]:
    """Yields a tune line by line, about four bars each.

    Args:
        meter: such as "6/8".
        body: canonical tokens.

    Yields:
        The measures of a line, each with its start within the bar, in whole
        notes: not 0 for a pick-up, which ends on the bar line, nor for an
        ending that opens within a bar.
    """
    whole = Fraction(meter)
    line: list[tuple[bars.AbcMeasure, Fraction]] = []
    full_bars = 0
    end = before_endings = Fraction(0)  # where the last bar ended
    measures = bars.split_measures(body)
    for measure in measures:
        ending = measure.opener.rpartition(" ")[2]
        start = Fraction(0)
        if ending in bars.ENDINGS:
            before_endings = end if ending == "[1" else before_endings
            start = before_endings
        elif ending != "|" and measure is not measures[-1]:
            start = max(whole - measure.duration, start)
        end = (start + measure.duration) % whole
        line.append((measure, start))
        full_bars += measure.duration >= whole
        closes = measure.closer.partition(" ")[0] in _LINE_ENDS
        if full_bars >= 4 or closes and full_bars > 1:
            yield line
            line, full_bars = [], 0
    if line:
        yield line


def beam_groups(
    meter: str, measure: bars.AbcMeasure, start: Fraction
) -> list[list[TimedToken]]:
    """Returns the tokens of a measure, grouped by the beat.

    The notes of a tuplet stay together, after its opener.

    Args:
        meter: such as "6/8".
        measure: tokens with their times.
        start: where in the bar it starts, in whole notes.
    """
    groups: list[list[TimedToken]] = []
    last_beat, tuplet_left = None, 0
    beats = _beats(meter, measure.timed, start)
    for (token, length), beat in zip(measure.timed, beats, strict=True):
        if tuplet_left <= 0 and beat != last_beat:
            groups.append([])
            last_beat = beat
        groups[-1].append((token, length))
        tuplet_left = bars.tuplet_size(token) or tuplet_left - 1
    return groups


def _beats(
    meter: str, timed: list[TimedToken], start: Fraction
) -> list[tuple[int, int]]:
    """Returns the half bar and the beat in which each token starts.

    In 4/4 and 2/2 quavers are beamed by the half bar; a half bar with shorter
    notes is beamed by the crotchet.
    """
    if groups_by_three(meter):
        beat = half = Fraction(3, int(meter.partition("/")[2]))
    else:
        beat = Fraction(1, 4)
        half = Fraction(1, 2) if meter in ("4/4", "2/2") else beat
    starts = []
    for _, length in timed:
        starts.append(start)
        start += length
    with_short_notes = {
        start // half
        for start, (_, length) in zip(starts, timed, strict=True)
        if length % Fraction(1, 8)
    }
    return [
        (
            start // half,
            start // (beat if start // half in with_short_notes else half),
        )
        for start in starts
    ]
