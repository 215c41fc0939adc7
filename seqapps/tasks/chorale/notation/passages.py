"""Chorales moved, and opened where they are to be written anew."""

import re
from collections.abc import Sequence
from dataclasses import replace

from seqapps.errors import InputError
from seqapps.tasks.chorale.notation.chorale import (
    FERMATA,
    OPEN,
    VOICES,
    Chorale,
)

_KEYS = "Cb Gb Db Ab Eb Bb F C G D A E B F# C# G# D# A#".split()
_NONE = 99
_MAJOR_C, _MINOR_A = _KEYS.index("C"), _KEYS.index("C") + 3


def transposed(chorale: Chorale, semitones: int) -> Chorale:
    """Returns a chorale moved by semitones, its key signature too."""
    if not semitones:
        return chorale

    def moved(token: str) -> str:
        digits = token.rstrip(FERMATA)
        if not digits.isdigit():
            return token
        return f"{int(digits) + semitones}{token[len(digits) :]}"

    sharps = (chorale.sharps + 7 * semitones + 5) % 12 - 5
    return replace(
        chorale,
        voices=tuple(
            " ".join(map(moved, voice.split())) for voice in chorale.voices
        ),
        sharps=sharps,
    )


def opened(
    chorale: Chorale, first: int, last: int, voices: Sequence[int]
) -> Chorale:
    """Opens bars: notes that are in them as a whole are to be written.

    Args:
        chorale: complete.
        first: the first bar; 0 is a pick-up.
        last: the last one.
        voices: those that are opened.

    Raises:
        InputError: no note of these voices is in the bars as a whole.
    """
    begin = chorale.pickup + (first - 1) * chorale.bar
    end = chorale.pickup + last * chorale.bar
    texts, found = list(chorale.voices), False
    for voice in voices:
        tokens = texts[voice].split()
        for note in chorale.notes(voice):
            stop = note.start + note.length
            if note.start >= begin and stop <= end and note.pitch is not None:
                found = True
                mark = FERMATA if note.fermata else ""
                tokens[note.start : stop] = [OPEN] * note.length
                tokens[note.start] += mark
        texts[voice] = " ".join(tokens)
    if not found:
        names = ", ".join(VOICES[voice] for voice in voices)
        raise InputError(f"no note of {names} is in these bars as a whole")
    return replace(chorale, voices=tuple(texts))


def parse_key(key: str, mode: str) -> tuple[int, str]:
    """Returns the sharps of a key's signature, and its mode.

    Args:
        key: such as "G", "Bb" or "F#m"; empty for C major or A minor.
        mode: "major", "minor" or empty.

    Raises:
        InputError: it is no key, or its signature has eight or more.

    Example:
        >>> parse_key("Em", ""), parse_key("Bb", "minor"), parse_key("", "")
        ((1, 'minor'), (-5, 'minor'), (0, ''))
    """
    if not key:
        return 0, mode
    parts = re.fullmatch(
        r"\s*([A-Ga-g])([#b]?)\s*(m|min|minor|maj|major)?", key
    )
    if not parts:
        raise InputError(f"unknown key {key}: give one such as G, Bb or F#m")
    own = ""
    if parts[3]:
        own = "major" if parts[3].startswith("maj") else "minor"
    if own and mode and own != mode:
        raise InputError(f"--key {key} is {own}, but --mode says {mode}")
    mode = own or mode or "major"
    tonic = parts[1].upper() + parts[2]
    first = _MINOR_A if mode == "minor" else _MAJOR_C
    sharps = _KEYS.index(tonic) - first if tonic in _KEYS else _NONE
    if abs(sharps) > 7:
        raise InputError(f"{tonic} {mode} has no signature of up to seven")
    return sharps, mode
