"""Metrics of how a tune is divided, and of how it and its sections end.

Each is one function of a tune as it is written, and NaN where there is nothing
to measure. "Bars" are those between bar lines; two are the same if they are
written alike.
"""

import math
from collections import Counter
from fractions import Fraction

from seqapps.tasks.music.notation.bars import AbcMeasure, split_measures
from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.notation.pitch import SEMITONES
from seqapps.tasks.music.notation.sections import Section, split_sections
from seqapps.tasks.music.notation.tune import Tune

_OFTEN = 5  # times that a bar is written


def ends_on_tonic(tune: Tune) -> float:
    """Returns 1 if the last note is the tonic, in any octave, else 0.

    Example:
        >>> ends_on_tonic(Tune("", "D", "major", "2/4", "A4 | F2 D2 |]"))
        1.0
    """
    pitches = [pitch for pitch, _ in melody(tune) if pitch is not None]
    if not pitches:
        return math.nan
    return float(pitches[-1] % 12 == _tonic(tune))


def number_of_sections(tune: Tune) -> float:
    """Returns how many sections are written.

    Example:
        >>> number_of_sections(Tune("", "D", "major", "2/4", "A4 :: D4 :|"))
        2.0
    """
    return float(len(_sections(tune))) if tune.body else math.nan


def number_of_bars(tune: Tune) -> float:
    """Returns the bars as written: no pick-up, each ending counted.

    Example:
        >>> number_of_bars(Tune("", "D", "major", "2/4", "A | D4 | F3 :|"))
        2.0
    """
    bars = sum(section.bars for section in _sections(tune))
    return float(bars) if tune.body else math.nan


def shares_ending(tune: Tune) -> float:
    """Returns 1 if the second section ends with the first one's last bar.

    NaN where there is one section.

    Example:
        >>> body = "A4 | F2 D2 :: B4 | F2 D2 :|"
        >>> shares_ending(Tune("", "D", "major", "2/4", body))
        1.0
    """
    sections = _sections(tune)
    if len(sections) < 2:
        return math.nan
    first, second = (_tokens(s.measures[-1]) for s in sections[:2])
    return float(first == second)


def cadences(tune: Tune) -> float:
    """Returns the share of the sections that end on the tonic.

    Example:
        >>> cadences(Tune("", "D", "major", "2/4", "A4 :: F2 D2 :|"))
        0.5
    """
    sections = _sections(tune)
    ends = [ends_on_tonic(_without_others(tune, s)) for s in sections]
    known = [end for end in ends if not math.isnan(end)]
    return sum(known) / len(known) if known else math.nan


def repeats_a_bar(tune: Tune) -> float:
    """Returns 1 if one whole bar is written five times or more, else 0.

    Example:
        >>> body = " | ".join(["D4"] * 5)
        >>> repeats_a_bar(Tune("", "D", "major", "2/4", body))
        1.0
    """
    whole = Fraction(tune.meter)
    counts = Counter(
        _tokens(measure)
        for measure in split_measures(tune.body)
        if measure.duration == whole
    )
    return float(max(counts.values()) >= _OFTEN) if counts else math.nan


METRICS = {
    "ends on the tonic": ends_on_tonic,
    "sections": number_of_sections,
    "bars": number_of_bars,
    "shared endings": shares_ending,
    "sections that end on the tonic": cadences,
    "a bar five times": repeats_a_bar,
}


def _sections(tune: Tune) -> list[Section]:
    return split_sections(tune.meter, tune.body)


def _tokens(measure: AbcMeasure) -> tuple[str, ...]:
    return tuple(token for token, _ in measure.timed)


def _tonic(tune: Tune) -> int:
    """The tonic's pitch class."""
    letter, sign = tune.key[0], tune.key[1:]
    return (SEMITONES[letter] + {"#": 1, "b": -1}.get(sign, 0)) % 12


def _without_others(tune: Tune, section: Section) -> Tune:
    """The last bar of a section, as a tune; ties into it are not counted."""
    body = " ".join(_tokens(section.measures[-1]))
    return Tune("", tune.key, tune.mode, tune.meter, body)
