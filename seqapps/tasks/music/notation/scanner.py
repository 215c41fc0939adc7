"""Scans the music of a tune in wild ABC into measures of plain notes."""

import re
from fractions import Fraction

from seqapps.tasks.music.notation import endings, losses
from seqapps.tasks.music.notation.bars import TUPLETS
from seqapps.tasks.music.notation.fields import Fields
from seqapps.tasks.music.notation.meter import bar_length
from seqapps.tasks.music.notation.parsed import (
    MAX_BARS,
    BarLine,
    ParsedMeasure,
    ParsedNote,
    TupletOpener,
)
from seqapps.tasks.music.notation.pitch import diatonic_step, shift_octaves
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_NOTES = 30_000
_EXCERPT = 20  # characters that a message quotes
# Every repetition is bounded, or stops at what begins it, so that scanning
# takes time in proportion to the text.
_LENGTH = r"\d{0,4}/{0,6}\d{0,4}"
_TOKEN = re.compile(
    rf"""
    (?P<skip>   "[^"\n]*" | \{{[^}}\n]*\}} | ![^!\s|]+! | \+[a-zA-Z.]{{3,}}\+ )
  | (?P<symbol> \+ (?: [fp]{{1,4}} | m[fp] | [<>^.()]{{1,2}} | [0-5] ) \+ )
  | (?P<field>  \[ (?P<name>[A-Za-z]): (?P<value>[^\]\n]*) \] )
  | (?P<overlay> \(& | &\) | & )
  | (?P<tuplet> \( (?P<p>\d) (?: :(?P<q>\d?) (?: :(?P<r>\d{{0,2}}) )? )? )
  | (?P<bar>    :{{0,3}} (?: \[?\|+\]? )+ :{{0,3}} | ::? | :\] )
  | (?P<ending> \[? \d [\d,.-]{{0,20}} )
  | (?P<chord>  \[ (?P<inner>[^\]\n]{{0,200}}) \] (?P<times>{_LENGTH}) )
  | (?P<note>   (?P<accidental>\^\^?|__?|=)? (?P<letter>[A-Ga-gxzXZ])
                (?P<octave>[,']{{0,9}})
                (?P<space>[\ \t]{{1,3}}(?=[2-9/]|1\d))? (?P<length>{_LENGTH}) )
  | (?P<broken> >{{1,3}} | <{{1,3}} )
  | (?P<tie>    - )
  | (?P<newline> \n )
  | (?P<ignored> y\d* | [\ \t\r`().~H-Wh-w!$*\\\#;?@] )
    """,
    re.VERBOSE,
)


