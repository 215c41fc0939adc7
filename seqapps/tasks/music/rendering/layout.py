"""Canonical ABC set for people: beams by the beat, four bars a line."""

from collections.abc import Iterator
from fractions import Fraction

from seqapps.tasks.music.notation import bars

Timed = tuple[str, Fraction]  # a token, and the time it takes

_SIGNS = {"|:", "::", ":|", "[1", "||"}
_BREAKS = {"||", "|]", ":|", "::", "|:"}  # a line may end early after these


def beamed(meter: str, body: str) -> str:
    """Write a body as a musician would: what shares a beam stands together.

    A repeat from the beginning is opened there, for programs that want it.

    Args:
        meter: such as "6/8".
        body: canonical tokens.

    Returns:
        The same music on several lines; `abc.normalise` reads it back.

    Example:
        >>> print(beamed("6/8", "D | G A B c2 d | e f g d2 :|"))
        |: D | GAB c2d | efg d2 :|
    """
    text = []
    for line in lines(meter, body):
        for measure, start in line:
            ending = measure.opener.rpartition(" ")[2]
            if ending in bars.ENDINGS or not text and ending:
                text.append(ending + " ")
            for group in groups(meter, measure, start):
                text.append("".join(token for token, _ in group) + " ")
            text.append(measure.closer.partition(" ")[0] + " ")
        text[-1] = text[-1].rstrip() + "\n"
    signs = [t for t in body.split() if t in _SIGNS]
    if signs and signs[0] in ("::", ":|", "[1") and body.split()[0] != "|:":
        text.insert(0, "|: ")
    return "".join(text).strip()


def lines(
    meter: str, body: str
) -> Iterator[list[tuple[bars.Measure, Fraction]]]:
    """Cut a tune into lines of about four bars.

    Args:
        meter: such as "6/8".
        body: canonical tokens.

    Yields:
        The measures of a line, each with the place in the bar where it
        starts: not 0 for a pick-up, which ends on the bar line, nor for an
        ending that opens within a bar.
    """
    whole = Fraction(meter)
    line, full = [], 0
    end = fork = Fraction(0)  # of the last bar; of the bar before ending 1
    measures = bars.measures(body)
    for measure in measures:
        ending = measure.opener.rpartition(" ")[2]
        start = Fraction(0)
        if ending in bars.ENDINGS:
            fork = end if ending == "[1" else fork
            start = fork
        elif ending != "|" and measure is not measures[-1]:
            start = max(whole - measure.held, start)
        end = (start + measure.held) % whole
        line.append((measure, start))
        full += measure.held >= whole
        closes = measure.closer.partition(" ")[0] in _BREAKS
        if full >= 4 or closes and full > 1:
            yield line
            line, full = [], 0
    if line:
        yield line


def groups(
    meter: str, measure: bars.Measure, start: Fraction
) -> list[list[Timed]]:
    """Put together what shares a beat.

    The notes of a tuplet stay together, after its opener.

    Args:
        meter: such as "6/8".
        measure: tokens with their times.
        start: the place in the bar where it starts.
    """
    found: list[list[Timed]] = []
    before, left = None, 0  # the last beat; notes of a tuplet still to come
    spans = _beats(meter, measure.timed, start)
    for (token, length), beat in zip(measure.timed, spans, strict=True):
        if left <= 0 and beat != before:
            found.append([])
            before = beat
        found[-1].append((token, length))
        left = bars.tuplet(token) or left - 1
    return found


def _beats(
    meter: str, timed: list[Timed], start: Fraction
) -> list[tuple[Fraction, Fraction]]:
    """The beat in which each token starts.

    In four crotchets plain quavers are beamed by the half bar, and whatever
    is finer by the crotchet.
    """
    over, under = map(int, meter.split("/"))
    if under >= 8 and over % 3 == 0:
        beat = half = Fraction(3, under)
    else:
        beat = Fraction(1, 4)
        half = Fraction(1, 2) if meter in ("4/4", "2/2") else beat
    places = []
    for _, length in timed:
        places.append(start)
        start += length
    fine = {
        place // half
        for place, (_, length) in zip(places, timed, strict=True)
        if length % Fraction(1, 8)
    }
    return [
        (place // half, place // (beat if place // half in fine else half))
        for place in places
    ]
