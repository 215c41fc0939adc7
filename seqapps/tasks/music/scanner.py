"""Reading the body of a tune in wild ABC into measures of plain notes."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from seqapps.tasks.music.bars import TUPLETS
from seqapps.tasks.music.header import Header, Unusable


@dataclass
class Note:
    """A note or rest; its length is in eighths, before any tuplet."""

    accidental: str
    pitch: str
    length: Fraction
    tied: bool = False


@dataclass
class Bar:
    """A bar line, or what a run of bar lines says as one."""

    end: bool = False  # a repeat ends here
    start: bool = False  # a repeat starts here
    double: bool = False
    ending: str = ""


@dataclass
class Measure:
    """What stands before a bar line: notes, and tuplet openers as numbers.

    `breaks` are the places in `notes` where a line of the source ended.
    """

    notes: list[Note | int] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    bar: Bar = field(default_factory=Bar)


_TOKEN = re.compile(
    r"""
    (?P<text>   "[^"\n]*" | \{[^}\n]*\} | ![^!\s|]+! | \+[a-zA-Z.]{3,}\+ )
  | (?P<field>  \[ (?P<name>[A-Za-z]): (?P<value>[^\]\n]*) \] )
  | (?P<tuplet> \( (?P<p>\d) (?: :(?P<q>\d*) (?: :(?P<r>\d*) )? )? )
  | (?P<bar>    :* (?: \[?\|+\]? )+ :* | ::? | :\] )
  | (?P<ending> \[? \d [\d,.-]* )
  | (?P<chord>  \[ (?P<inner>[^\]\n]*) \] (?P<times>\d*/*\d*) )
  | (?P<note>   (?P<accidental>\^\^?|__?|=)? (?P<letter>[A-Ga-gxzXZ])
                (?P<octave>[,']*) (?P<length>\d*/*\d*) )
  | (?P<broken> >+ | <+ )
  | (?P<tie>    - )
  | (?P<line>   \n )
  | (?P<aside>  y\d* | [\ \t\r`().~H-Wh-w!$*\\] )
    """,
    re.VERBOSE,
)


class Scanner:
    """Reads one body; `measures` grow as it goes.

    Args:
        header: its key, metre and unit; fields in the body speak to it.
    """

    def __init__(self, header: Header):
        self.header = header
        self.measures = [Measure()]
        self.last: Note | None = None
        self.factor: Fraction | None = None  # of the note after `>` or `<`

    def read(self, text: str) -> list[Measure]:
        """Read music: comments, lyrics and information lines are gone.

        Raises:
            Unusable: for what canonical ABC does not have.
        """
        place = 0
        while place < len(text):
            m = _TOKEN.match(text, place)
            if m is None:
                overlay = text[place] == "&"
                raise Unusable("several voices" if overlay else "unreadable")
            place = m.end()
            if act := getattr(self, f"_{m.lastgroup}", None):
                act(m)
        if self.factor is not None:
            raise Unusable("unreadable")
        return self.measures

    def _note(self, m: re.Match) -> None:
        letter, octave = m["letter"], m["octave"]
        length = self.header.unit * _length(m["length"])
        if letter in "xzXZ":
            if m["accidental"] or octave:
                raise Unusable("unreadable")
            if letter in "XZ":  # one whole bar of rest, or several
                if _length(m["length"]) != 1:
                    raise Unusable("rests of several bars")
                length = Fraction(self.header.meter) * 8
            self._append(Note("", "z", length))
            return
        self._append(
            Note(m["accidental"] or "", _pitch(letter, octave), length)
        )

    def _chord(self, m: re.Match) -> None:
        inner = [n for n in _TOKEN.finditer(m["inner"]) if n["letter"]]
        inner = [n for n in inner if n["letter"] not in "xzXZ"]
        if not inner:
            raise Unusable("unreadable")
        top = max(inner, key=lambda n: height(_pitch(n["letter"], n["octave"])))
        length = _length(inner[0]["length"]) * _length(m["times"])
        pitch = _pitch(top["letter"], top["octave"])
        note = Note(top["accidental"] or "", pitch, self.header.unit * length)
        note.tied = m["inner"][top.end() :].startswith("-")
        self._append(note)

    def _append(self, note: Note) -> None:
        if self.factor is not None:
            note.length *= self.factor
            self.factor = None
        self.last = note
        self.measures[-1].notes.append(note)

    def _broken(self, m: re.Match) -> None:
        if self.last is None or self.factor is not None:
            raise Unusable("unreadable")
        short = Fraction(1, 2 ** len(m[0]))
        long = 2 - short
        dotted = m[0][0] == ">"
        self.last.length *= long if dotted else short
        self.factor = short if dotted else long

    def _tie(self, m: re.Match) -> None:
        if self.last is not None:
            self.last.tied = True

    def _tuplet(self, m: re.Match) -> None:
        p = int(m["p"])
        q = int(m["q"] or TUPLETS.get(p, 0))
        r = int(m["r"] or p)
        if p not in TUPLETS or q != TUPLETS[p] or r != p:
            raise Unusable("unusual tuplet")
        self.measures[-1].notes.append(p)

    def _bar(self, m: re.Match) -> None:
        run = m[0]
        if self.factor is not None or run == ":" and self.measures[-1].notes:
            raise Unusable("unreadable")
        bar = self._bar_here()
        bar.end |= run[0] == ":" and run != ":"
        bar.start |= run[-1] == ":"
        bar.double |= "||" in run or "]" in run or "[" in run

    def _ending(self, m: re.Match) -> None:
        here = self.measures[-1]
        if m[0][0] != "[" and (here.notes or len(self.measures) == 1):
            raise Unusable("unreadable")  # a number, and no bar line before
        number = m[0].strip("[.,-")
        bar = self._bar_here()
        if number not in ("1", "2") or bar.ending:
            raise Unusable("unusual endings")
        bar.ending = number

    def _bar_here(self) -> Bar:
        """The bar line just read, or a new one if notes came since."""
        here = self.measures[-1]
        if here.notes or len(self.measures) == 1:
            self.measures.append(Measure())
            self.last = None
            return here.bar
        return self.measures[-2].bar

    def _line(self, m: re.Match) -> None:
        here = self.measures[-1]
        here.breaks.append(len(here.notes))

    def _field(self, m: re.Match) -> None:
        begun = any(measure.notes for measure in self.measures)
        self.header.take(m["name"], m["value"].split("%")[0], begun)


def _length(text: str) -> Fraction:
    over, slashes, under = re.fullmatch(r"(\d*)(/*)(\d*)", text).groups()
    below = int(under) if under else 2 ** len(slashes)
    if not below or over and not int(over):
        raise Unusable("unreadable")
    return Fraction(int(over or 1), below)


def _pitch(letter: str, octave: str) -> str:
    """The one spelling of a letter and its octave marks.

    >>> _pitch("C", "'"), _pitch("c", ",,"), _pitch("c", "',")
    ('c', 'C,', 'c')
    """
    up = letter.islower() + octave.count("'") - octave.count(",")
    if up > 0:
        return letter.lower() + "'" * (up - 1)
    return letter.upper() + "," * -up


def height(pitch: str) -> int:
    """How many steps of the white keys a spelling lies above `C`."""
    octave = pitch[0].islower() + pitch.count("'") - pitch.count(",")
    return "CDEFGAB".index(pitch[0].upper()) + 7 * octave
