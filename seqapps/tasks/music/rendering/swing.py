"""Swing: even quavers are played long and short, as hornpipes are."""

from collections.abc import Sequence
from fractions import Fraction

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.tune import Tune

EVEN, HORNPIPE = Fraction(1, 2), Fraction(2, 3)
_BEAT = Fraction(1, 4)
_SWINGING = ("2/2", "2/4", "4/4")


def swing_of(tune: Tune) -> Fraction:
    """Returns the share of two quavers that the first has; a half is even."""
    if tune.meter not in _SWINGING:
        return EVEN
    if tune.swing is not None:
        return Fraction(tune.swing).limit_denominator(100)
    return HORNPIPE if tune.rhythm == "hornpipe" else EVEN


def swung_times(tune: Tune, starts: Sequence[Fraction]) -> dict:
    """Returns when what is written at a time is played, where that differs.

    Only the second of two even notes that share a beat moves: dotted notes,
    triplets and semiquavers stay. In 2/4 a beat is a quaver.

    Args:
        tune: once through; its body may be any text of canonical tokens.
        starts: when its notes begin, in whole notes.
    """
    share = swing_of(tune)
    if share == EVEN:
        return {}
    beat = _BEAT / 2 if tune.meter == "2/4" else _BEAT
    offset = _pickup(tune)
    inside: dict[Fraction, list[Fraction]] = {}
    for start in starts:
        place = (start - offset) % beat
        if place:
            inside.setdefault(start - place, []).append(start)
    return {
        first + beat / 2: first + beat * share
        for first, times in inside.items()
        if times == [first + beat / 2]
    }


def _pickup(tune: Tune) -> Fraction:
    """The length of the pick-up; the beats are counted from its end."""
    durations = bars.durations(tune.body)
    return durations[0] if durations else Fraction(0)
