"""What `generate` is asked for, in the forms that people use.

Everything is checked here, before TensorFlow is loaded.
"""

import difflib
import re
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from seqapps.errors import InputError
from seqapps.tasks.music.abc import Tune
from seqapps.tasks.music.header import MODES, Unusable, read_meter
from seqapps.tasks.music.transpose import transpose

LEAST_BARS, MOST_BARS = 4, 256
_METERS = "2/2 3/2 2/4 3/4 4/4 6/4 3/8 6/8 9/8 12/8".split()
_MODES = (
    "major minor dorian mixolydian lydian phrygian locrian ionian aeolian"
).split()
_ACCIDENTALS = {"♯": "#", "sharp": "#", "♭": "b", "flat": "b"}
_TEMPO = 20, 600  # beats a minute
_MOST_SECTIONS = 32
_MOST_SEMITONES = 24


class Header(NamedTuple):
    """Key, mode and metre, each empty for any."""

    key: str
    mode: str
    meter: str


def header(key: str, mode: str, meter: str) -> Header:
    """Reads what people write: "Ador", "Am", "g", "mix", "C|".

    Args:
        key: a tonic, perhaps with a mode.
        mode: a mode, or its beginning.
        meter: a metre, or ABC's C and C|.

    Raises:
        InputError: one of them is no such thing, or key and mode disagree;
            it names the nearest right form.

    Example:
        >>> header("a dor", "", "c|")
        Header(key='A', mode='dorian', meter='2/2')
    """
    tonic, within = _key(key)
    mode = _mode(mode)
    if within and mode and within != mode:
        raise InputError(f"--key {key} is {within}, but --mode says {mode}")
    return Header(tonic, within or mode, _meter(meter))


def _key(text: str) -> tuple[str, str]:
    """The tonic, and the mode if one is named."""
    if not text.strip():
        return "", ""
    parts = re.fullmatch(
        r"\s*([A-Ga-g])\s*([#b♯♭]|sharp|flat)?(?:\s*(\S+))?\s*", text
    )
    if not parts:
        raise InputError(
            f"unknown key {text}: give a tonic such as G, F# or Bb, alone or "
            "with a mode: Am, Ador, Dmix"
        )
    letter, accidental, word = parts.groups(default="")
    tonic = letter.upper() + _ACCIDENTALS.get(accidental, accidental)
    if not word:
        return tonic, ""
    try:
        return tonic, _mode(word)
    except InputError as error:
        raise InputError(f"unknown key {text}: {error}") from None


def _mode(text: str) -> str:
    text = text.strip()
    word = {"m": "minor", "M": "major"}.get(text, text.lower())
    if not word:
        return ""
    names = [name for name in _MODES if name.startswith(word)]
    if len(word) >= 3 and names:
        return MODES[word[:3]][0]
    near = difflib.get_close_matches(word, _MODES, 1) or names[:1]
    hint = f"did you mean {near[0]}?" if near else "such as major or dorian"
    raise InputError(f"unknown mode {text}: {hint}")


def _meter(text: str) -> str:
    word = text.strip().upper().replace(":", "/").replace(" ", "")
    if not word:
        return ""
    try:
        return read_meter(word)
    except Unusable:
        near = difflib.get_close_matches(word, _METERS, 1)
        hint = f"did you mean {near[0]}?" if near else "give one such as 6/8"
        raise InputError(f"unknown meter {text}: {hint}") from None


def bars(number: int | None) -> int:
    """How many bars, 0 for any.

    Raises:
        InputError: fewer than a tune has, or more than is reasonable.
    """
    if number is None:
        return 0
    if not LEAST_BARS <= number <= MOST_BARS:
        raise InputError(
            f"--bars is from {LEAST_BARS} to {MOST_BARS}, not {number}; leave "
            "it out for any"
        )
    return number


def demand_short(number) -> None:
    """Refuses more bars than are reasonable, of a caller in Python.

    Raises:
        InputError: there are more.
    """
    if isinstance(number, int) and number > MOST_BARS:
        raise InputError(f"bars is at most {MOST_BARS}, not {number}")


def form(letters: str) -> str:
    """A form such as "AABB"; whether it can be met the network says.

    Raises:
        InputError: it is longer than is reasonable.
    """
    if len(letters) > _MOST_SECTIONS:
        raise InputError(f"--form has up to {_MOST_SECTIONS} letters")
    return letters


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
