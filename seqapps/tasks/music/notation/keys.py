"""What `K:` and `V:` say: tonic, mode, signature, octave and transposition."""

import re
from dataclasses import dataclass, field

from seqapps.tasks.music.notation.header import (
    ALTER,
    MODES,
    Unusable,
    fifths,
    signature,
)

_MOST = 500  # characters of a field
_CLEF = re.compile(
    r"(?:treble|bass|alto|tenor|baritone|soprano|mezzosoprano|perc|none|auto"
    r"|staff\w*|[GFC][1-5]|P)[1-5]?(?P<octave>[+-]8|[_^]8)?",
    re.IGNORECASE,
)
_SIGN = re.compile(r"(\^\^|\^|=|__|_)([A-Ga-g])")
_NAMES = {"clef", "octave", "transpose", "t", "middle", "m", "stafflines"}
_NAMES |= {"staffscale", "staves", "strings", "style", "name", "nm", "sname"}
_PIPES = {"HP", "Hp"}  # the chanter has F sharp, C sharp and G natural


@dataclass
class Key:
    """A key as it is written.

    Args:
        tonic: "" where the field gives none.
        mode: as in `abc.Tune`.
        signature: the letters (in capitals) that it raises or lowers.
        octaves: by which notes are moved.
        semitones: by which notes are moved when they sound.
        rare: whether it is more than a tonic and a mode.
    """

    tonic: str = ""
    mode: str = "major"
    signature: dict[str, int] = field(default_factory=dict)
    octaves: int = 0
    semitones: int = 0
    rare: bool = False


def read(value: str) -> Key:
    """Reads the value of `K:`.

    Args:
        value: such as "Dphr ^f clef=treble-8 transpose=-2".

    Raises:
        Unusable: it names no key.

    Example:
        >>> read("Dphr ^f").signature
        {'B': -1, 'E': -1, 'F': 1}
        >>> read("C exp ^f").mode
        'lydian'
    """
    value = value.strip().replace("♯", "#").replace("♭", "b")
    if len(value) > _MOST:
        raise Unusable("unusual key")
    words = _words(value)
    key = Key()
    if words and words[0] in _PIPES:
        key.tonic, key.mode, key.rare = "A", "mixolydian", True
        words = words[1:]
    elif words and words[0].lower() in ("none", "n"):
        words = words[1:]
    elif words:
        words = _tonic(words, key)
    explicit = bool(words) and words[0].lower() == "exp"
    if explicit:
        words = words[1:]
    if key.tonic and not explicit:
        key.signature = signature(key.tonic, key.mode)
    signs = {}
    while words and (found := _SIGN.fullmatch(words[0])):
        signs[found[2].upper()] = ALTER[found[1]]
        words = words[1:]
    if signs or explicit:
        key.rare = True
        key.signature = {
            k: v for k, v in {**key.signature, **signs}.items() if v
        }
        if key.tonic:
            key.mode = _nearest(key, explicit)
    if any(w.isalpha() and not _CLEF.fullmatch(w) for w in words):
        raise Unusable("unusual key")
    modify(key, words)
    return key


def _words(value: str) -> list[str]:
    """The words of a field; signs of a signature are words of their own."""
    value = re.sub(r'"[^"]*"', '""', value)
    value = re.sub(r"^([A-G][#b]?[A-Za-z]*)(?=[=^_][A-Ga-g])", r"\1 ", value)
    return re.sub(r"(?<=[\w^_=])(?=(?:\^|_)[A-Ga-g]\b)", " ", value).split()


def _tonic(words: list[str], key: Key) -> list[str]:
    """Takes tonic and mode from the words, and returns the others."""
    found = re.fullmatch(r"([A-G])([#b]?)([A-Za-z]*)", words[0])
    if not found:
        if words[0].partition("=")[0] in _NAMES or _CLEF.fullmatch(words[0]):
            return words  # a clef alone: no key is named
        raise Unusable("unusual key")
    key.tonic, word = found[1] + found[2], found[3]
    words = words[1:]
    if not word and words and words[0].isalpha() and _mode(words[0]):
        word, words = words[0], words[1:]
    if word.lower() == "exp":
        return ["exp", *words]
    key.mode = _mode(word) if word else "major"
    if not key.mode or abs(fifths(key.tonic, key.mode)) > 7:
        raise Unusable("unusual key")
    return words


def _mode(word: str) -> str:
    if word == "m":
        return "minor"
    return MODES.get(word[:3].lower(), ("",))[0]


def _nearest(key: Key, explicit: bool) -> str:
    """The mode of the tonic whose signature it is, or is most like."""

    def far(mode: str) -> int:
        other = signature(key.tonic, mode)
        letters = set(other) | set(key.signature)
        return sum(other.get(x, 0) != key.signature.get(x, 0) for x in letters)

    modes = [
        mode
        for mode in dict.fromkeys(name for name, _ in MODES.values())
        if abs(fifths(key.tonic, mode)) <= 7
    ]
    modes.sort(key=("major", "minor").count, reverse=True)
    best = min(modes, key=far)
    return best if explicit or far(best) == 0 else key.mode


def modify(key: Key, words: list[str] | str) -> None:
    """Takes clef, octave and transposition, of `K:` or `V:`.

    Args:
        key: is changed.
        words: what follows the key or the name of the voice.

    Raises:
        Unusable: an octave or a transposition is no number.
    """
    if isinstance(words, str):
        words = _words(words[:_MOST])
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in ("octave", "transpose", "t"):
            if not re.fullmatch(r"[+-]?\d{1,2}", value):
                raise Unusable("unusual key")
            key.rare = True
            if name == "octave":
                key.octaves = int(value)
            else:
                key.semitones = int(value)
        clef = _CLEF.fullmatch(value if name == "clef" else word)
        if clef and (clef["octave"] or "")[:1] in ("+", "-"):
            key.rare = True
            key.octaves = int(clef["octave"]) // 8
