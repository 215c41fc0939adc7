"""Key signatures of pitches, and the names of pitches in a signature."""

from collections.abc import Iterable

_LETTERS = "FCGDAEB"
_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# places on the line of fifths, from F, of the twelve pitches in C major and A
# minor: B flat to D sharp, for G sharp leads to A and D sharp to E
_FROM, _TO = -1, 10
_WRITTEN = 0.12  # of all notes: what the written signature is trusted with


def spell(pitch: int, sharps: int) -> tuple[str, int, int]:
    """Spells a pitch in a key signature.

    Args:
        pitch: of MIDI.
        sharps: of the signature.

    Returns:
        The letter, its sharps (flats are negative) and the octave.

    Example:
        >>> spell(66, 1), spell(66, -2), spell(70, -2), spell(68, 0)
        (('F', 1, 4), ('F', 1, 4), ('B', -1, 4), ('G', 1, 4))
    """
    fifths = next(
        place
        for place in range(_FROM + sharps, _TO + sharps + 1)
        if (7 * place + 5) % 12 == pitch % 12
    )
    letter, alter = _LETTERS[fifths % 7], fifths // 7
    octave = (pitch - alter - _NATURAL[letter]) // 12 - 1
    return letter, alter, octave


def in_signature(letter: str, sharps: int) -> int:
    """Returns how a signature alters a letter: 1 sharp, -1 flat, 0 neither."""
    place = _LETTERS.index(letter)
    if sharps > 0:
        return int(place < sharps)
    return -int(place >= 7 + sharps)


def shift_to_white(sharps: int) -> int:
    """Returns the semitones, -5 to 6, that bring a signature to none."""
    return (5 - 7 * sharps) % 12 - 5


def estimate_sharps(notes: Iterable[tuple[int, float]], written: int) -> int:
    """Returns the signature that leaves the least of the notes altered.

    Old scores write Dorian pieces with a flat less than minor ones, and
    performances have no signature at all. The written one is kept unless
    another fits clearly better.

    Args:
        notes: pitches and lengths.
        written: the sharps of the signature that is written.
    """
    lengths = [0.0] * 12
    for pitch, length in notes:
        lengths[pitch % 12] += length
    total = sum(lengths) or 1.0

    def altered(sharps: int) -> float:
        scale = {(7 * (place + sharps) + 5) % 12 for place in range(7)}
        outside = sum(n for i, n in enumerate(lengths) if i not in scale)
        away = abs(sharps - written)
        return outside / total + (_WRITTEN if away else 0) + 0.001 * away

    return min(range(-6, 7), key=altered)


def mode_of(final: int, sharps: int) -> str:
    """Returns the mode whose tonic a last bass note is; empty if neither's.

    Example:
        >>> mode_of(43, 1), mode_of(40, 1), mode_of(45, 1)
        ('major', 'minor', '')
    """
    degree = (final + shift_to_white(sharps)) % 12
    return {0: "major", 9: "minor"}.get(degree, "")
