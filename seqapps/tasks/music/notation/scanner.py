"""Reading the body of a tune in wild ABC into measures of plain notes."""

import re
from fractions import Fraction

from seqapps.tasks.music.notation import endings
from seqapps.tasks.music.notation.bars import TUPLETS
from seqapps.tasks.music.notation.fields import VOICES, Fields
from seqapps.tasks.music.notation.header import Unusable
from seqapps.tasks.music.notation.measure import (
    MOST,
    Bar,
    Measure,
    Note,
    Tuplet,
    height,
    pitch,
    raised,
)

_MOST_NOTES = 30_000
_SHOWN = 20  # characters that a message shows
# Every repetition is bounded, or stops at what begins it, so that reading
# takes time in proportion to the text.
_LENGTH = r"\d{0,4}/{0,6}\d{0,4}"
_TOKEN = re.compile(
    rf"""
    (?P<text>   "[^"\n]*" | \{{[^}}\n]*\}} | ![^!\s|]+! | \+[a-zA-Z.]{{3,}}\+ )
  | (?P<short>  \+ (?: [fp]{{1,4}} | m[fp] | [<>^.()]{{1,2}} | [0-5] ) \+ )
  | (?P<field>  \[ (?P<name>[A-Za-z]): (?P<value>[^\]\n]*) \] )
  | (?P<overlay> \(& | &\) | & )
  | (?P<tuplet> \( (?P<p>\d) (?: :(?P<q>\d?) (?: :(?P<r>\d{{0,2}}) )? )? )
  | (?P<bar>    :{{0,3}} (?: \[?\|+\]? )+ :{{0,3}} | ::? | :\] )
  | (?P<ending> \[? \d [\d,.-]{{0,20}} )
  | (?P<chord>  \[ (?P<inner>[^\]\n]{{0,200}}) \] (?P<times>{_LENGTH}) )
  | (?P<note>   (?P<accidental>\^\^?|__?|=)? (?P<letter>[A-Ga-gxzXZ])
                (?P<octave>[,']{{0,9}})
                (?P<apart>[\ \t]{{1,3}}(?=[2-9/]|1\d))? (?P<length>{_LENGTH}) )
  | (?P<broken> >{{1,3}} | <{{1,3}} )
  | (?P<tie>    - )
  | (?P<line>   \n )
  | (?P<aside>  y\d* | [\ \t\r`().~H-Wh-w!$*\\\#;?@] )
    """,
    re.VERBOSE,
)


