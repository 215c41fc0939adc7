"""Writes a chorale as ABC, a `V:` for each voice."""

from seqapps.tasks.chorale.notation.chorale import VOICES, Chorale
from seqapps.tasks.chorale.notation.measures import (
    Measure,
    accidentals,
    split_measures,
)
from seqapps.tasks.chorale.notation.spelling import spell

_UNIT = 2  # sixteenths: L:1/8
_BARS_A_LINE = 4
_SIGNS = {2: "^^", 1: "^", 0: "=", -1: "_", -2: "__"}
_MAJOR = "Cb Gb Db Ab Eb Bb F C G D A E B F# C#".split()
_MINOR = "Ab Eb Bb F C G D A E B F# C# G# D# A#".split()
_CLEFS = ("treble", "treble", "bass", "bass")


def write_abc(chorale: Chorale, *, number: int = 1, tempo: int = 0) -> str:
    """Returns a chorale as ABC.

    Args:
        chorale: complete.
        number: of `X:`.
        tempo: crotchets a minute; 0 leaves it out.
    """
    lines = ["%abc-2.1", f"X:{number}", f"T:{chorale.title}"]
    lines += [f"M:{chorale.meter}", "L:1/8"]
    if tempo:
        lines.append(f"Q:1/4={tempo}")
    lines.append("%%score (1 2) (3 4)")
    lines.append(f"K:{key_name(chorale)}")
    measures = split_measures(chorale)
    for voice, (name, clef) in enumerate(zip(VOICES, _CLEFS, strict=True)):
        # music21 knows voices by numbers alone
        lines.append(f'V:{voice + 1} clef={clef} name="{name.capitalize()}"')
        for first in range(0, len(measures), _BARS_A_LINE):
            row = measures[first : first + _BARS_A_LINE]
            bars = " | ".join(_bar(each, voice, chorale) for each in row)
            end = "|]" if row[-1] is measures[-1] else "|"
            lines.append(f"{bars} {end}")
    return "\n".join(lines) + "\n"


def key_name(chorale: Chorale) -> str:
    """Returns the key as ABC writes it: "G", "Em"."""
    if chorale.mode == "minor":
        return f"{_MINOR[chorale.sharps + 7]}m"
    return _MAJOR[chorale.sharps + 7]


def _bar(measure: Measure, voice: int, chorale: Chorale) -> str:
    signs = accidentals(measure, [voice], chorale.sharps, cautious=True)
    text = []
    for piece in measure.voices[voice]:
        if piece.pitch is None:
            name = "z"
        else:
            letter, _, octave = spell(piece.pitch, chorale.sharps)
            name = letter if octave < 5 else letter.lower()
            name += "'" * (octave - 5) + "," * (4 - octave)
            sign = signs.get((voice, piece.start))
            name = ("" if sign is None else _SIGNS[sign]) + name
        fermata = "!fermata!" if piece.fermata else ""
        text.append(f"{fermata}{name}{_length(piece.length)}{'-' * piece.ties}")
    return " ".join(text)


def _length(sixteenths: int) -> str:
    if sixteenths % _UNIT:
        return f"{sixteenths}/2" if sixteenths > 1 else "/2"
    units = sixteenths // _UNIT
    return str(units) if units > 1 else ""
