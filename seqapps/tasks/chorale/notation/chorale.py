"""A chorale: four voices on a grid of sixteenths, as text and as notes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seqapps.errors import InputError

VOICES = ("soprano", "alto", "tenor", "bass")
# lowest and highest MIDI pitch that each voice is written with: A3 to A5, F3
# to D5, C3 to A4, C2 to E4, as in Bach. Both rise from voice to voice.
RANGES = ((57, 81), (53, 74), (48, 69), (36, 64))
HOLD, REST, OPEN, FERMATA = "_", ".", "?", "^"
PER_CROTCHET = 4
_TOKEN = re.compile(r"(?:\d{1,3}|[_.?])\^?")


class Note(NamedTuple):
    """A note or a rest of a voice.

    Args:
        start: in sixteenths from the beginning.
        length: in sixteenths.
        pitch: of MIDI; None is a rest.
        fermata: whether it has one.
    """

    start: int
    length: int
    pitch: int | None
    fermata: bool = False


@dataclass(frozen=True)
class Chorale:
    """Four voices, the highest first.

    Args:
        voices: of each voice one token a sixteenth: the MIDI pitch of a note
            that begins, "_" where it goes on, "." for a rest, "?" for what is
            to be written. A note with a fermata has "^" after its pitch.
        meter: such as "4/4".
        pickup: sixteenths before the first bar line, 0 for none.
        sharps: of the key signature; flats are negative.
        mode: "major", "minor" or empty.
        title: perhaps empty.

    Example:
        >>> Chorale(("72 _ _ _ 71^ _", "67", "64", "48")).notes(0)
        [Note(start=0, length=4, pitch=72, fermata=False), \
Note(start=4, length=2, pitch=71, fermata=True)]
    """

    voices: tuple[str, str, str, str]
    meter: str = "4/4"
    pickup: int = 0
    sharps: int = 0
    mode: str = ""
    title: str = ""

    @property
    def steps(self) -> int:
        """The length in sixteenths."""
        return len(self.voices[0].split())

    @property
    def bar(self) -> int:
        """The length of a bar in sixteenths."""
        return bar_steps(self.meter)

    def notes(self, voice: int) -> list[Note]:
        """Returns the notes and rests of a voice; what is open is a rest."""
        return parse_voice(self.voices[voice])

    def sounding(self, voice: int) -> list[int | None]:
        """Returns the pitch of a voice in each sixteenth."""
        return [
            note.pitch for note in self.notes(voice) for _ in range(note.length)
        ]

    def bar_of(self, step: int) -> int:
        """Returns the number of a step's bar: the first full one is 1."""
        return (step - self.pickup) // self.bar + 1


def bar_steps(meter: str) -> int:
    """Returns the length of a bar in sixteenths.

    Raises:
        InputError: it is no metre, or not of whole sixteenths.
    """
    parts = re.fullmatch(r"([1-9]\d?)/(1|2|4|8|16)", meter)
    if not parts or int(parts[1]) * 16 // int(parts[2]) > MOST_BAR_STEPS:
        raise InputError(f"a chorale has a metre such as 4/4, not {meter!r}")
    return int(parts[1]) * 16 // int(parts[2])


MOST_BAR_STEPS = 48


def parse_voice(text: str) -> list[Note]:
    """Returns the notes and rests of a voice's text; see `Chorale`.

    Raises:
        InputError: a token is none of a voice's.
    """
    notes: list[Note] = []
    for step, token in enumerate(text.split()):
        if not _TOKEN.fullmatch(token):
            raise InputError(
                f"{token!r} is no token of a voice: give a MIDI pitch, _, . "
                "or ?"
            )
        word, fermata = token.rstrip(FERMATA), token.endswith(FERMATA)
        if word == HOLD and notes:
            last = notes[-1]
            notes[-1] = last._replace(length=last.length + 1)
        elif word in (REST, OPEN) and notes and notes[-1].pitch is None:
            notes[-1] = notes[-1]._replace(length=notes[-1].length + 1)
        else:
            pitch = int(word) if word.isdigit() else None
            notes.append(Note(step, 1, pitch, fermata))
    return notes


def format_voice(notes: Sequence[Note], steps: int) -> str:
    """Returns the text of a voice; where no note is, it rests.

    Args:
        notes: in order; a note ends where the next begins.
        steps: the length of the voice.
    """
    tokens = [REST] * steps
    for note in notes:
        if note.pitch is None:
            continue
        for step in range(note.start, min(note.start + note.length, steps)):
            tokens[step] = HOLD
        mark = FERMATA if note.fermata else ""
        if note.start < steps:
            tokens[note.start] = f"{note.pitch}{mark}"
    for note in notes:  # a rest ends the note before it
        if note.pitch is None:
            for step in range(note.start, min(note.start + note.length, steps)):
                tokens[step] = REST
    return " ".join(tokens)


def note_name(pitch: int) -> str:
    """Returns a pitch's name: 60 is C4, as a sharp where it is a black key."""
    names = "C C# D D# E F F# G G# A A# B".split()
    return f"{names[pitch % 12]}{pitch // 12 - 1}"


def require_range(chorale: Chorale) -> None:
    """Checks that the notes of a chorale are in the ranges of its voices.

    Raises:
        InputError: one is not; it says by how much to transpose, if that
            helps.
    """
    for voice, (low, high) in enumerate(RANGES):
        pitches = [n.pitch for n in chorale.notes(voice) if n.pitch is not None]
        if not pitches or (low <= min(pitches) and max(pitches) <= high):
            continue
        shifts = [
            shift
            for shift in range(-24, 25)
            if low <= min(pitches) + shift and max(pitches) + shift <= high
        ]
        best = min(shifts, key=lambda s: (s % 12 != 0, abs(s)), default=None)
        hint = "" if best is None else f": --transpose {best} brings it there"
        raise InputError(
            f"the {VOICES[voice]} goes from {note_name(min(pitches))} to "
            f"{note_name(max(pitches))}, and is written from {note_name(low)} "
            f"to {note_name(high)}{hint}"
        )
