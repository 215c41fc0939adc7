"""Ranges of the command line: of notes, and of bars."""

import re
from typing import NamedTuple

from seqapps.errors import InputError
from seqapps.tasks.music.notation.pitch import LETTERS, midi_pitch

_SIGNS = {"#": 1, "♯": 1, "b": -1, "♭": -1}


class Passage(NamedTuple):
    """Bars of a tune, from 1, the last one included."""

    first: int
    last: int


def parse_passage(text: str) -> Passage | None:
    """Reads bars: "5-8", or "5" alone; None for none.

    Raises:
        InputError: they are no such thing.
    """
    if not text.strip():
        return None
    parts = re.fullmatch(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4})\s*)?", text)
    bars = Passage(int(parts[1]), int(parts[2] or parts[1])) if parts else None
    if not bars or not 1 <= bars.first <= bars.last:
        raise InputError(f"--rewrite is bars such as 5-8, or 5; not {text}")
    return bars


class NoteRange(NamedTuple):
    """The lowest and the highest note that tunes may have, of MIDI."""

    lowest: int = 0
    highest: int = 127

    def transposed(self, semitones: int) -> "NoteRange":
        """Returns the range so many semitones higher, all notes if it is all.

        Raises:
            InputError: nothing of it is left.
        """
        if self == NoteRange():
            return self
        lowest, highest = (min(max(n + semitones, 0), 127) for n in self)
        if lowest >= highest:
            raise InputError("nothing of --range is left by --transpose")
        return NoteRange(lowest, highest)


def parse_range(text: str) -> NoteRange:
    """Reads the range of an instrument: "D4-B5"; all notes where it is empty.

    C4 is middle C.

    Raises:
        InputError: it is no such thing.

    Example:
        >>> parse_range("D4-b5"), parse_range("F#3-Eb5").lowest
        (NoteRange(lowest=62, highest=83), 54)
    """
    if not text.strip():
        return NoteRange()
    note = r"\s*([A-Ga-g])([#b♯♭]?)(-?\d)\s*"
    parts = re.fullmatch(f"{note}[-–]{note}", text)
    if not parts:
        raise InputError(
            f"--range is two notes such as D4-B5, C4 is middle C; not {text}"
        )
    notes = [
        midi_pitch(
            LETTERS.index(letter.upper()) + 7 * (int(octave) - 4),
            _SIGNS.get(sign, 0),
        )
        for letter, sign, octave in (parts.groups()[:3], parts.groups()[3:])
    ]
    if not 0 <= notes[0] < notes[1] <= 127:
        raise InputError(
            f"--range goes from a lower note to a higher, not {text}"
        )
    return NoteRange(*notes)
