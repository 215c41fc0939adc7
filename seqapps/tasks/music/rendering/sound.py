"""How tunes are to sound: tempo, instrument and transposition."""

import difflib
import re
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from seqapps.errors import InputError
from seqapps.tasks.music.notation.transpose import transpose
from seqapps.tasks.music.notation.tune import Tune

_TEMPO = 20, 600  # beats a minute
_MOST_SEMITONES = 24


class Sound(NamedTuple):
    """How tunes are to sound.

    Args:
        tempo: as `--tempo` has it; empty for what suits the metre.
        program: of General MIDI, counted from 0; None for a fiddle.
        semitones: by how many a tune is transposed.
    """

    tempo: str = ""
    program: int | None = None
    semitones: int = 0

    def of(self, tune: Tune) -> Tune:
        """The same tune, as it is to sound."""
        return replace(
            transpose(tune, self.semitones),
            tempo=tempo(self.tempo, tune.meter) or tune.tempo,
            program=self.program,
        )


def sound(tempo_: str, instrument_: str, semitones: int) -> Sound:
    """Checks how tunes are to sound.

    Raises:
        InputError: one of the three is not understood.
    """
    tempo(tempo_, "4/4")
    if abs(semitones) > _MOST_SEMITONES:
        raise InputError(
            f"--transpose is up to {_MOST_SEMITONES} semitones up or down, "
            f"not {semitones}"
        )
    return Sound(tempo_, instrument(instrument_), semitones)


def tempo(text: str, meter: str) -> str:
    """What ABC's `Q:` says: a length and how many a minute.

    Args:
        text: beats a minute, or the whole: "1/4=120"; empty for none.
        meter: of the tune, whose beat is meant.

    Raises:
        InputError: it is neither, or no tempo that can be played.

    Example:
        >>> tempo("112", "6/8"), tempo("1/4=90", "6/8"), tempo("100", "2/2")
        ('3/8=112', '1/4=90', '1/2=100')
    """
    word = text.replace(" ", "")
    if not word:
        return ""
    parts = re.fullmatch(r"(?:([1-9]\d?/[1-9]\d?)=)?([1-9]\d{0,3})", word)
    if not parts or not _TEMPO[0] <= int(parts[2]) <= _TEMPO[1]:
        raise InputError(
            f"--tempo is {_TEMPO[0]} to {_TEMPO[1]} beats a minute, or a "
            f"length and its number such as 1/4=120; not {text}"
        )
    length = parts[1] or str(beat(meter))
    return f"{length}={parts[2]}"


def beat(meter: str) -> Fraction:
    """The beat of a metre, in whole notes.

    Example:
        >>> [str(beat(meter)) for meter in ("6/8", "3/4", "2/2", "3/8")]
        ['3/8', '1/4', '1/2', '1/8']
    """
    over, under = map(int, meter.split("/"))
    compound = under >= 8 and over % 3 == 0 and over > 3
    return Fraction(3 if compound else 1, under)


def instrument(text: str) -> int | None:
    """The programme of an instrument of General MIDI, counted from 0.

    Args:
        text: its name, or a part of it that no other has; empty for none.

    Raises:
        InputError: there is none, or there are several.

    Example:
        >>> instrument("flute"), instrument("Pan Flute"), instrument("banjo")
        (73, 75, 105)
    """
    from pretty_midi import constants

    names = list(constants.INSTRUMENT_MAP)
    word = " ".join(text.lower().split())
    if not word:
        return None
    exact = [i for i, name in enumerate(names) if name.lower() == word]
    part = [i for i, name in enumerate(names) if word in name.lower()]
    if len(exact or part) == 1:
        return (exact or part)[0]
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(word, lower, 3)
    some = [names[i] for i in part] or [lower[name] for name in near]
    hint = (
        f"did you mean {' or '.join(some)}?"
        if some
        else ("give a name of General MIDI, such as Flute or Accordion")
    )
    raise InputError(f"unknown instrument {text}: {hint}")
