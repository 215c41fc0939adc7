"""Writes a chorale as MusicXML: a part for each voice, or two staves."""

import xml.etree.ElementTree as ET

from seqapps.tasks.chorale.notation.chorale import PER_CROTCHET, VOICES, Chorale
from seqapps.tasks.chorale.notation.measures import (
    VALUES,
    Measure,
    Piece,
    accidentals,
    split_measures,
)
from seqapps.tasks.chorale.notation.spelling import spell
from seqapps.text import strings

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 '
    'Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_SIGNS = {2: "double-sharp", 1: "sharp", 0: "natural", -1: "flat"}
_SIGNS[-2] = "flat-flat"
_CLEFS = {"G": ("G", "2", ""), "G8": ("G", "2", "-1"), "F": ("F", "4", "")}
# each part: its name, its clef, its voices
_OPEN = tuple(
    (name.capitalize(), clef, [voice])
    for voice, (name, clef) in enumerate(
        zip(VOICES, ("G", "G", "G8", "F"), strict=True)
    )
)
_CLOSED = (("", "G", [0, 1]), ("", "F", [2, 3]))


def write_musicxml(
    chorale: Chorale,
    *,
    tempo: int = 0,
    programs: tuple[int, ...] = (),
    closed: bool = False,
) -> str:
    """Returns a chorale as MusicXML.

    Args:
        chorale: complete.
        tempo: crotchets a minute; 0 leaves it out.
        programs: of General MIDI, of each voice, counted from 0; may be empty.
        closed: two staves with two voices each, in place of four parts.
    """
    root = ET.Element("score-partwise", version="4.0")
    title = strings.to_valid_utf8(chorale.title)
    if title:
        work = ET.SubElement(root, "work")
        ET.SubElement(work, "work-title").text = title
    parts = _CLOSED if closed else _OPEN
    names = ET.SubElement(root, "part-list")
    if closed:
        group = ET.SubElement(names, "part-group", type="start", number="1")
        ET.SubElement(group, "group-symbol").text = "brace"
    for i, (name, _, voices) in enumerate(parts, 1):
        part = ET.SubElement(names, "score-part", id=f"P{i}")
        ET.SubElement(part, "part-name").text = name
        if programs and not closed:
            _write_instrument(part, i, name, programs[voices[0]])
    if closed:
        ET.SubElement(names, "part-group", type="stop", number="1")
    measures = split_measures(chorale)
    for i, (_, clef, voices) in enumerate(parts, 1):
        part = ET.SubElement(root, "part", id=f"P{i}")
        for measure in measures:
            element = ET.SubElement(part, "measure", number=str(measure.number))
            if measure.number == 0:
                element.set("implicit", "yes")
            if measure is measures[0]:
                _write_attributes(element, chorale, clef)
                if tempo and i == 1:
                    ET.SubElement(element, "sound", tempo=str(tempo))
            _write_measure(element, chorale, measure, voices)
            if measure is measures[-1]:
                line = ET.SubElement(element, "barline", location="right")
                ET.SubElement(line, "bar-style").text = "light-heavy"
    ET.indent(root, " ")
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _write_instrument(
    part: ET.Element, number: int, name: str, program: int
) -> None:
    instrument = f"P{number}-I1"
    score = ET.SubElement(part, "score-instrument", id=instrument)
    ET.SubElement(score, "instrument-name").text = name
    midi = ET.SubElement(part, "midi-instrument", id=instrument)
    ET.SubElement(midi, "midi-channel").text = str(number)
    ET.SubElement(midi, "midi-program").text = str(program + 1)


