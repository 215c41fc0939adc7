"""Tempo, instrument and transposition of the tunes that are written."""

import re
from dataclasses import replace
from typing import NamedTuple

from seqapps import extras
from seqapps.errors import InputError
from seqapps.synthesis import parse_instrument
from seqapps.tasks.music.notation.meter import beat
from seqapps.tasks.music.notation.transpose import transpose
from seqapps.tasks.music.notation.tune import Tune

_SLOWEST, _FASTEST = 20, 600  # beats a minute
_MAX_SEMITONES = 24


class Sound(NamedTuple):
    """How tunes are to sound.

    Args:
        tempo: what `parse_tempo` takes; empty for what suits the metre.
        program: of General MIDI, counted from 0; None for a fiddle.
        semitones: by which tunes are transposed.
        swing: see `Tune`; None for what suits the tune.
    """

    tempo: str = ""
    program: int | None = None
    semitones: int = 0
    swing: float | None = None

    def apply_to(self, tune: Tune) -> Tune:
        """Returns the tune with this tempo, instrument and transposition."""
        return replace(
            transpose(tune, self.semitones),
            tempo=parse_tempo(self.tempo, tune.meter) or tune.tempo,
            program=self.program,
            swing=self.swing,
        )


def parse_sound(
    tempo: str,
    instrument: str,
    semitones: int,
    swing: float | None = None,
) -> Sound:
    """Parses and checks the flags that say how tunes are to sound.

    Raises:
        InputError: one of them is not understood.
    """
    parse_tempo(tempo, "4/4")
    if abs(semitones) > _MAX_SEMITONES:
        raise InputError(
            f"--transpose is up to {_MAX_SEMITONES} semitones up or down, "
            f"not {semitones}"
        )
    if instrument:
        extras.require("music", "pretty_midi")  # it has the names
    return Sound(tempo, parse_instrument(instrument), semitones, swing)


def parse_tempo(text: str, meter: str) -> str:
    """Returns a tempo as ABC's `Q:` has it: a length and how many a minute.

    Args:
        text: beats a minute, "120", or with their length, "1/4=120"; empty
            for none.
        meter: of the tune; it says how long a beat is.

    Raises:
        InputError: it is neither, or no tempo that can be played.

    Example:
        >>> tempos = ("112", "6/8"), ("1/4=90", "6/8"), ("100", "2/2")
        >>> tuple(parse_tempo(*tempo) for tempo in tempos)
        ('3/8=112', '1/4=90', '1/2=100')
    """
    word = text.replace(" ", "")
    if not word:
        return ""
    parts = re.fullmatch(r"(?:([1-9]\d?/[1-9]\d?)=)?([1-9]\d{0,3})", word)
    if not parts or not _SLOWEST <= int(parts[2]) <= _FASTEST:
        raise InputError(
            f"--tempo is {_SLOWEST} to {_FASTEST} beats a minute, or a "
            f"length and its number such as 1/4=120; not {text}"
        )
    length = parts[1] or str(beat(meter))
    return f"{length}={parts[2]}"
