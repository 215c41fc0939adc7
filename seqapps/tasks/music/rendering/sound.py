"""Tempo, instrument and transposition of the tunes that are written."""

import difflib
import re
from dataclasses import replace
from typing import NamedTuple

from seqapps.errors import InputError
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
        InputError: one of the three is not understood.
    """
    parse_tempo(tempo, "4/4")
    if abs(semitones) > _MAX_SEMITONES:
        raise InputError(
            f"--transpose is up to {_MAX_SEMITONES} semitones up or down, "
            f"not {semitones}"
        )
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


def parse_instrument(text: str) -> int | None:
    """Returns the General MIDI programme of an instrument, counted from 0.

    Args:
        text: its name, or a part that no other name has; empty for none.

    Raises:
        InputError: there is none, or there are several.

    Example:
        >>> tuple(map(parse_instrument, ["flute", "Pan Flute", "banjo"]))
        (73, 75, 105)
    """
    from pretty_midi import constants

    names = list(constants.INSTRUMENT_MAP)
    word = " ".join(text.lower().split())
    if not word:
        return None
    exact = [i for i, name in enumerate(names) if name.lower() == word]
    partial = [i for i, name in enumerate(names) if word in name.lower()]
    if len(exact or partial) == 1:
        return (exact or partial)[0]
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word, by_lower, 3)
    suggestions = [names[i] for i in partial] or [by_lower[n] for n in close]
    hint = (
        f"did you mean {' or '.join(suggestions)}?"
        if suggestions
        else ("give a name of General MIDI, such as Flute or Accordion")
    )
    raise InputError(f"unknown instrument {text}: {hint}")
