"""Keys as `K:` and `V:` write them, with clef, octave and transposition."""

import re
from dataclasses import dataclass, field

from seqapps.tasks.music.notation.key_signature import (
    MAX_FIFTHS,
    MODES,
    fifths,
    signature,
)
from seqapps.tasks.music.notation.pitch import ALTERATIONS
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_LENGTH = 500  # characters of a field
_CLEF = re.compile(
    r"(?:treble|bass|alto|tenor|baritone|soprano|mezzosoprano|perc|none|auto"
    r"|staff\w*|[GFC][1-5]|P)[1-5]?(?P<octave>[+-]8|[_^]8)?",
    re.IGNORECASE,
)
_ALTERED_LETTER = re.compile(r"(\^\^|\^|=|__|_)([A-Ga-g])")
_MODIFIERS = set(
    "clef octave transpose t middle m stafflines staffscale staves strings "
    "style name nm sname".split()
)
_PIPES = {"HP", "Hp"}  # the chanter has F sharp, C sharp and G natural


@dataclass
class Key:
    """A key as it is written.

    Args:
        tonic: "" where the field gives none.
        mode: as in `Tune`.
        signature: the letters (capitals) that it raises or lowers, with the
            semitones.
        octaves: by which written notes are moved.
        semitones: by which notes sound higher than written.
        extended: whether it is more than a tonic and a mode.
    """

    tonic: str = ""
    mode: str = "major"
    signature: dict[str, int] = field(default_factory=dict)
    octaves: int = 0
    semitones: int = 0
    extended: bool = False


def parse_key(value: str) -> Key:
    """Parses the value of `K:`.

    Args:
        value: such as "Dphr ^f clef=treble-8 transpose=-2".

    Raises:
        Unusable: it names no key.

    Example:
        >>> parse_key("Dphr ^f").signature
        {'E': -1, 'B': -1, 'F': 1}
        >>> parse_key("C exp ^f").mode
        'lydian'
    """
    value = value.strip().replace("♯", "#").replace("♭", "b")
    if len(value) > _MAX_LENGTH:
        raise Unusable("unusual key")
    words = _split_words(value)
    key = Key()
    if words and words[0] in _PIPES:
        key.tonic, key.mode, key.extended = "A", "mixolydian", True
        words = words[1:]
    elif words and words[0].lower() in ("none", "n"):
        words = words[1:]
    elif words:
        words = _parse_tonic(words, key)
    explicit = bool(words) and words[0].lower() == "exp"
    if explicit:
        words = words[1:]
    if key.tonic and not explicit:
        key.signature = signature(key.tonic, key.mode)
    altered = {}
    while words and (m := _ALTERED_LETTER.fullmatch(words[0])):
        altered[m[2].upper()] = ALTERATIONS[m[1]]
        words = words[1:]
    if altered or explicit:
        key.extended = True
        key.signature = {
            letter: semitones
            for letter, semitones in {**key.signature, **altered}.items()
            if semitones
        }
        if key.tonic:
            key.mode = _nearest_mode(key, explicit)
    if any(w.isalpha() and not _CLEF.fullmatch(w) for w in words):
        raise Unusable("unusual key")
    apply_modifiers(key, words)
    return key


def _split_words(value: str) -> list[str]:
    """Splits a field into words; each altered letter becomes its own word."""
    value = re.sub(r'"[^"]*"', '""', value)
    value = re.sub(r"^([A-G][#b]?[A-Za-z]*)(?=[=^_][A-Ga-g])", r"\1 ", value)
    return re.sub(r"(?<=[\w^_=])(?=(?:\^|_)[A-Ga-g]\b)", " ", value).split()


def _parse_tonic(words: list[str], key: Key) -> list[str]:
    """Sets tonic and mode from the first words, and returns the others."""
    m = re.fullmatch(r"([A-G])([#b]?)([A-Za-z]*)", words[0])
    if not m:
        name = words[0].partition("=")[0]
        if name in _MODIFIERS or _CLEF.fullmatch(words[0]):
            return words  # a clef alone: no key is named
        raise Unusable("unusual key")
    key.tonic, word = m[1] + m[2], m[3]
    words = words[1:]
    if not word and words and words[0].isalpha() and _parse_mode(words[0]):
        word, words = words[0], words[1:]
    if word.lower() == "exp":
        return ["exp", *words]
    key.mode = _parse_mode(word) if word else "major"
    if not key.mode or abs(fifths(key.tonic, key.mode)) > MAX_FIFTHS:
        raise Unusable("unusual key")
    return words


def _parse_mode(word: str) -> str:
    """Returns the mode that a word names; "" if it names none."""
    if word == "m":
        return "minor"
    return MODES[word[:3].lower()][0] if word[:3].lower() in MODES else ""


def _nearest_mode(key: Key, explicit: bool) -> str:
    """Returns the mode of the tonic that shares the key's signature.

    If none does: the nearest one for an explicit signature, else the key's.
    """

    def distance(mode: str) -> int:
        other = signature(key.tonic, mode)
        letters = set(other) | set(key.signature)
        return sum(other.get(x, 0) != key.signature.get(x, 0) for x in letters)

    modes = [
        mode
        for mode in dict.fromkeys(name for name, _ in MODES.values())
        if abs(fifths(key.tonic, mode)) <= MAX_FIFTHS
    ]
    modes.sort(key=("major", "minor").count, reverse=True)
    best = min(modes, key=distance)
    return best if explicit or distance(best) == 0 else key.mode


def apply_modifiers(key: Key, words: list[str] | str) -> None:
    """Applies the clef, octave and transposition of `K:` or `V:` to a key.

    Args:
        key: is changed in place.
        words: what follows the key or the name of the voice.

    Raises:
        Unusable: an octave or a transposition is no number.
    """
    if isinstance(words, str):
        words = _split_words(words[:_MAX_LENGTH])
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in ("octave", "transpose", "t"):
            if not re.fullmatch(r"[+-]?\d{1,2}", value):
                raise Unusable("unusual key")
            key.extended = True
            if name == "octave":
                key.octaves = int(value)
            else:
                key.semitones = int(value)
        clef = _CLEF.fullmatch(value if name == "clef" else word)
        if clef and (clef["octave"] or "")[:1] in ("+", "-"):
            key.extended = True
            key.octaves = int(clef["octave"]) // 8
