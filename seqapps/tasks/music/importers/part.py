"""One part of a MusicXML score: its measures, and the lines in it."""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from xml.etree.ElementTree import Element

from seqapps.tasks.music.importers import concert_pitch, voices
from seqapps.tasks.music.importers.draft import Bar, Note
from seqapps.tasks.music.importers.sheet import Measure, Part
from seqapps.tasks.music.importers.voices import Sounding
from seqapps.tasks.music.notation.header import Unusable

_DOUBLE = ("light-light", "light-heavy", "heavy", "heavy-heavy", "heavy-light")
_TYPES = "maxima long breve whole half quarter eighth 16th 32nd 64th".split()
_QUARTERS = {name: Fraction(32, 2**i) for i, name in enumerate(_TYPES)}
_JUMP = re.compile(r"\s*(d\.? ?[cs]\b|da capo|dal segno|fine\b)", re.I)
_LONGEST = 128  # quarters of a measure
_STAVES = 16


class Reader:
    """What is read of one part.

    Args:
        name: may be empty.
    """

    def __init__(self, name: str):
        self.name = name
        self.divisions = Fraction(1)  # of a quarter
        self.intervals: dict[str, concert_pitch.Interval] = {}  # by staff
        self.written: dict[str, tuple[int | None, str]] = {}  # keys
        self.keys: list[tuple[str, int | None, str]] = []  # as they sound
        self.meters: list[str] = []
        self.notes: list[Sounding] = []
        self.bars: list[Bar] = []
        self.drums = self.jumps = self.changed = False

    def read(self, number: int, measure: Element) -> None:
        """Read a measure."""
        now = last = length = Fraction(0)
        segment = 0
        bar = Bar(Fraction(0), Fraction(0))
        for element in measure:
            tag = element.tag
            if tag == "note" and element.find("grace") is None:
                span = self._span(element)
                if element.find("chord") is None:
                    last, now = now, now + span
                end = last + span
                hidden = element.get("print-object") == "no"
                if not (hidden and element.find("rest") is not None):
                    length = max(length, end)
                if element.find("cue") is None:
                    self._note(element, number, segment, last, end)
            elif tag == "backup":
                now = max(now - self._span(element), Fraction(0))
                segment += 1
            elif tag == "forward":
                now += self._span(element)
            elif tag == "attributes":
                self._attributes(element)
            elif tag == "barline":
                bar = _barline(element, bar)
            elif tag in ("direction", "sound"):
                self.jumps |= _jumps(element)
            if now > _LONGEST:
                raise Unusable("unusual duration")
        self.bars.append(bar._replace(end=_eighths(length)))

    def _span(self, element: Element) -> Fraction:
        """Quarters that an element lasts.

        Tuplets are as long as they are written: divisions only come near.
        """
        kind = element.findtext("type", "").strip()
        written = _QUARTERS.get(kind, Fraction(0))
        dots = len(element.findall("dot")[:4])
        written *= 2 - Fraction(1, 2**dots)
        times = element.find("time-modification")
        if times is not None:
            normal = _number(times.findtext("normal-notes"))
            written *= normal / (_number(times.findtext("actual-notes")) or 1)
        text = element.findtext("duration")
        if text is None:
            return written if element.tag == "note" else Fraction(0)
        span = _number(text) / self.divisions
        near = abs(written - span) * self.divisions < 1
        return written if times is not None and near else span

    def _note(
        self,
        element: Element,
        number: int,
        segment: int,
        start: Fraction,
        end: Fraction,
    ) -> None:
        if element.find("unpitched") is not None:
            self.drums = True
        pitch = element.find("pitch")
        if pitch is None or end <= start:
            return
        if self.changed:
            self._sign()
        staff = element.findtext("staff", "1").strip()
        step, alter = concert_pitch.spelt(
            pitch, self._interval(staff), self._key(staff)[0]
        )
        ties = {tie.get("type") for tie in element.findall("tie")} or {
            tied.get("type") for tied in element.findall("notations/tied")
        }
        goes_on = "start" in ties
        tie = ("continue" if goes_on else "stop") if "stop" in ties else ""
        self.notes.append(
            Sounding(
                number,
                segment,
                element.findtext("voice", "").strip(),
                int(staff) if re.fullmatch("[1-9]|1[0-6]", staff) else 1,
                Note(_eighths(start), _eighths(end), step, alter),
                tie or ("start" if goes_on else ""),
            )
        )

    def _sign(self) -> None:
        """Keep the key signatures of the notes that follow."""
        for staff, (sharps, mode) in islice(self.written.items(), _STAVES):
            if sharps is not None:
                interval = self._interval(staff)
                sharps += concert_pitch.fitted(interval, sharps).fifths
            self.keys.append((staff, sharps, mode))
        self.changed = False

    def _interval(self, staff: str) -> concert_pitch.Interval:
        found = self.intervals.get(staff)
        return found or self.intervals.get("", concert_pitch.UNISON)

    def _key(self, staff: str) -> tuple[int | None, str]:
        return self.written.get(staff) or self.written.get("", (None, ""))

    def _attributes(self, element: Element) -> None:
        divisions = element.findtext("divisions")
        if divisions is not None:
            self.divisions = _number(divisions)
            if not self.divisions:
                raise Unusable("unusual duration")
        moves, keys = element.findall("transpose"), element.findall("key")
        for move in moves:
            staff = move.get("number", "")
            self.intervals[staff] = concert_pitch.read_transpose(move)
        for key in keys:
            text = key.findtext("fifths", "").strip()
            sharps = int(text) if re.fullmatch(r"[+-]?\d{1,2}", text) else None
            mode = key.findtext("mode", "").strip().lower()
            self.written[key.get("number", "")] = (sharps, mode)
        self.changed |= bool(moves or keys)
        for time in element.findall("time"):
            if time.find("senza-misura") is None:
                self.meters.append(_meter(time))

    def lines(self) -> Iterator[Part]:
        """What may be a melody: the notes of each staff's voices."""
        staves = voices.by_staff(self.notes) or {1: []}
        for staff, notes in staves.items():
            measures = [Measure([], bar) for bar in self.bars]
            for n in notes:
                measures[n.measure].notes.append((n.note, n.tie))
            for measure in measures:
                measure.notes.sort()
            name = self.name
            if len(staves) > 1:
                name = f"{name}, staff {staff}" if name else f"staff {staff}"
            keys = [
                (sharps, mode)
                for where, sharps, mode in self.keys
                if where in ("", str(staff))
            ]
            yield Part(name, measures, keys)


