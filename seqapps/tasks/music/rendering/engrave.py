"""A tune as an engraved score: MEI, which Verovio draws.

Verovio reads ABC as well, but loses endings, `::` and the beams of tuplets.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count, groupby

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.header import fifths
from seqapps.tasks.music.notation.measure import height
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering import layout

_ACCIDENTALS = {"^": "s", "^^": "x", "_": "f", "__": "ff", "=": "n"}
_RIGHT = {":|": "rptend", "::": "rptend", "||": "dbl", "|]": "end"}
_SPACE = 180  # between two lines of a staff, as Verovio draws it
_TIES = {(True, False): "i", (True, True): "m", (False, True): "t"}

# of a note: its ties (one leads on, one led here), and how it looks
Said = tuple[tuple[bool, bool], dict[str, str]]


def svg(
    tune: Tune,
    classes: Sequence[str] = (),
    labels: Sequence[str] = (),
    changed: frozenset[int] = frozenset(),
) -> str:
    """Draw a tune on one page, exactly as high as the music.

    Args:
        tune: its body may be any text of canonical tokens.
        classes: CSS classes for each token of the body, or nothing.
        labels: what a pointer over each token shows, or nothing.
        changed: numbers of measures that get a `rect` of class "tint" behind
            them, for a style sheet to colour.

    Returns:
        SVG, the same for the same tune.
    """
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(
        {
            "inputFrom": "mei",
            "adjustPageHeight": True,
            "breaks": "encoded",
            "footer": "none",
            "header": "encoded",
            "minLastJustification": 0.4,
            "pageHeight": 60000,
            "pageWidth": 2400,
            "scale": 45,
            "xmlIdSeed": 1,
        }
    )
    if not toolkit.loadData(mei(tune, classes, labels, changed)):
        raise ValueError("the score could not be drawn")
    return re.sub(
        # the first measure of a line has its number before its staff
        r'(class="measure changed">(?:(?!class="measure)[\s\S])*?'
        r'class="staff">\s*)(?=<path d="M(\d+) (\d+) L(\d+) )',
        _tint,
        toolkit.renderToSVG(1),
    )


def _tint(found: re.Match[str]) -> str:
    """A ground for one measure, put in before the first line of its staff."""
    left, top, right = map(int, found.groups()[1:])
    return (
        f'{found[1]}<rect class="tint" x="{left}" y="{top - 2 * _SPACE}" '
        f'width="{right - left}" height="{8 * _SPACE}" />'
    )


def mei(
    tune: Tune,
    classes: Sequence[str] = (),
    labels: Sequence[str] = (),
    changed: frozenset[int] = frozenset(),
) -> str:
    """Write a tune as MEI: beams by the beat, a new line every four bars.

    Args:
        tune: its body may be any text of canonical tokens.
        classes: as `svg` takes them. So the other two.
        labels: of the tokens.
        changed: numbers of measures.
    """
    root = ET.Element("mei", xmlns="http://www.music-encoding.org/ns/mei")
    score = _path(root, "music", "body", "mdiv", "score")
    _definition(score, tune)
    section = place = ET.SubElement(score, "section")
    looks = _looks(tune.body, classes, labels)
    said = zip(_ties(tune.body), looks, strict=True)
    number, long = 0, {"1": 0, "2": 0}  # measures in each ending
    index = count()
    for i, line in enumerate(layout.lines(tune.meter, tune.body)):
        if i:
            ET.SubElement(place, "sb")
        for measure, start in line:
            ending = measure.opener.rpartition("[")[2]
            if ending in long:
                place = ET.SubElement(section, "ending", n=ending)
                long[ending] = 0
            number += start == 0
            element = ET.SubElement(place, "measure", n=str(number))
            if next(index) in changed:
                element.set("type", "changed")
            _measure(element, tune.meter, measure, start, said)
            if place is not section:
                now = place.get("n", "")
                long[now] += 1
                # the second is drawn no longer than the first
                done = now == "2" and long["2"] >= long["1"]
                if done or measure.closer != "|":
                    place = section
    return ET.tostring(root, encoding="unicode")


def _path(element: ET.Element, *names: str) -> ET.Element:
    for name in names:
        element = ET.SubElement(element, name)
    return element


def _definition(score: ET.Element, tune: Tune) -> None:
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


def _measure(
    element: ET.Element,
    meter: str,
    measure: bars.Measure,
    start: Fraction,
    said: Iterator[Said],
) -> None:
    if measure.held != Fraction(meter):
        element.set("metcon", "false")
    if "|:" in measure.opener or "::" in measure.opener:
        element.set("left", "rptstart")
    closer = measure.closer.partition(" ")[0]
    element.set("right", _RIGHT.get(closer, "single"))
    staff = ET.SubElement(element, "staff", n="1")
    layer = ET.SubElement(staff, "layer", n="1")
    for group in layout.groups(meter, measure, start):
        units = _units([token for token, _ in group])
        for beam, some in groupby(units, _beamable):
            chosen = list(some)
            several = len([n for unit in chosen for n in unit]) > 1
            parent = ET.SubElement(layer, "beam") if beam and several else layer
            for unit in chosen:
                _write(parent, unit, said)


def _units(tokens: list[str]) -> list[list[str]]:
    """A tuplet with its notes, and every other note alone."""
    units: list[list[str]] = []
    left = 0
    for token in tokens:
        if left > 0:
            units[-1].append(token)
            left -= 1
        else:
            units.append([token])
            left = bars.tuplet(token)
    return units


def _beamable(unit: list[str]) -> bool:
    notes = [bars.note(token) for token in unit if not bars.tuplet(token)]
    return all(
        n and n.pitch != "z" and n.length < Fraction(1, 4) for n in notes
    )


def _write(parent: ET.Element, unit: list[str], said: Iterator[Said]) -> None:
    if p := bars.tuplet(unit[0]):
        parent = ET.SubElement(
            parent, "tuplet", num=str(p), numbase=str(bars.TUPLETS[p])
        )
        parent.set("bracket.visible", "false" if _beamable(unit) else "true")
    for note in filter(None, map(bars.note, unit)):
        (goes, comes), look = next(said)
        signs = list(_signs(note.length))
        for i, (value, dots) in enumerate(signs):
            rest = note.pitch == "z"
            element = ET.SubElement(parent, "rest" if rest else "note", look)
            element.set("dur", value)
            if dots:
                element.set("dots", str(dots))
            if rest:
                continue
            up = height(note.pitch)
            element.set("pname", note.pitch[0].lower())
            element.set("oct", str(4 + up // 7))
            if note.accidental and not i:
                element.set("accid", _ACCIDENTALS[note.accidental])
            tie = _TIES.get((goes or i < len(signs) - 1, comes or i > 0))
            if tie:
                element.set("tie", tie)


def _ties(body: str) -> Iterator[tuple[bool, bool]]:
    """Of every note, whether a tie leads on, and whether one led here."""
    notes = [n for token in body.split() if (n := bars.note(token))]
    before = False
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        goes = note.tied and bool(following) and note.pitch == following.pitch
        yield goes, before
        before = goes


def _looks(
    body: str, classes: Sequence[str], labels: Sequence[str]
) -> Iterator[dict[str, str]]:
    """Of every note, the attributes that nobody hears."""
    for i, token in enumerate(body.split()):
        if bars.note(token):
            look = {"type": classes[i]} if classes else {}
            yield {**look, "label": labels[i]} if labels else look


def _signs(length: Fraction) -> Iterator[tuple[str, int]]:
    """The signs, tied to one another, that a length is written with."""
    while length >= Fraction(1, 128):
        base = Fraction(4)  # the longest sign that is not longer
        while base > length:
            base /= 2
        dots = {Fraction(3, 2): 1, Fraction(7, 4): 2}.get(length / base, 0)
        value = str(base.denominator)
        yield {4: "long", 2: "breve"}.get(base.numerator, value), dots
        length -= base * (2 - Fraction(1, 2**dots))
