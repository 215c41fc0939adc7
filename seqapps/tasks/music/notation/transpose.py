"""A tune in another key."""

from dataclasses import replace

from seqapps.errors import InputError
from seqapps.tasks.music.notation.header import fifths
from seqapps.tasks.music.notation.measure import raised
from seqapps.tasks.music.notation.melody import SEMITONES, melody
from seqapps.tasks.music.notation.spelling import (
    NOTE,
    TONICS,
    absolute,
    relative,
)
from seqapps.tasks.music.notation.tune import Tune

_PITCHES = {
    letter + sign: (pitch + shift) % 12
    for letter, pitch in SEMITONES.items()
    for sign, shift in (("", 0), ("#", 1), ("b", -1))
}


def transpose(tune: Tune, semitones: int) -> Tune:
    """Moves a tune up or down; every note keeps its degree of the scale.

    Of two keys that sound alike (F# and Gb major) it takes the one with the
    fewer sharps or flats.

    Args:
        tune: its body may be any text of canonical tokens.
        semitones: upwards; below zero, downwards.

    Raises:
        InputError: a note would need three sharps or flats.

    Example:
        >>> transpose(Tune("", "D", "major", "2/4", "D2 ^G2 |]"), -2).body
        'C2 ^F2 |]'
    """
    if semitones == 0:
        return tune
    pitch = (_PITCHES[tune.key] + semitones) % 12
    keys = [
        key
        for key in TONICS
        if _PITCHES[key] == pitch and abs(fifths(key, tune.mode)) <= 7
    ]
    for key in sorted(keys, key=lambda key: abs(fifths(key, tune.mode))):
        tokens = [
            relative(token, tune.key, tune.mode) for token in tune.body.split()
        ]
        if None in tokens:
            break
        moved = [absolute(token, key, tune.mode) for token in tokens]
        if None not in moved:
            return _in_octave(
                replace(tune, key=key, body=" ".join(moved)), tune, semitones
            )
    raise InputError(
        f"{tune.title or 'the tune'} cannot be written {semitones:+} semitones "
        "away: a note would need three sharps or flats"
    )


def _in_octave(moved: Tune, tune: Tune, semitones: int) -> Tune:
    """The moved tune, by as many octaves as it still is away."""
    before = [pitch for pitch, _ in melody(tune) if pitch is not None]
    after = [pitch for pitch, _ in melody(moved) if pitch is not None]
    if not before:
        return moved
    octaves = (before[0] + semitones - after[0]) // 12
    body = " ".join(_raised(token, octaves) for token in moved.body.split())
    return replace(moved, body=body)


def _raised(token: str, octaves: int) -> str:
    note = NOTE.fullmatch(token)
    if not note:
        return token
    sign, letter, marks, rest = note.groups()
    return f"{sign or ''}{raised(letter + marks, octaves)}{rest}"
