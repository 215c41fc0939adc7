"""Writes a tune as MEI, the format of scores that Verovio draws."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.key_signature import fifths
from seqapps.tasks.music.notation.pitch import diatonic_step
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering import layout

_ACCIDENTALS = {"^": "s", "^^": "x", "_": "f", "__": "ff", "=": "n"}
_RIGHT_BAR_LINES = {":|": "rptend", "::": "rptend", "||": "dbl", "|]": "end"}
# (a tie begins, a tie ends): initial, medial, terminal
_TIES = {(True, False): "i", (True, True): "m", (False, True): "t"}


class _NoteStyle(NamedTuple):
    """What a note is drawn with besides pitch and length.

    Args:
        begins_tie: whether a tie leads on from it.
        ends_tie: whether a tie leads to it.
        attributes: of its MEI element, for style sheets and pointers.
    """

    begins_tie: bool
    ends_tie: bool
    attributes: dict[str, str]


def write_mei(
    tune: Tune,
    classes: Sequence[str] = (),
    labels: Sequence[str] = (),
    changed: frozenset[int] = frozenset(),
) -> str:
    """Returns a tune as MEI: beams by the beat, about four bars a line.

    Args:
        tune: its body may be any text of canonical tokens.
        classes: `type` of each token of the body; may be empty.
        labels: `label` of each token of the body; may be empty.
        changed: indices of measures that get the `type` "changed".
    """
    root = ET.Element("mei", xmlns="http://www.music-encoding.org/ns/mei")
    score = _nest(root, "music", "body", "mdiv", "score")
    _write_definition(score, tune)
    section = parent = ET.SubElement(score, "section")
    styles = _note_styles(tune.body, classes, labels)
    number = index = 0  # as numbered in the score, and of all measures
    ending_measures = {"1": 0, "2": 0}
    for i, line in enumerate(layout.split_lines(tune.meter, tune.body)):
        if i:
            ET.SubElement(parent, "sb")
        for measure, start in line:
            ending = measure.opener.rpartition("[")[2]
            if ending in ending_measures:
                parent = ET.SubElement(section, "ending", n=ending)
                ending_measures[ending] = 0
            number += start == 0
            element = ET.SubElement(parent, "measure", n=str(number))
            if index in changed:
                element.set("type", "changed")
            index += 1
            _write_measure(element, tune.meter, measure, start, styles)
            if parent is not section:
                ending = parent.get("n", "")
                ending_measures[ending] += 1
                # the second is drawn no longer than the first
                full = ending_measures["2"] >= ending_measures["1"]
                if ending == "2" and full or measure.closer != "|":
                    parent = section
    return ET.tostring(root, encoding="unicode")


def _nest(element: ET.Element, *names: str) -> ET.Element:
    """Adds elements, each within the one before; returns the innermost."""
    for name in names:
        element = ET.SubElement(element, name)
    return element


def _write_definition(score: ET.Element, tune: Tune) -> None:
    """Writes title, clef, key signature and metre."""
    n = fifths(tune.key, tune.mode)
    beats, unit = tune.meter.split("/")
    definition = ET.SubElement(score, "scoreDef")
    if tune.title:
        head = ET.SubElement(definition, "pgHead", func="first")
        style = {"halign": "center", "fontsize": "150%"}
        ET.SubElement(head, "rend", style).text = tune.title
    staff = ET.SubElement(
        ET.SubElement(definition, "staffGrp"), "staffDef", n="1", lines="5"
    )
    ET.SubElement(staff, "clef", shape="G", line="2")
    signature = f"{abs(n)}{'s' if n > 0 else 'f'}" if n else "0"
    ET.SubElement(staff, "keySig", sig=signature)
    ET.SubElement(staff, "meterSig", count=beats, unit=unit)


def _write_measure(
    element: ET.Element,
    meter: str,
    measure: bars.AbcMeasure,
    start: Fraction,
    styles: Iterator[_NoteStyle],
) -> None:
    """Writes a measure; takes a style for each of its notes."""
    if measure.duration != Fraction(meter):
        element.set("metcon", "false")
    if "|:" in measure.opener or "::" in measure.opener:
        element.set("left", "rptstart")
    closer = measure.closer.partition(" ")[0]
    element.set("right", _RIGHT_BAR_LINES.get(closer, "single"))
    staff = ET.SubElement(element, "staff", n="1")
    layer = ET.SubElement(staff, "layer", n="1")
    for group in layout.beam_groups(meter, measure, start):
        units = _units([token for token, _ in group])
        for beamable, run in groupby(units, _is_beamable):
            beamed = list(run)
            several = sum(map(len, beamed)) > 1
            parent = layer
            if beamable and several:
                parent = ET.SubElement(layer, "beam")
            for unit in beamed:
                _write_unit(parent, unit, styles)


def _units(tokens: list[str]) -> list[list[str]]:
    """Groups each tuplet with its notes, and every other note alone."""
    units: list[list[str]] = []
    tuplet_left = 0
    for token in tokens:
        if tuplet_left > 0:
            units[-1].append(token)
            tuplet_left -= 1
        else:
            units.append([token])
            tuplet_left = bars.tuplet_size(token)
    return units


def _is_beamable(unit: list[str]) -> bool:
    notes = [
        bars.parse_note(token) for token in unit if not bars.tuplet_size(token)
    ]
    return all(
        n and n.pitch != "z" and n.length < Fraction(1, 4) for n in notes
    )


def _write_unit(
    parent: ET.Element, unit: list[str], styles: Iterator[_NoteStyle]
) -> None:
    """Writes a tuplet or a single note; takes a style for each note."""
    if count := bars.tuplet_size(unit[0]):
        parent = ET.SubElement(
            parent, "tuplet", num=str(count), numbase=str(bars.TUPLETS[count])
        )
        parent.set("bracket.visible", "false" if _is_beamable(unit) else "true")
    for note in filter(None, map(bars.parse_note, unit)):
        style = next(styles)
        values = list(_note_values(note.length))
        for i, (value, dots) in enumerate(values):
            rest = note.pitch == "z"
            name = "rest" if rest else "note"
            element = ET.SubElement(parent, name, style.attributes)
            element.set("dur", value)
            if dots:
                element.set("dots", str(dots))
            if rest:
                continue
            steps = diatonic_step(note.pitch)
            element.set("pname", note.pitch[0].lower())
            element.set("oct", str(4 + steps // 7))
            if note.accidental and not i:
                element.set("accid", _ACCIDENTALS[note.accidental])
            begins_tie = style.begins_tie or i < len(values) - 1
            tie = _TIES.get((begins_tie, style.ends_tie or i > 0))
            if tie:
                element.set("tie", tie)


def _note_styles(
    body: str, classes: Sequence[str], labels: Sequence[str]
) -> Iterator[_NoteStyle]:
    """Yields the style of each note and rest of a body."""
    tokens = enumerate(body.split())
    notes = [
        (i, note) for i, token in tokens if (note := bars.parse_note(token))
    ]
    following = [note for _, note in notes[1:]] + [None]
    ends_tie = False
    for (i, note), after in zip(notes, following, strict=True):
        begins_tie = (
            note.tied and after is not None and note.pitch == after.pitch
        )
        attributes = {"type": classes[i]} if classes else {}
        if labels:
            attributes["label"] = labels[i]
        yield _NoteStyle(begins_tie, ends_tie, attributes)
        ends_tie = begins_tie


def _note_values(length: Fraction) -> Iterator[tuple[str, int]]:
    """Yields the values and dots that, tied together, make up a length."""
    while length >= Fraction(1, 128):
        base = Fraction(4)  # the longest value that is not longer
        while base > length:
            base /= 2
        dots = {Fraction(3, 2): 1, Fraction(7, 4): 2}.get(length / base, 0)
        value = str(base.denominator)
        yield {4: "long", 2: "breve"}.get(base.numerator, value), dots
        length -= base * (2 - Fraction(1, 2**dots))
