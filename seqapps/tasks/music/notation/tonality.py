"""Estimates the key of notes without one, and spells pitches in a key."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from seqapps.tasks.music.notation.key_signature import CIRCLE_OF_FIFTHS, fifths
from seqapps.tasks.music.notation.pitch import LETTERS

# The score gained by the tonic that the melody ends on. Chosen on the fiddle
# tunes of music21's corpus: 89 in a hundred keys are right, without it 86.
_FINAL_NOTE = 0.15


def tonic_of(sharps: int, shift: int = 0) -> str:
    """Returns the tonic of a signature.

    Args:
        sharps: of the signature; flats count below zero.
        shift: of the mode, as in `MODES`: 0 major, -3 minor.

    Example:
        >>> tonic_of(2), tonic_of(2, -3), tonic_of(-3), tonic_of(6)
        ('D', 'B', 'Eb', 'F#')
    """
    position = sharps - shift + 1  # on the circle of fifths; F is 0
    accidental = {-1: "b", 0: "", 1: "#"}[position // 7]
    return CIRCLE_OF_FIFTHS[position % 7] + accidental


def estimate_key(
    notes: Sequence[tuple[int, Fraction]], sharps: int | None = None
) -> tuple[str, str]:
    """Estimates the key of notes; C major if they do not tell.

    Args:
        notes: MIDI pitches with their lengths.
        sharps: of the signature, if it is known.

    Returns:
        Tonic, and "major" or "minor".
    """
    from music21 import note, stream
    from music21.analysis.discrete import DiscreteAnalysisException

    total: Counter[int] = Counter()  # the analysis ignores the order
    for pitch, length in notes:
        total[pitch % 12] += length  # type: ignore[assignment]
    profile: stream.Stream[note.Note] = stream.Stream(
        [note.Note(midi=60 + p, quarterLength=n) for p, n in total.items()]
    )
    try:
        best = profile.analyze("key.temperley")
    except DiscreteAnalysisException:
        return tonic_of(sharps or 0), "major"
    scores: dict[tuple[str, str], float] = {}
    for key in (best, *best.alternateInterpretations):
        name, mode = key.tonic.name.replace("-", "b"), key.mode
        if sharps is not None and fifths(name, mode) % 12 != sharps % 12:
            continue
        is_final = key.tonic.pitchClass == notes[-1][0] % 12
        scores[name, mode] = key.correlationCoefficient + _FINAL_NOTE * is_final
    name, mode = max(scores, key=lambda key: scores[key])
    if sharps is None:  # of G# major and Ab major, the one with a signature
        sharps = (fifths(name, mode) + 5) % 12 - 5
    return tonic_of(sharps, -3 if mode == "minor" else 0), mode


def spell_midi_pitch(pitch: int, sharps: int) -> tuple[int, int]:
    """Spells a MIDI pitch as one would in a key.

    The spelling is the nearest on the circle of fifths: in C major the black
    keys are C#, Eb, F#, G# (as in A minor) and Bb.

    Args:
        pitch: a MIDI number.
        sharps: of the signature; flats count below zero.

    Returns:
        White keys above middle C, and semitones by which the note is raised.
    """
    fifth = sharps - 3 + (pitch * 7 - sharps + 3) % 12  # 0 is C, 1 is G
    letter = CIRCLE_OF_FIFTHS[(fifth + 1) % 7]
    alteration = (fifth + 1) // 7
    octave = (pitch - alteration) // 12 - 5
    return LETTERS.index(letter) + 7 * octave, alteration