class Scanner:
    """Reads one body; `measures` grow as it goes.

    Args:
        fields: key, metre and unit; fields in the body speak to it.
    """

    def __init__(self, fields: Fields):
        self.fields = fields
        self.begun = False
        self.count = 0  # of the notes
        self.overlaid = ""  # how the other voice within a bar began
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
            try:
                if m is None:
                    raise Unusable("unreadable")
                self._take(m)
            except Unusable as error:
                error.add_note(f"at {text[place : place + _SHOWN].strip()!r}")
                raise
            place = m.end()
        if self.factor is not None:
            raise Unusable("unreadable")
        return self.measures

    def _take(self, m: re.Match) -> None:
        if self.overlaid and self._passes_over(m):
            return
        if act := getattr(self, f"_{m.lastgroup}", None):
            act(m)

    def _passes_over(self, m: re.Match) -> bool:
        """Whether a token is of another voice than the first."""
        if self.overlaid == "&":
            if m.lastgroup not in ("bar", "ending"):
                return m.lastgroup != "field"
            self.overlaid = ""
        elif self.overlaid == "(&&":  # of several bars
            self.overlaid = "" if m[0] == "&)" else self.overlaid
            return True
        return False

    def _short(self, m: re.Match) -> None:
        self.fields.need("unreadable")

    def _overlay(self, m: re.Match) -> None:
        self.fields.need("several voices")
        self.fields.lost[VOICES] = 0
        if self.factor is not None:
            raise Unusable("unreadable")
        if m[0] == "&":
            self.overlaid = "(&&" if self.overlaid == "(&" else "&"
        else:
            self.overlaid = "(&" if m[0] == "(&" else ""

    def _note(self, m: re.Match) -> None:
        letter, octave = m["letter"], m["octave"]
        if m["apart"]:  # as folk-rnn writes: "G 2"
            self.fields.need("unreadable")
        length = self.fields.unit * _length(m["length"])
        if letter in "xzXZ":
            if m["accidental"] or octave:
                raise Unusable("unreadable")
            if letter in "XZ":
                self._bars_of_rest(_length(m["length"]))
                return
            self._append(Note("", "z", length))
            return
        self._append(Note(m["accidental"] or "", self._pitch(m), length))

    def _pitch(self, m: re.Match) -> str:
        octaves = self.fields.key.octaves if self.fields.key else 0
        return raised(m["letter"] + m["octave"], octaves)

    def _bars_of_rest(self, count: Fraction) -> None:
        if count != 1:
            self.fields.need("rests of several bars")
        if count.denominator > 1 or count > MOST:
            raise Unusable("rests of several bars")
        for i in range(int(count)):
            if i:
                self._bar_here()
            whole = Fraction(self.fields.meter) * 8
            self._append(Note("", "z", whole))

    def _chord(self, m: re.Match) -> None:
        inner = [n for n in _TOKEN.finditer(m["inner"]) if n["letter"]]
        inner = [n for n in inner if n["letter"] not in "xzXZ"]
        if not inner:
            raise Unusable("unreadable")
        top = max(inner, key=lambda n: height(pitch(n["letter"], n["octave"])))
        length = _length(inner[0]["length"]) * _length(m["times"])
        note = Note(
            top["accidental"] or "",
            self._pitch(top),
            self.fields.unit * length,
        )
        note.tied = m["inner"][top.end() :].startswith("-")
        self._append(note)

    def _append(self, note: Note) -> None:
        if self.factor is not None:
            note.length *= self.factor
            self.factor = None
        self.last = note
        self.begun = True
        self.measures[-1].notes.append(note)
        self.count += 1
        if self.count > _MOST_NOTES:
            raise Unusable(f"more than {_MOST_NOTES:,} notes")

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
        compound = int(self.fields.meter.split("/")[0]) in (6, 9, 12)
        usual = 3 if compound else 2  # for 5, 7 and 9 notes
        q = int(m["q"] or TUPLETS.get(p, 3 if p == 8 else usual))
        r = int(m["r"] or p)
        if p in TUPLETS and q == TUPLETS[p] and r == p:
            self.measures[-1].notes.append(p)
            return
        self.fields.need("unusual tuplet")
        if p < 2 or not q or not r:
            raise Unusable("unusual tuplet")
        self.measures[-1].notes.append(Tuplet(p, q, r))

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
        if number not in ("1", "2"):
            self.fields.need("unusual endings")
        if bar.ending or not endings.passes(number):
            raise Unusable("unusual endings")
        bar.ending = number

    def _bar_here(self) -> Bar:
        """The bar line just read, or a new one if notes came since."""
        here = self.measures[-1]
        if here.notes or len(self.measures) == 1:
            self.measures.append(Measure())
            if len(self.measures) > MOST:
                raise Unusable(f"more than {MOST} bars")
            self.last = None
            return here.bar
        return self.measures[-2].bar

    def _line(self, m: re.Match) -> None:
        here = self.measures[-1]
        here.breaks.append(len(here.notes))

    def _field(self, m: re.Match) -> None:
        value = m["value"].split("%")[0]
        self.fields.take(m["name"], value, self.begun)


def _length(text: str) -> Fraction:
    over, slashes, under = re.fullmatch(r"(\d*)(/*)(\d*)", text).groups()
    below = int(under) if under else 2 ** len(slashes)
    if not below or over and not int(over):
        raise Unusable("unreadable")
    return Fraction(int(over or 1), below)
