"""MusicXML files: music21 reads them; a `Sheet` is what they say."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from seqapps.tasks.music.draft import Bar, Note
from seqapps.tasks.music.sheet import Measure, Sheet

_DOUBLE = {"double", "final", "heavy", "heavy-heavy", "heavy-light"}


def read(path: Path) -> Sheet:
    """Read a file, compressed or not; what music21 raises goes through."""
    from music21 import converter

    score = converter.parseFile(
        path, format="musicxml", forceSource=True, storePickle=False
    )
    everything = score.recurse()
    data = score.metadata
    return Sheet(
        title=(data.title or data.movementName or "") if data else "",
        parts=[list(_measures(part)) for part in score.parts],
        meters=[
            sign.ratioString
            for sign in everything.getElementsByClass("TimeSignature")
        ],
        keys=[
            [
                (sign.sharps, getattr(sign, "mode", None) or "")
                for sign in part.recurse().getElementsByClass("KeySignature")
            ]
            for part in score.parts
        ],
        drums=bool(everything.getElementsByClass("Unpitched")),
        jumps=bool(everything.getElementsByClass("RepeatExpression")),
    )


def _measures(part: Any) -> Iterator[Measure]:
    brackets = part.recurse().getElementsByClass("RepeatBracket")
    endings = {b.getFirst().id: b.number for b in brackets}
    for measure in part.getElementsByClass("Measure"):
        notes, length = [], Fraction(0)
        for element in measure.recurse().notesAndRests:
            hidden = element.isRest and element.style.hideObjectOnPrint
            chord_symbol = "Harmony" in element.classes
            if hidden or chord_symbol or element.duration.isGrace:
                continue
            start = _eighths(element.getOffsetInHierarchy(measure))
            end = start + _eighths(element.quarterLength)
            length = max(length, end)
            for note in getattr(element, "notes", (element,)):
                if getattr(note, "pitches", ()):
                    tie = note.tie.type if note.tie else ""
                    notes.append((_note(note.pitch, start, end), tie))
        left, right = measure.leftBarline, measure.rightBarline
        closes = getattr(right, "direction", "") == "end"
        bar = Bar(
            Fraction(0),
            length,
            opens=getattr(left, "direction", "") == "start",
            closes=closes,
            double=not closes and getattr(right, "type", "") in _DOUBLE,
            ending=endings.get(measure.id, ""),
        )
        yield Measure(sorted(notes), bar)


def _eighths(quarters: float | Fraction) -> Fraction:
    return Fraction(quarters).limit_denominator(96) * 2


def _note(pitch: Any, start: Fraction, end: Fraction) -> Note:
    letter = "CDEFGAB".index(pitch.step)
    octave = pitch.implicitOctave - 4
    return Note(start, end, letter + 7 * octave, round(pitch.alter))
