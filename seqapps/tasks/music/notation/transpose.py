"""Transposes a tune to another key."""

from dataclasses import replace

from seqapps.errors import InputError
from seqapps.tasks.music.notation.key_signature import MAX_FIFTHS, fifths
from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.notation.pitch import SEMITONES, shift_octaves
from seqapps.tasks.music.notation.spelling import (
    NOTE_PATTERN,
    TONICS,
    from_c,
    to_c,
)
from seqapps.tasks.music.notation.tune import Tune

_PITCH_CLASSES = {
    letter + accidental: (pitch + shift) % 12
    for letter, pitch in SEMITONES.items()
    for accidental, shift in (("", 0), ("#", 1), ("b", -1))
}


def transpose(tune: Tune, semitones: int) -> Tune:
    """Moves a tune up or down; every note keeps its degree of the scale.

    From two keys that sound alike (F# and Gb major) it chooses the one with
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
    pitch_class = (_PITCH_CLASSES[tune.key] + semitones) % 12
    keys = [
        key
        for key in TONICS
        if _PITCH_CLASSES[key] == pitch_class
        and abs(fifths(key, tune.mode)) <= MAX_FIFTHS
    ]
    for key in sorted(keys, key=lambda key: abs(fifths(key, tune.mode))):
        body = _respell(tune, key)
        if body is not None:
            moved = replace(tune, key=key, body=body)
            return _match_octave(moved, tune, semitones)
    raise InputError(
        f"{tune.title or 'the tune'} cannot be written {semitones:+} semitones "
        "away: a note would need three sharps or flats"
    )


def _respell(tune: Tune, key: str) -> str | None:
    """Returns the body in another key; None if no accidental can write it."""
    tokens: list[str] = []
    for token in tune.body.split():
        in_c = to_c(token, tune.key, tune.mode)
        moved = None if in_c is None else from_c(in_c, key, tune.mode)
        if moved is None:
            return None
        tokens.append(moved)
    return " ".join(tokens)


def _match_octave(moved: Tune, tune: Tune, semitones: int) -> Tune:
    """Moves a transposed tune by the octaves that it is still away."""
    before = [pitch for pitch, _ in melody(tune) if pitch is not None]
    after = [pitch for pitch, _ in melody(moved) if pitch is not None]
    if not before:
        return moved
    octaves = (before[0] + semitones - after[0]) // 12
    body = " ".join(
        _shift_token(token, octaves) for token in moved.body.split()
    )
    return replace(moved, body=body)


def _shift_token(token: str, octaves: int) -> str:
    note = NOTE_PATTERN.fullmatch(token)
    if not note:
        return token
    accidental, letter, octave_marks, rest = note.groups()
    spelling = shift_octaves(letter + octave_marks, octaves)
    return f"{accidental or ''}{spelling}{rest}"
