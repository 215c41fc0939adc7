"""Reads one part of a MusicXML score: its measures and its staves."""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from xml.etree.ElementTree import Element

from seqapps.tasks.music.importers import concert_pitch, voices
from seqapps.tasks.music.importers.draft import Bar, SpelledNote
from seqapps.tasks.music.importers.sheet import Part, PartMeasure
from seqapps.tasks.music.importers.voices import VoiceNote
from seqapps.tasks.music.notation.unusable import Unusable

_DOUBLE_BARS = (
    "light-light",
    "light-heavy",
    "heavy",
    "heavy-heavy",
    "heavy-light",
)
_TYPES = "maxima long breve whole half quarter eighth 16th 32nd 64th".split()
_QUARTERS = {name: Fraction(32, 2**i) for i, name in enumerate(_TYPES)}
_JUMPS = ("dacapo", "dalsegno", "tocoda", "segno", "coda")  # of `<sound>`
_JUMP = re.compile(r"\s*(d\.? ?[cs]\b|da capo|dal segno|fine\b)", re.I)
_MAX_QUARTERS = 128  # of a measure
_MAX_STAVES = 16


class PartReader:
    """Reads one part, measure by measure.

    Args:
        name: may be empty.
    """

    def __init__(self, name: str):
        self.name = name
        self.divisions = Fraction(1)  # of a quarter
        self.intervals: dict[str, concert_pitch.Interval] = {}  # by staff
        self.written_keys: dict[str, tuple[int | None, str]] = {}  # by staff
        self.keys: list[tuple[str, int | None, str]] = []  # sounding
        self.meters: list[str] = []
        self.notes: list[VoiceNote] = []
        self.bars: list[Bar] = []
        self.drums = self.jumps = self.key_changed = False

    def read_measure(self, number: int, measure: Element) -> None:
        """Reads the next measure.

        Args:
            number: its index.
            measure: the element.

        Raises:
            Unusable: it is damaged, or too long.
        """
        now = chord_start = length = Fraction(0)
        segment = 0
        bar = Bar(Fraction(0), Fraction(0))
        for element in measure:
            tag = element.tag
            if tag == "note" and element.find("grace") is None:
                span = self._span(element)
                if element.find("chord") is None:
                    chord_start, now = now, now + span
                end = chord_start + span
                hidden = element.get("print-object") == "no"
                if not (hidden and element.find("rest") is not None):
                    length = max(length, end)
                if element.find("cue") is None:
                    self._add_note(element, number, segment, chord_start, end)
            elif tag == "backup":
                now = max(now - self._span(element), Fraction(0))
                segment += 1
            elif tag == "forward":
                now += self._span(element)
            elif tag == "attributes":
                self._attributes(element)
            elif tag == "barline":
                bar = _parse_barline(element, bar)
            elif tag in ("direction", "sound"):
                self.jumps |= _is_jump(element)
            if now > _MAX_QUARTERS:
                raise Unusable("unusual duration")
        self.bars.append(bar._replace(end=_eighths(length)))

    def _span(self, element: Element) -> Fraction:
        """Returns how many quarters an element lasts.

        Tuplets last as long as they are written: divisions only come near.
        """
        kind = element.findtext("type", "").strip()
        written = _QUARTERS.get(kind, Fraction(0))
        dots = len(element.findall("dot")[:4])
        written *= 2 - Fraction(1, 2**dots)
        times = element.find("time-modification")
        if times is not None:
            normal = _parse_number(times.findtext("normal-notes"))
            written *= normal / (
                _parse_number(times.findtext("actual-notes")) or 1
            )
        text = element.findtext("duration")
        if text is None:
            return written if element.tag == "note" else Fraction(0)
        span = _parse_number(text) / self.divisions
        near = abs(written - span) * self.divisions < 1
        return written if times is not None and near else span

    def _add_note(
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
        if self.key_changed:
            self._add_keys()
        staff = element.findtext("staff", "1").strip()
        step, alter = concert_pitch.sounding_pitch(
            pitch, self._interval(staff), self._key(staff)[0]
        )
        ties = {tie.get("type") for tie in element.findall("tie")} or {
            tied.get("type") for tied in element.findall("notations/tied")
        }
        starts = "start" in ties
        if "stop" in ties:
            tie = "continue" if starts else "stop"
        else:
            tie = "start" if starts else ""
        self.notes.append(
            VoiceNote(
                number,
                segment,
                element.findtext("voice", "").strip(),
                int(staff) if re.fullmatch("[1-9]|1[0-6]", staff) else 1,
                SpelledNote(_eighths(start), _eighths(end), step, alter),
                tie,
            )
        )

    def _add_keys(self) -> None:
        """Adds the key signatures of the notes that follow."""
        for staff, (sharps, mode) in islice(
            self.written_keys.items(), _MAX_STAVES
        ):
            if sharps is not None:
                interval = self._interval(staff)
                sharps += concert_pitch.fit_interval(interval, sharps).fifths
            self.keys.append((staff, sharps, mode))
        self.key_changed = False

    def _interval(self, staff: str) -> concert_pitch.Interval:
        default = self.intervals.get("", concert_pitch.UNISON)
        return self.intervals.get(staff) or default

    def _key(self, staff: str) -> tuple[int | None, str]:
        default = self.written_keys.get("", (None, ""))
        return self.written_keys.get(staff) or default

    def _attributes(self, element: Element) -> None:
        divisions = element.findtext("divisions")
        if divisions is not None:
            self.divisions = _parse_number(divisions)
            if not self.divisions:
                raise Unusable("unusual duration")
        transposes = element.findall("transpose")
        keys = element.findall("key")
        for transpose in transposes:
            staff = transpose.get("number", "")
            self.intervals[staff] = concert_pitch.parse_transpose(transpose)
        for key in keys:
            text = key.findtext("fifths", "").strip()
            sharps = int(text) if re.fullmatch(r"[+-]?\d{1,2}", text) else None
            mode = key.findtext("mode", "").strip().lower()
            self.written_keys[key.get("number", "")] = (sharps, mode)
        self.key_changed |= bool(transposes or keys)
        for time in element.findall("time"):
            if time.find("senza-misura") is None:
                self.meters.append(_parse_time(time))

    def staves(self) -> Iterator[Part]:
        """Yields the staves, each with the notes of its own voices."""
        staves = voices.by_staff(self.notes) or {1: []}
        for staff, notes in staves.items():
            measures = [PartMeasure([], bar) for bar in self.bars]
            for n in notes:
                measures[n.measure].notes.append((n.note, n.tie))
            for measure in measures:
                measure.notes.sort()
            name = self.name
            if len(staves) > 1:
                name = f"{name}, staff {staff}" if name else f"staff {staff}"
            keys = [
                (sharps, mode)
                for key_staff, sharps, mode in self.keys
                if key_staff in ("", str(staff))
            ]
            yield Part(name, measures, keys)


def _parse_number(text: str | None) -> Fraction:
    text = (text or "").strip()
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        raise Unusable("unusual duration")
    return Fraction(text)


def _eighths(quarters: Fraction) -> Fraction:
    return quarters.limit_denominator(96) * 2


def _parse_time(time: Element) -> str:
    """Returns a metre such as "6/8"; 3+2/8 becomes 5/8."""
    beats = [beat.text or "" for beat in time.findall("beats")]
    if len(beats) == 1 and re.fullmatch(
        r"\s*\d{1,2}(\s*\+\s*\d{1,2})*\s*", beats[0]
    ):
        beats = [str(sum(map(int, beats[0].split("+"))))]
    return f"{'+'.join(beats)}/{time.findtext('beat-type', '').strip()}"


def _parse_barline(element: Element, bar: Bar) -> Bar:
    """Returns the bar with the repeats and endings of a bar line added."""
    repeat, ending = element.find("repeat"), element.find("ending")
    location = element.get("location", "right")
    direction = "" if repeat is None else repeat.get("direction", "")
    if ending is not None and ending.get("type") == "start":
        numbers = re.findall(r"\d{1,2}", ending.get("number", "")[:20])
        bar = bar._replace(ending=",".join(numbers))
    if location == "left" and direction == "forward":
        bar = bar._replace(opens=True)
    if location == "right":
        style = element.findtext("bar-style", "").strip()
        closes = direction == "backward"
        double = not closes and style in _DOUBLE_BARS
        bar = bar._replace(closes=closes, double=double)
    return bar


def _is_jump(element: Element) -> bool:
    """Whether an element marks a D.C., a D.S. or a coda."""
    if any(
        child.tag in ("segno", "coda")
        or child.tag == "words"
        and _JUMP.match(child.text or "")
        for child in element.iterfind("direction-type/*")
    ):
        return True
    sound = element if element.tag == "sound" else element.find("sound")
    return sound is not None and any(name in sound.attrib for name in _JUMPS)
