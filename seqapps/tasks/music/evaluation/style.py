"""Metrics of the notes and rhythms of a tune.

Each is one function of a tune as it is written: no repeat is played, tied
notes are one. Each is NaN where there is nothing to measure. They are those
of muspy (Dong et al. 2020, "MusPy: A Toolkit for Symbolic Music Generation").
They say how composed tunes differ from real ones, not how good a tune is.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.notation.tune import Tune

# Grid steps of a whole note: 24 a quarter, as in muspy. It is the coarsest grid
# with demisemiquavers as well as triplets of quavers and semiquavers.
STEPS = 96
_MAJOR = {0, 2, 4, 5, 7, 9, 11}  # semitones above the tonic


def pitch_class_entropy(tune: Tune) -> float:
    """Returns how evenly the twelve pitch classes are used, in bits.

        H = -sum over c of p(c) log2 p(c)

    with p(c) the share of the notes that are of pitch class c, whatever their
    length. From 0 (one pitch class) to 3.58 (all equally often).

    Source: Wu and Yang 2020, "The Jazz Transformer on the Front Line", 5.1,
    there over one or four bars; over a whole piece, as here, in muspy.

    Example:
        >>> pitch_class_entropy(Tune("", "C", "major", "4/4", "C4 E4 | c4 G4"))
        1.5
    """
    counts = Counter(pitch % 12 for pitch in _pitches(tune))
    if not counts:
        return math.nan
    total = counts.total()
    return sum(n / total * math.log2(total / n) for n in counts.values())


def scale_consistency(tune: Tune) -> float:
    """Returns the largest share of the notes that lie in one scale.

        max over s of |notes in s| / |notes|

    with s the twelve major scales; the natural minor ones have the same
    notes, and so have the modes.

    Source: Mogren 2016, "C-RNN-GAN: Continuous recurrent neural networks
    with adversarial training", 4; as in muspy.

    Example:
        >>> scale_consistency(Tune("", "C", "major", "4/4", "C4 ^C4 | E4 F4"))
        0.75
    """
    pitches = _pitches(tune)
    if not pitches:
        return math.nan
    return max(
        sum((pitch - tonic) % 12 in _MAJOR for pitch in pitches)
        for tonic in range(12)
    ) / len(pitches)


def groove_consistency(tune: Tune) -> float:
    """Returns how similar the rhythms of neighbouring bars are.

        1 - 1 / (T - 1) sum over i of d(G(i), G(i + 1)) / Q

    with G(i) the Q grid steps of bar i, 1 where a note begins and else 0, d
    the Hamming distance, T the number of bars, and Q = `STEPS` times the
    metre. A note that begins between two steps counts for the earlier.

    Only full bars count: pick-ups and the parts of a bar that a repeat divides
    are left out, and the full bars before and after them are neighbours. NaN
    with fewer than two.

    Source: muspy; Wu and Yang 2020, 5.2, compare every pair of bars.

    Example:
        >>> groove_consistency(Tune("", "C", "major", "2/4", "C4 | C2 E2"))
        0.9791666666666666
    """
    whole = Fraction(tune.meter)
    onsets, time = [], Fraction(0)
    for pitch, length in melody(tune):
        if pitch is not None:
            onsets.append(time)
        time += length
    rhythms, start = [], Fraction(0)
    for measure in bars.split_measures(tune.body):
        end = start + measure.duration
        if measure.duration == whole:
            inside = (time - start for time in onsets if start <= time < end)
            rhythms.append({int(time * STEPS) for time in inside})
        start = end
    pairs = zip(rhythms, rhythms[1:], strict=False)
    distances = [len(before ^ after) for before, after in pairs]
    if not distances:
        return math.nan
    return 1 - sum(distances) / len(distances) / float(STEPS * whole)


def pitch_range(tune: Tune) -> float:
    """Returns the semitones from the lowest note to the highest.

    Source: muspy.

    Example:
        >>> pitch_range(Tune("", "G", "major", "4/4", "G,4 F4 | z4 f4"))
        23.0
    """
    pitches = _pitches(tune)
    return float(max(pitches) - min(pitches)) if pitches else math.nan


def empty_bars(tune: Tune) -> float:
    """Returns the share of the bars in which no note sounds.

    A bar into which a note is tied is not empty. Only full bars count, as in
    `groove_consistency`.

    Source: muspy, the empty measure rate.

    Example:
        >>> empty_bars(Tune("", "C", "major", "2/4", "C | E4- | E4 | z4 | c4"))
        0.25
    """
    whole = Fraction(tune.meter)
    empty = [
        all(token[0] == "z" for token, length in measure.timed if length)
        for measure in bars.split_measures(tune.body)
        if measure.duration == whole
    ]
    return sum(empty) / len(empty) if empty else math.nan


METRICS = {
    "pitch-class entropy": pitch_class_entropy,
    "scale consistency": scale_consistency,
    "groove consistency": groove_consistency,
    "pitch range": pitch_range,
    "empty bars": empty_bars,
}


def mean_metrics(
    tunes: Iterable[Tune],
    metrics: Mapping[str, Callable[[Tune], float]] = METRICS,
) -> dict[str, float]:
    """Returns the mean of every metric over tunes.

    Args:
        tunes: real or composed. A metric ignores tunes for which it is NaN.
        metrics: by name.

    Returns:
        A number for every name in `metrics`; NaN where no tune has one.
    """
    tunes = list(tunes)
    means = {}
    for name, metric in metrics.items():
        values = [v for v in map(metric, tunes) if not math.isnan(v)]
        means[name] = math.fsum(values) / len(values) if values else math.nan
    return means


def _pitches(tune: Tune) -> list[int]:
    return [pitch for pitch, _ in melody(tune) if pitch is not None]
