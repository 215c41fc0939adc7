"""Key signatures: what a tonic and a mode raise or lower."""

MODES = {  # first three letters: the mode, its fifths from major
    "maj": ("major", 0),
    "ion": ("major", 0),
    "mix": ("mixolydian", -1),
    "dor": ("dorian", -2),
    "min": ("minor", -3),
    "aeo": ("minor", -3),
    "phr": ("phrygian", -4),
    "loc": ("locrian", -5),
    "lyd": ("lydian", 1),
}
MAX_FIFTHS = 7  # sharps or flats of a signature
CIRCLE_OF_FIFTHS = "FCGDAEB"  # in this order signatures gain sharps


def fifths(tonic: str, mode: str) -> int:
    """Returns the sharps of a key signature; flats count below zero.

    Example:
        >>> fifths("D", "major"), fifths("D", "minor"), fifths("F", "lydian")
        (2, -1, 0)
    """
    shift = {"": 0, "#": 7, "b": -7}[tonic[1:]] + MODES[mode[:3]][1]
    return CIRCLE_OF_FIFTHS.index(tonic[0]) - 1 + shift


def signature(tonic: str, mode: str) -> dict[str, int]:
    """Returns the letters (capitals) that a key raises (1) or lowers (-1)."""
    n = fifths(tonic, mode)
    if n >= 0:
        return dict.fromkeys(CIRCLE_OF_FIFTHS[:n], 1)
    return dict.fromkeys(CIRCLE_OF_FIFTHS[n:], -1)


def key_field(tonic: str, mode: str) -> str:
    """Returns the value of `K:`: G, Emin, Ador."""
    return tonic if mode == "major" else tonic + mode[:3]
