"""Kinds of tunes: what `R:` names, and what the rhythm of a tune tells."""

from collections import Counter
from fractions import Fraction

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.tune import Tune

# a word of `R:`, and the kind that it names; the first that is found counts
_WORDS = {
    "slip": "slip-jig",
    "jig": "jig",
    "slide": "jig",
    "reel": "reel",
    "hornpipe": "hornpipe",
    "clog": "hornpipe",
    "strathspey": "strathspey",
    "fling": "strathspey",
    "waltz": "waltz",
    "polka": "polka",
}
RHYTHMS = tuple(sorted(set(_WORDS.values())))

# Of tunes that name no kind: notes a full bar, and the share that is dotted.
_FEWEST_OF_JIG = 4.8
_MOST_OF_WALTZ = 5.0
_OF_POLKA = (3.5, 6.5)
_FEWEST_OF_REEL = 6.8
_DOTTED, _EVEN = 0.2, 0.1
_QUAVERS_OF_REEL = 0.6  # share of the notes


def parse_rhythm(value: str) -> str:
    """Returns the kind that an `R:` field names; "" for none of `RHYTHMS`.

    Example:
        >>> parse_rhythm("Double jig"), parse_rhythm("slipjig")
        ('jig', 'slip-jig')
    """
    value = value.lower()
    return next((kind for word, kind in _WORDS.items() if word in value), "")


def rhythm_of(tune: Tune) -> str:
    """Returns the kind of a tune: what it names, or what its rhythm tells.

    Args:
        tune: its body may be any text of canonical tokens.

    Returns:
        One of `RHYTHMS`; "" where it is none of them, or cannot be told.
    """
    if tune.rhythm == "jig":  # in 2/4 it is no jig but in name
        kinds = {"6/8": "jig", "12/8": "jig", "9/8": "slip-jig"}
        return kinds.get(tune.meter, "")
    if tune.rhythm:
        return tune.rhythm
    whole = Fraction(tune.meter)
    measures = [
        measure
        for measure in bars.split_measures(tune.body)
        if measure.duration == whole
    ]
    lengths = [length for m in measures for _, length in m.timed if length]
    if not lengths:
        return ""
    counts = Counter(lengths)
    a_bar = len(lengths) / len(measures)
    dotted = (counts[Fraction(3, 16)] + counts[Fraction(3, 32)]) / len(lengths)
    quavers = counts[bars.EIGHTH] / len(lengths)
    if tune.meter == "9/8":
        return "slip-jig"
    if tune.meter == "6/8":
        return "jig" if a_bar >= _FEWEST_OF_JIG else ""
    if tune.meter == "3/4":
        return "waltz" if a_bar <= _MOST_OF_WALTZ else ""
    if tune.meter == "2/4":
        few, many = _OF_POLKA
        return "polka" if few <= a_bar <= many and dotted < _EVEN else ""
    if tune.meter not in ("2/2", "4/4") or a_bar < _FEWEST_OF_REEL:
        return ""
    if dotted >= _DOTTED:
        return "strathspey" if _has_snaps(measures) else "hornpipe"
    even = dotted < _EVEN and quavers >= _QUAVERS_OF_REEL
    return "reel" if even else ""


def _has_snaps(measures: list[bars.AbcMeasure]) -> bool:
    """Whether semiquavers come before their dotted quavers, too."""
    snaps = plain = 0
    for measure in measures:
        lengths = [length for _, length in measure.timed if length]
        for pair in zip(lengths[::2], lengths[1::2], strict=False):
            snaps += pair == (Fraction(1, 16), Fraction(3, 16))
            plain += pair == (Fraction(3, 16), Fraction(1, 16))
    return snaps * 8 > plain
