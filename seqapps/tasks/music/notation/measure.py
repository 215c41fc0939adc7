"""Measures of plain notes, between wild ABC and canonical ABC."""

from dataclasses import dataclass, field
from fractions import Fraction

MOST = 4096  # bars of a tune


@dataclass
class Note:
    """A note or rest; its length is in eighths, before any tuplet."""

    accidental: str
    pitch: str
    length: Fraction
    tied: bool = False


@dataclass
class Tuplet:
    """What opens p notes in the time of q, for the next r notes."""

    p: int
    q: int
    r: int


@dataclass
class Bar:
    """A bar line, or what a run of bar lines says as one."""

    end: bool = False  # a repeat ends here
    start: bool = False  # a repeat starts here
    double: bool = False
    ending: str = ""


@dataclass
class Measure:
    """What stands before a bar line: notes, and what opens tuplets.

    The openers that canonical ABC has are numbers.
    `breaks` are the places in `notes` where a line of the source ended.
    """

    notes: list[Note | Tuplet | int] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    bar: Bar = field(default_factory=Bar)


def pitch(letter: str, octave: str) -> str:
    """The one spelling of a letter and its octave marks.

    >>> pitch("C", "'"), pitch("c", ",,"), pitch("c", "',")
    ('c', 'C,', 'c')
    """
    up = letter.islower() + octave.count("'") - octave.count(",")
    if up > 0:
        return letter.lower() + "'" * (up - 1)
    return letter.upper() + "," * -up


def raised(spelling: str, octaves: int) -> str:
    """A spelling moved by octaves; below zero downwards.

    >>> raised("c'", 1), raised("C", -1), raised("C", 1)
    ("c''", 'C,', 'c')
    """
    marks = "'" * octaves if octaves > 0 else "," * -octaves
    return pitch(spelling[0], spelling[1:] + marks)


def height(pitch: str) -> int:
    """How many steps of the white keys a spelling lies above `C`."""
    octave = pitch[0].islower() + pitch.count("'") - pitch.count(",")
    return "CDEFGAB".index(pitch[0].upper()) + 7 * octave
