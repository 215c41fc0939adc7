"""Spelling notes as if the tonic were C: degrees, written as ABC."""

import re

from seqapps.tasks.music.notation import header
from seqapps.tasks.music.notation.header import ALTER, SIGNS

TONICS = "C G D A E B F# C# F Bb Eb Ab Db Gb Cb G# D# A#".split()
_LETTERS = "CDEFGAB"
NOTE = re.compile(r"(\^\^|\^|=|__|_)?([A-Ga-g])([,']*)(.*)")


def relative(token: str, key: str, mode: str) -> str | None:
    """Spells a note as if the tonic were C: the same degree and alteration.

    An accidental then counts from the scale, so `^` is a raised degree in
    every key. What is no note stays as it is.

    Example:
        >>> relative("A2", "D", "major"), relative("=c", "D", "major")
        ('G2', '_B')

    Returns:
        The token; None where no accidental can say it.
    """
    return _move(token, key, mode, -1)


def absolute(token: str, key: str, mode: str) -> str | None:
    """Spells a note given as if the tonic were C in its own key."""
    return _move(token, key, mode, 1)


def _move(token: str, key: str, mode: str, way: int) -> str | None:
    note = NOTE.fullmatch(token)
    if not note:
        return token
    sign, letter, octave, rest = note.groups()
    place = _LETTERS.index(letter.upper()) + 7 * (
        letter.islower() + octave.count("'") - octave.count(",")
    )
    # the tonics G, A and B lie below C, so that the compass stays small
    shift = (_LETTERS.index(key[0]) + 3) % 7 - 3
    moved = place + way * shift
    if sign:
        own = _LETTERS[(place if way < 0 else moved) % 7]
        alter = ALTER[sign] + way * header.signature(key, mode).get(own, 0)
        if alter not in SIGNS:
            return None
        sign = SIGNS[alter]
    octave, degree = divmod(moved, 7)
    letter = _LETTERS[degree]
    marks = "," * -octave if octave < 0 else "'" * (octave - 1)
    return (
        f"{sign or ''}{letter.lower() if octave > 0 else letter}{marks}{rest}"
    )
