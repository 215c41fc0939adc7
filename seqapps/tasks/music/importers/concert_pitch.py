"""Concert pitch: what a part sounds that is written for its instrument."""

import re
from typing import NamedTuple
from xml.etree.ElementTree import Element

from seqapps.tasks.music.importers.draft import Note
from seqapps.tasks.music.notation import tonality
from seqapps.tasks.music.notation.header import Unusable

_LETTERS = "CDEFGAB"


class Interval(NamedTuple):
    """From the written to the sounding note; below 0 downwards.

    Args:
        steps: white keys.
        semitones: the same in semitones.
    """

    steps: int
    semitones: int

    @property
    def fifths(self) -> int:
        """Sharps that a key signature gains."""
        return 7 * self.semitones - 12 * self.steps


UNISON = Interval(0, 0)


def read_transpose(element: Element) -> Interval:
    """What `<transpose>` says.

    Raises:
        Unusable: for what is no interval.
    """
    octaves = _whole(element.findtext("octave-change"))
    steps = _whole(element.findtext("diatonic"))
    semitones = _whole(element.findtext("chromatic"))
    interval = Interval(steps, semitones)
    if abs(interval.fifths) > 6:  # the steps are often left out
        interval = Interval(round(7 * semitones / 12), semitones)
    return Interval(
        interval.steps + 7 * octaves, interval.semitones + 12 * octaves
    )


def fitted(interval: Interval, sharps: int | None) -> Interval:
    """An interval by which a key becomes one of at most seven sharps."""
    total = (sharps or 0) + interval.fifths
    if abs(total) <= 7 or abs(sharps or 0) > 7:
        return interval
    return interval._replace(steps=interval.steps + (1 if total > 0 else -1))


def spelt(
    element: Element, interval: Interval, sharps: int | None
) -> tuple[int, int]:
    """What `<pitch>` sounds.

    Args:
        element: the written pitch.
        interval: from it to the sounding one.
        sharps: of the written key.

    Returns:
        Steps of the white keys above middle C, and by how many semitones the
        note is raised.

    Raises:
        Unusable: if it is no pitch, or none that ABC can spell.
    """
    letter = _LETTERS.find((element.findtext("step") or "?").strip())
    octave, alter = element.findtext("octave"), element.findtext("alter")
    if letter < 0 or not re.fullmatch(r"\s*\d\s*", octave or ""):
        raise Unusable("damaged, or not MusicXML")
    step, raised = letter + 7 * (int(octave) - 4), _whole(alter)
    steps, semitones = fitted(interval, sharps)
    if not semitones and abs(raised) <= 2:
        return step, raised
    pitch = Note(0, 0, step, raised).pitch + semitones
    step += steps
    raised = pitch - Note(0, 0, step, 0).pitch
    if abs(raised) > 2:
        return tonality.spell(pitch, (sharps or 0) % 7)
    return step, raised


def _whole(text: str | None) -> int:
    """A number near a whole one; 0 where there is none."""
    text = (text or "").strip()
    if not text:
        return 0
    if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,9})?", text):
        raise Unusable("damaged, or not MusicXML")
    return round(float(text))
