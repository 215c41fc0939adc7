"""Titles, keys and metres of ABC."""

import html
import re
import unicodedata
from fractions import Fraction

MODES = {  # its first three letters: the mode, and its place in the fifths
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
_MOST = 300  # characters of a field that are read
SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}  # of an alteration
ALTER = {sign: number for number, sign in SIGNS.items()}
_FIFTHS = "FCGDAEB"  # the order in which sharps are added to a signature
_ACCENTS = dict(zip("`'^\"~", "\u0300\u0301\u0302\u0308\u0303", strict=True))


class Unusable(ValueError):
    """A tune that cannot be brought to canonical form.

    Args:
        reason: one of a few short phrases, made to be counted.
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def default_unit(meter: str) -> Fraction:
    """The unit, in eighths, of a tune without `L:`."""
    return Fraction(1, 2) if Fraction(meter) < Fraction(3, 4) else Fraction(1)


def read_meter(value: str) -> str:
    """`M:` as "n/d"; common and cut time are spelt out, sums added."""
    words = value[:_MOST].replace('"', " ").split()
    value = words[0] if words else ""
    value = {"C": "4/4", "C|": "2/2"}.get(value, value)
    added = re.fullmatch(r"\(?(\d(?:\+\d){1,5})\)?/(\d{1,2})", value)
    if added:
        value = f"{sum(map(int, added[1].split('+')))}/{added[2]}"
    m = re.fullmatch(r"([1-9]\d?)/(1|2|4|8|16)", value)
    if not m or not 1 < int(m[1]) <= 12:
        none = value.lower() in ("", "none")
        raise Unusable("no metre" if none else "unusual metre")
    return value


def fifths(key: str, mode: str) -> int:
    """Sharps (or, below zero, flats) of a key signature.

    Example:
        >>> fifths("D", "major"), fifths("D", "minor"), fifths("F", "lydian")
        (2, -1, 0)
    """
    shift = {"": 0, "#": 7, "b": -7}[key[1:]] + MODES[mode[:3]][1]
    return _FIFTHS.index(key[0]) - 1 + shift


def signature(key: str, mode: str) -> dict[str, int]:
    """The letters (in capitals) that a key raises (1) or lowers (-1)."""
    n = fifths(key, mode)
    return (
        dict.fromkeys(_FIFTHS[:n], 1)
        if n >= 0
        else dict.fromkeys(_FIFTHS[n:], -1)
    )


def key_field(key: str, mode: str) -> str:
    """What `K:` says: G, Emin, Ador."""
    return key if mode == "major" else key + mode[:3]


def read_title(value: str) -> str:
    r"""`T:` in plain letters: `\'e` and `&eacute;` are both é."""
    text = re.sub(
        r"\\([`'^\"~])([A-Za-z])",
        lambda m: m[2] + _ACCENTS[m[1]],
        html.unescape(value[:_MOST]),
    )
    text = "".join(c if c.isprintable() else " " for c in text)
    return unicodedata.normalize("NFC", " ".join(text.split()))