def _write_attributes(element: ET.Element, chorale: Chorale, clef: str) -> None:
    attributes = ET.SubElement(element, "attributes")
    ET.SubElement(attributes, "divisions").text = str(PER_CROTCHET)
    key = ET.SubElement(attributes, "key")
    ET.SubElement(key, "fifths").text = str(chorale.sharps)
    if chorale.mode:
        ET.SubElement(key, "mode").text = chorale.mode
    time = ET.SubElement(attributes, "time")
    beats, unit = chorale.meter.split("/")
    ET.SubElement(time, "beats").text = beats
    ET.SubElement(time, "beat-type").text = unit
    sign, line, octave = _CLEFS[clef]
    element = ET.SubElement(attributes, "clef")
    ET.SubElement(element, "sign").text = sign
    ET.SubElement(element, "line").text = line
    if octave:
        ET.SubElement(element, "clef-octave-change").text = octave


def _write_measure(
    element: ET.Element, chorale: Chorale, measure: Measure, voices: list[int]
) -> None:
    signs = accidentals(measure, voices, chorale.sharps)
    for place, voice in enumerate(voices):
        if place:
            backup = ET.SubElement(element, "backup")
            ET.SubElement(backup, "duration").text = str(measure.length)
        beams = _beams(chorale, measure.voices[voice])
        for piece in measure.voices[voice]:
            note = _write_note(element, chorale, piece, place + 1)
            if (voice, piece.start) in signs:
                sign = _SIGNS[signs[voice, piece.start]]
                ET.SubElement(note, "accidental").text = sign
            if len(voices) > 1 and piece.pitch is not None:
                stem = "down" if place else "up"
                ET.SubElement(note, "stem").text = stem
            if piece.start in beams:
                beam = ET.SubElement(note, "beam", number="1")
                beam.text = beams[piece.start]
            notations = []
            if piece.tied:
                notations.append(("tied", "stop"))
            if piece.ties:
                notations.append(("tied", "start"))
            if piece.fermata:
                kind = "inverted" if place else "upright"
                notations.append(("fermata", kind))
            if notations:
                parent = ET.SubElement(note, "notations")
                for name, kind in notations:
                    ET.SubElement(parent, name, type=kind)


def _write_note(
    element: ET.Element, chorale: Chorale, piece: Piece, voice: int
) -> ET.Element:
    """Writes pitch, duration, ties, voice and value."""
    note = ET.SubElement(element, "note")
    if piece.pitch is None:
        ET.SubElement(note, "rest")
    else:
        letter, alter, octave = spell(piece.pitch, chorale.sharps)
        pitch = ET.SubElement(note, "pitch")
        ET.SubElement(pitch, "step").text = letter
        if alter:
            ET.SubElement(pitch, "alter").text = str(alter)
        ET.SubElement(pitch, "octave").text = str(octave)
    ET.SubElement(note, "duration").text = str(piece.length)
    if piece.tied:
        ET.SubElement(note, "tie", type="stop")
    if piece.ties:
        ET.SubElement(note, "tie", type="start")
    ET.SubElement(note, "voice").text = str(voice)
    value, dots = VALUES[piece.length]
    ET.SubElement(note, "type").text = value
    for _ in range(dots):
        ET.SubElement(note, "dot")
    return note


def _beams(chorale: Chorale, pieces: list[Piece]) -> dict[int, str]:
    """Returns which notes begin, continue or end a beam, by their start."""
    beats, unit = map(int, chorale.meter.split("/"))
    compound = unit >= 8 and beats % 3 == 0
    beat = 3 * 16 // unit if compound else PER_CROTCHET
    groups: list[list[Piece]] = []
    for piece in pieces:
        short = piece.pitch is not None and piece.length < PER_CROTCHET
        place = (piece.start - chorale.pickup) // beat
        last = groups[-1][-1] if groups and groups[-1] else None
        if last and short and (last.start - chorale.pickup) // beat == place:
            groups[-1].append(piece)
        else:
            groups.append([piece] if short else [])
    beams = {}
    for group in groups:
        if len(group) > 1:
            beams |= {piece.start: "continue" for piece in group}
            beams |= {group[0].start: "begin", group[-1].start: "end"}
    return beams
