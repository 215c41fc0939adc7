"""Measures as parsed from wild ABC, before they become canonical.

Lengths are in eighths.
"""

from dataclasses import dataclass, field
from fractions import Fraction

MAX_BARS = 4096  # of a tune


@dataclass
class ParsedNote:
    """A note or rest.

    Args:
        accidental: "", "^", "^^", "_", "__" or "=".
        pitch: the letter with its octave, `z` for a rest.
        length: in eighths, before any tuplet.
        tied: whether it is tied to the next note.
    """

    accidental: str
    pitch: str
    length: Fraction
    tied: bool = False


@dataclass
class TupletOpener:
    """Opens a tuplet that canonical ABC has no sign for.

    Args:
        p: so many notes
        q: in the time of so many,
        r: for the next so many notes.
    """

    p: int
    q: int
    r: int


@dataclass
class BarLine:
    """A bar line, or several in a row taken as one.

    Args:
        ends_repeat: whether a repeat ends here.
        starts_repeat: whether a repeat starts here.
        double: whether it is double.
        ending: the number of an ending that starts here, "" for none.
    """

    ends_repeat: bool = False
    starts_repeat: bool = False
    double: bool = False
    ending: str = ""


# a number opens a tuplet of so many notes that canonical ABC has a sign for
Element = ParsedNote | TupletOpener | int


@dataclass
class ParsedMeasure:
    """The notes before a bar line, with that bar line.

    Args:
        elements: notes, and openers before the notes of a tuplet.
        line_breaks: indices into `elements` where a line of the source ended.
        bar_line: the bar line after them.
    """

    elements: list[Element] = field(default_factory=list)
    line_breaks: list[int] = field(default_factory=list)
    bar_line: BarLine = field(default_factory=BarLine)

    @property
    def notes(self) -> list[ParsedNote]:
        """The notes and rests alone."""
        return [e for e in self.elements if isinstance(e, ParsedNote)]