def _number(text: str | None) -> Fraction:
    text = (text or "").strip()
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        raise Unusable("unusual duration")
    return Fraction(text)


def _eighths(quarters: Fraction) -> Fraction:
    return quarters.limit_denominator(96) * 2


def _meter(time: Element) -> str:
    """Such as "6/8"; 3+2/8 is 5/8."""
    beats = [beat.text or "" for beat in time.findall("beats")]
    if len(beats) == 1 and re.fullmatch(
        r"\s*\d{1,2}(\s*\+\s*\d{1,2})*\s*", beats[0]
    ):
        beats = [str(sum(map(int, beats[0].split("+"))))]
    return f"{'+'.join(beats)}/{time.findtext('beat-type', '').strip()}"


def _barline(element: Element, bar: Bar) -> Bar:
    """The bar with what one of its bar lines says."""
    repeat, ending = element.find("repeat"), element.find("ending")
    place = element.get("location", "right")
    turns = "" if repeat is None else repeat.get("direction", "")
    if ending is not None and ending.get("type") == "start":
        numbers = re.findall(r"\d{1,2}", ending.get("number", "")[:20])
        bar = bar._replace(ending=",".join(numbers))
    if place == "left" and turns == "forward":
        bar = bar._replace(opens=True)
    if place == "right":
        style = element.findtext("bar-style", "").strip()
        closes = turns == "backward"
        double = not closes and style in _DOUBLE
        bar = bar._replace(closes=closes, double=double)
    return bar


def _jumps(element: Element) -> bool:
    """Whether it is of a D.C., a D.S. or a coda."""
    if any(
        child.tag in ("segno", "coda")
        or child.tag == "words"
        and _JUMP.match(child.text or "")
        for child in element.iterfind("direction-type/*")
    ):
        return True
    sound = element if element.tag == "sound" else element.find("sound")
    names = ("dacapo", "dalsegno", "tocoda", "segno", "coda")
    return sound is not None and any(name in sound.attrib for name in names)
