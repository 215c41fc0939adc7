"""Measures of voice leading, each a pure function of a chorale."""

from collections.abc import Iterator
from itertools import combinations

from seqapps.tasks.chorale.notation.chorale import RANGES, VOICES, Chorale
from seqapps.tasks.chorale.notation.spelling import shift_to_white

_FIFTH, _OCTAVE = 7, 0
LARGE = 9  # semitones: a leap of more than a minor sixth, but for the octave


def parallels(chorale: Chorale) -> dict[str, int]:
    """Counts parallel fifths and octaves.

    Two voices move in parallel fifths if both go to other pitches in the same
    direction, and both intervals are fifths, compound ones counted. So for
    octaves and unisons.

    Args:
        chorale: four voices.

    Returns:
        How many "fifths" and "octaves".

    Example:
        >>> parallels(Chorale(("67 69", "64 65", "60 62", "48 50")))
        {'fifths': 2, 'octaves': 1}
    """
    rows = [chorale.sounding(voice) for voice in range(len(VOICES))]
    counts = {_FIFTH: 0, _OCTAVE: 0}
    for upper, lower in combinations(rows, 2):
        for (a, b), (c, d) in _moves(upper, lower):
            same = (a - b) % 12 == (c - d) % 12
            alike = (c > a) == (d > b) and a != c and b != d
            if same and alike and (a - b) % 12 in counts:
                counts[(a - b) % 12] += 1
    return {"fifths": counts[_FIFTH], "octaves": counts[_OCTAVE]}


def _moves(
    upper: list[int | None], lower: list[int | None]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yields pairs of pitches before and after either voice moves."""
    before = None
    for a, b in zip(upper, lower, strict=True):
        if a is None or b is None:
            before = None
            continue
        if before and before != (a, b):
            yield before, (a, b)
        before = a, b


def doubled_leading_notes(chorale: Chorale) -> int:
    """Counts beats whose chord has the leading note in two voices or more.

    The leading note is the seventh degree in major, and the raised seventh in
    minor; without a mode there is none.

    Args:
        chorale: four voices.
    """
    degree = {"major": 11, "minor": 8}.get(chorale.mode)
    if degree is None:
        return 0
    leading = (degree - shift_to_white(chorale.sharps)) % 12
    rows = [chorale.sounding(voice) for voice in range(len(VOICES))]
    return sum(
        sum(pitch is not None and pitch % 12 == leading for pitch in chord) > 1
        for chord in list(zip(*rows, strict=True))[::4]
    )


def large_leaps(chorale: Chorale) -> int:
    """Counts leaps of `LARGE` semitones or more that are no octave."""
    total = 0
    for voice in range(len(VOICES)):
        notes = chorale.notes(voice)
        for one, other in zip(notes, notes[1:], strict=False):
            if one.pitch is None or other.pitch is None:
                continue
            leap = abs(other.pitch - one.pitch)
            total += leap >= LARGE and leap != 12
    return total


def problems(chorale: Chorale) -> list[str]:
    """Returns what no chorale may have; empty if it has nothing of it.

    A voice that leaves its range or crosses another, or a sixteenth in which
    one of the lower voices is silent.

    Args:
        chorale: four voices.
    """
    found = set()
    rows = [chorale.sounding(voice) for voice in range(len(VOICES))]
    for chord in zip(*rows, strict=True):
        known = [pitch for pitch in chord if pitch is not None]
        if known != sorted(known, reverse=True):
            found.add("voices cross")
        if None in chord[1:]:
            found.add("a voice is silent")
        for pitch, (low, high) in zip(chord, RANGES, strict=True):
            if pitch is not None and not low <= pitch <= high:
                found.add("a voice leaves its range")
    return sorted(found)
