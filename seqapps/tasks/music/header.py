"""What the information fields of an ABC tune say: title, key, metre, unit."""

import html
import re
import unicodedata
from dataclasses import dataclass
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


@dataclass
class Header:
    """What is known of a tune besides its notes."""

    title: str = ""
    key: str = ""
    mode: str = ""
    meter: str = ""
    unit: Fraction | None = None  # the length of a plain `A`, in eighths
    voice: str = ""

    def take(self, name: str, value: str, begun: bool = False) -> None:
        """Read one field.

        Args:
            name: its letter.
            value: what stands after the colon, without a comment.
            begun: whether notes came before it.

        Raises:
            Unusable: for a value that is not understood, or that changes the
                key or the metre on the way.
        """
        before = (self.key, self.mode, self.meter)
        if name == "K":
            self.key, self.mode = read_key(value)
        elif name == "M":
            self.meter = read_meter(value)
        elif name == "L":
            m = re.match(r"1(?:/(1|2|4|8|16|32))?\b", value)
            if not m:
                raise Unusable("unreadable")
            self.unit = Fraction(8, int(m[1] or 1))
        elif name == "T" and not self.title:
            self.title = read_title(value)
        elif name == "V":
            voice = (value.split() or [""])[0]
            if self.voice not in ("", voice):
                raise Unusable("several voices")
            self.voice = voice
        if begun and before != (self.key, self.mode, self.meter):
            raise Unusable("changes key or metre")


def default_unit(meter: str) -> Fraction:
    """The unit, in eighths, of a tune without `L:`."""
    return Fraction(1, 2) if Fraction(meter) < Fraction(3, 4) else Fraction(1)


def read_meter(value: str) -> str:
    """`M:` as "n/d"; common and cut time are spelt out."""
    words = value.replace('"', " ").split()
    value = words[0] if words else ""
    value = {"C": "4/4", "C|": "2/2"}.get(value, value)
    m = re.fullmatch(r"([1-9]\d?)/(1|2|4|8|16)", value)
    if not m or not 1 < int(m[1]) <= 12:
        none = value.lower() in ("", "none")
        raise Unusable("no metre" if none else "unusual metre")
    return value


def read_key(value: str) -> tuple[str, str]:
    """`K:` as tonic and mode.

    Clefs are left aside. Bagpipe keys, explicit signatures and added
    accidentals are refused.

    Example:
        >>> read_key("Bb"), read_key("A Dorian"), read_key("F#m clef=treble")
        (('Bb', 'major'), ('A', 'dorian'), ('F#', 'minor'))
    """
    if value.strip().lower() in ("", "none"):
        raise Unusable("no key")
    m = re.fullmatch(
        r"([A-G])([#b]?)\s*(?:([A-Za-z]+)(?!\S))?"
        r"(?:\s*(?:clef=)?(?:treble|staff\S*))*",
        value.strip(),
    )
    if not m:
        raise Unusable("unusual key")
    word = (m[3] or "maj").lower()
    word = "min" if m[3] == "m" else word[:3]
    if word in ("tre", "sta"):
        word = "maj"
    if word not in MODES:
        raise Unusable("unusual key")
    key, mode = m[1] + m[2], MODES[word][0]
    if abs(fifths(key, mode)) > 7:
        raise Unusable("unusual key")
    return key, mode


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
        html.unescape(value),
    )
    text = "".join(c if c.isprintable() else " " for c in text)
    return unicodedata.normalize("NFC", " ".join(text.split()))
