"""Spells notes as if the tonic were C, and back, as ABC writes them."""

import re

from seqapps.tasks.music.notation.key_signature import signature
from seqapps.tasks.music.notation.pitch import (
    ACCIDENTALS,
    ALTERATIONS,
    LETTERS,
    diatonic_step,
    spell_step,
)

TONICS = "C G D A E B F# C# F Bb Eb Ab Db Gb Cb G# D# A#".split()
# accidental, letter, octave marks, and what follows
NOTE_PATTERN = re.compile(r"(\^\^|\^|=|__|_)?([A-Ga-g])([,']*)(.*)")


def to_c(token: str, key: str, mode: str) -> str | None:
    """Spells a note as if the tonic were C: same degree and alteration.

    An accidental then counts from the scale, so `^` is a raised degree in
    every key. Tokens that are no notes stay as they are.

    Example:
        >>> to_c("A2", "D", "major"), to_c("=c", "D", "major")
        ('G2', '_B')

    Returns:
        The token; None if no accidental can write it.
    """
    return _move(token, key, mode, -1)


def from_c(token: str, key: str, mode: str) -> str | None:
    """Spells a note in its own key; inverts `to_c`."""
    return _move(token, key, mode, 1)


def _move(token: str, key: str, mode: str, direction: int) -> str | None:
    note = NOTE_PATTERN.fullmatch(token)
    if not note:
        return token
    accidental, letter, octave_marks, rest = note.groups()
    step = diatonic_step(letter + octave_marks)
    # the tonics G, A and B lie below C, so that the range stays small
    tonic = (LETTERS.index(key[0]) + 3) % 7 - 3
    moved = step + direction * tonic
    if accidental:
        in_key = LETTERS[(step if direction < 0 else moved) % 7]
        default = signature(key, mode).get(in_key, 0)
        alteration = ALTERATIONS[accidental] + direction * default
        if alteration not in ACCIDENTALS:
            return None
        accidental = ACCIDENTALS[alteration]
    return f"{accidental or ''}{spell_step(moved)}{rest}"
