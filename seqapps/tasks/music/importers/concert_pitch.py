"""Concert pitch: how the notes of transposing instruments sound."""

import re
from typing import NamedTuple
from xml.etree.ElementTree import Element

from seqapps.tasks.music.importers.archive import NOT_MUSICXML
from seqapps.tasks.music.notation import tonality
from seqapps.tasks.music.notation.key_signature import MAX_FIFTHS
from seqapps.tasks.music.notation.pitch import LETTERS, midi_pitch
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_ALTER = 2  # semitones that an accidental of ABC can write


class Interval(NamedTuple):
    """From the written to the sounding note; below zero downwards.

    Args:
        steps: white keys.
        semitones: likewise in semitones.
    """

    steps: int
    semitones: int

    @property
    def fifths(self) -> int:
        """The sharps that a key signature gains."""
        return 7 * self.semitones - 12 * self.steps


UNISON = Interval(0, 0)


def parse_transpose(element: Element) -> Interval:
    """Parses `<transpose>`.

    Raises:
        Unusable: it is no interval.
    """
    octaves = _parse_integer(element.findtext("octave-change"))
    steps = _parse_integer(element.findtext("diatonic"))
    semitones = _parse_integer(element.findtext("chromatic"))
    interval = Interval(steps, semitones)
    if abs(interval.fifths) > 6:  # the steps are often left out
        interval = Interval(round(7 * semitones / 12), semitones)
    return Interval(
        interval.steps + 7 * octaves, interval.semitones + 12 * octaves
    )


def fit_interval(interval: Interval, sharps: int | None) -> Interval:
    """Changes the steps so that the key has at most seven sharps or flats."""
    total = (sharps or 0) + interval.fifths
    if abs(total) <= MAX_FIFTHS or abs(sharps or 0) > MAX_FIFTHS:
        return interval
    return interval._replace(steps=interval.steps + (1 if total > 0 else -1))


def sounding_pitch(
    element: Element, interval: Interval, sharps: int | None
) -> tuple[int, int]:
    """Returns the sounding pitch of `<pitch>`.

    Args:
        element: the written pitch.
        interval: from the written to the sounding pitch.
        sharps: of the written key.

    Returns:
        White keys above middle C, and semitones by which the note is raised.

    Raises:
        Unusable: it is no pitch, or none that ABC can spell.
    """
    letter = LETTERS.find((element.findtext("step") or "?").strip())
    octave = element.findtext("octave") or ""
    if letter < 0 or not re.fullmatch(r"\s*\d\s*", octave):
        raise Unusable(NOT_MUSICXML)
    step = letter + 7 * (int(octave) - 4)
    alter = _parse_integer(element.findtext("alter"))
    steps, semitones = fit_interval(interval, sharps)
    if not semitones and abs(alter) <= _MAX_ALTER:
        return step, alter
    pitch = midi_pitch(step, alter) + semitones
    step += steps
    alter = pitch - midi_pitch(step, 0)
    if abs(alter) > _MAX_ALTER:
        return tonality.spell_midi_pitch(pitch, (sharps or 0) % 7)
    return step, alter


def _parse_integer(text: str | None) -> int:
    """Returns the nearest integer; 0 for no text."""
    text = (text or "").strip()
    if not text:
        return 0
    if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,9})?", text):
        raise Unusable(NOT_MUSICXML)
    return round(float(text))