class Scanner:
    """Scans one body.

    Args:
        fields: key, metre and unit; updated by the fields in the body.
    """

    def __init__(self, fields: Fields):
        self.fields = fields
        self.measures = [ParsedMeasure()]
        self.note_count = 0
        self.last_note: ParsedNote | None = None  # since the bar line
        self.next_factor: Fraction | None = None  # of the note after `>`, `<`
        self.overlay = ""  # how another voice in the bar began: "&" or "(&&"

    def scan(self, text: str) -> list[ParsedMeasure]:
        """Returns the measures of a body.

        Args:
            text: music without comments, lyrics and information lines.

        Raises:
            Unusable: for what canonical ABC cannot write.
        """
        start = 0
        while start < len(text):
            m = _TOKEN.match(text, start)
            try:
                if m is None:
                    raise Unusable("unreadable")
                self._handle(m)
            except Unusable as error:
                excerpt = text[start : start + _EXCERPT].strip()
                error.add_note(f"at {excerpt!r}")
                raise
            start = m.end()
        if self.next_factor is not None:
            raise Unusable("unreadable")
        return self.measures

    def _handle(self, m: re.Match[str]) -> None:
        """Calls the method that is named after the kind of token."""
        if self.overlay and self._is_overlaid(m):
            return
        if handler := getattr(self, f"_{m.lastgroup}", None):
            handler(m)

    def _is_overlaid(self, m: re.Match[str]) -> bool:
        """Whether a token belongs to another voice than the first."""
        if self.overlay == "&":
            if m.lastgroup not in ("bar", "ending"):
                return m.lastgroup != "field"
            self.overlay = ""
        elif self.overlay == "(&&":  # of several bars
            self.overlay = "" if m[0] == "&)" else self.overlay
            return True
        return False

    def _symbol(self, m: re.Match[str]) -> None:
        self.fields.refuse_if_strict("unreadable")

    def _overlay(self, m: re.Match[str]) -> None:
        self.fields.refuse_if_strict("several voices")
        self.fields.losses[losses.VOICES] = 0
        if self.next_factor is not None:
            raise Unusable("unreadable")
        if m[0] == "&":
            self.overlay = "(&&" if self.overlay == "(&" else "&"
        else:
            self.overlay = "(&" if m[0] == "(&" else ""

    def _note(self, m: re.Match[str]) -> None:
        letter, octave = m["letter"], m["octave"]
        if m["space"]:  # as folk-rnn writes: "G 2"
            self.fields.refuse_if_strict("unreadable")
        factor = _parse_length(m["length"])
        if letter not in "xzXZ":
            self._append(m["accidental"], self._pitch(m), factor)
        elif m["accidental"] or octave:
            raise Unusable("unreadable")
        elif letter in "XZ":
            self._bars_of_rest(factor)
        else:
            self._append("", "z", factor)

    def _pitch(self, m: re.Match[str]) -> str:
        octaves = self.fields.key.octaves if self.fields.key else 0
        return shift_octaves(m["letter"] + m["octave"], octaves)

    def _bars_of_rest(self, count: Fraction) -> None:
        if count != 1:
            self.fields.refuse_if_strict("rests of several bars")
        if count.denominator > 1 or count > MAX_BARS:
            raise Unusable("rests of several bars")
        for i in range(int(count)):
            if i:
                self._end_measure()
            length = bar_length(self.fields.meter)
            self._append_note(ParsedNote("", "z", length))

    def _chord(self, m: re.Match[str]) -> None:
        tokens = _TOKEN.finditer(m["inner"])
        notes = [n for n in tokens if (n["letter"] or "z") not in "xzXZ"]
        if not notes:
            raise Unusable("unreadable")
        steps = [diatonic_step(n["letter"] + n["octave"]) for n in notes]
        top = notes[steps.index(max(steps))]
        factor = _parse_length(notes[0]["length"]) * _parse_length(m["times"])
        tied = m["inner"][top.end() :].startswith("-")
        self._append(top["accidental"], self._pitch(top), factor, tied)

    def _append(
        self,
        accidental: str | None,
        pitch: str,
        factor: Fraction,
        tied: bool = False,
    ) -> None:
        """Appends a note or rest of so many units."""
        length = (self.fields.unit or 1) * factor
        self._append_note(ParsedNote(accidental or "", pitch, length, tied))

    def _append_note(self, note: ParsedNote) -> None:
        if self.next_factor is not None:
            note.length *= self.next_factor
            self.next_factor = None
        self.last_note = note
        self.measures[-1].elements.append(note)
        self.note_count += 1
        if self.note_count > _MAX_NOTES:
            raise Unusable(f"more than {_MAX_NOTES:,} notes")

    def _broken(self, m: re.Match[str]) -> None:
        if self.last_note is None or self.next_factor is not None:
            raise Unusable("unreadable")
        short = Fraction(1, 2 ** len(m[0]))
        long = 2 - short
        dotted = m[0][0] == ">"
        self.last_note.length *= long if dotted else short
        self.next_factor = short if dotted else long

    def _tie(self, m: re.Match[str]) -> None:
        if self.last_note is not None:
            self.last_note.tied = True

    def _tuplet(self, m: re.Match[str]) -> None:
        p = int(m["p"])
        compound = int(self.fields.meter.split("/")[0]) in (6, 9, 12)
        default = 3 if compound else 2  # for 5, 7 and 9 notes
        q = int(m["q"] or TUPLETS.get(p, 3 if p == 8 else default))
        r = int(m["r"] or p)
        if p in TUPLETS and q == TUPLETS[p] and r == p:
            self.measures[-1].elements.append(p)
            return
        self.fields.refuse_if_strict("unusual tuplet")
        if p < 2 or not q or not r:
            raise Unusable("unusual tuplet")
        self.measures[-1].elements.append(TupletOpener(p, q, r))

    def _bar(self, m: re.Match[str]) -> None:
        text = m[0]
        lone_colon = text == ":" and self.measures[-1].elements
        if self.next_factor is not None or lone_colon:
            raise Unusable("unreadable")
        line = self._end_measure()
        line.ends_repeat |= text[0] == ":" and text != ":"
        line.starts_repeat |= text[-1] == ":"
        line.double |= "||" in text or "]" in text or "[" in text

    def _ending(self, m: re.Match[str]) -> None:
        after_notes = self.measures[-1].elements or len(self.measures) == 1
        if m[0][0] != "[" and after_notes:
            raise Unusable("unreadable")  # a number without a bar line before
        number = m[0].strip("[.,-")
        line = self._end_measure()
        if number not in ("1", "2"):
            self.fields.refuse_if_strict("unusual endings")
        if line.ending or not endings.parse_ending(number):
            raise Unusable("unusual endings")
        line.ending = number

    def _end_measure(self) -> BarLine:
        """Ends the measure if it has notes; returns the last bar line."""
        measure = self.measures[-1]
        if measure.elements or len(self.measures) == 1:
            self.measures.append(ParsedMeasure())
            if len(self.measures) > MAX_BARS:
                raise Unusable(f"more than {MAX_BARS} bars")
            self.last_note = None
            return measure.bar_line
        return self.measures[-2].bar_line

    def _newline(self, m: re.Match[str]) -> None:
        measure = self.measures[-1]
        measure.line_breaks.append(len(measure.elements))

    def _field(self, m: re.Match[str]) -> None:
        value = m["value"].split("%")[0]
        self.fields.update(m["name"], value, after_notes=self.note_count > 0)


def _parse_length(text: str) -> Fraction:
    """Returns the factor that follows a note: `3/2`, `/`, `//`."""
    over = text.partition("/")[0]
    under = text.rpartition("/")[2] if "/" in text else ""
    below = int(under) if under else 2 ** text.count("/")
    if not below or over and not int(over):
        raise Unusable("unreadable")
    return Fraction(int(over or 1), below)
