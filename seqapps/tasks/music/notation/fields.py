"""What the information fields of one tune say, as they are read."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from seqapps.tasks.music.notation import keys
from seqapps.tasks.music.notation.header import (
    Unusable,
    read_meter,
    read_title,
)

VOICES = "other voices than the first were left out"
OCTAVES = "moved by octaves"
GRID = "tuplets of 5, 7 or more were put on the grid of demisemiquavers"
NO_METRE = "no metre was given: read as 4/4"
NO_KEY = "no key was given: found by analysis"

_TEMPO = re.compile(
    r"(?P<lengths>\d{1,2}/\d{1,2}(?:\s+\d{1,2}/\d{1,2}){0,3}|C(?:\d{1,2}"
    r"(?:/\d{1,2})?)?)\s*=\s*(?P<count>\d{1,4})(?:\.\d+)?|(?P<units>\d{1,4})"
)


@dataclass
class Fields:
    """What is known of a tune besides its notes.

    Args:
        plain: whether to refuse what needs more than plain ABC, to let an
            accidental hold for its own octave alone, and to keep no tempo.
    """

    plain: bool = False
    title: str = ""
    key: keys.Key | None = None
    meter: str = ""
    unit: Fraction | None = None  # the length of a plain `A`, in eighths
    tempo: str = ""
    own_octave: bool = False  # for which an accidental holds
    lost: dict[str, int] = field(default_factory=dict)

    def need(self, reason: str) -> None:
        """Refuse what plain ABC lacks, where that is asked for."""
        if self.plain:
            raise Unusable(reason)

    def take(self, name: str, value: str, begun: bool = False) -> None:
        """Read one field.

        Args:
            name: its letter.
            value: what stands after the colon, without a comment.
            begun: whether notes came before it.

        Raises:
            Unusable: for a value that is not understood, or that changes the
                key or the metre on the way.
        """
        before = self.key and self.key.signature, self.meter
        if name == "K":
            self._take_key(value)
        elif name == "M":
            if "+" in value:
                self.need("unusual metre")
            self.meter = read_meter(value)
        elif name == "L":
            m = re.match(r"1(?:/(1|2|4|8|16|32))?(?![/\w])", value)
            if not m:
                raise Unusable("unusual unit L:")
            self.unit = Fraction(8, int(m[1] or 1))
        elif name == "T" and not self.title:
            self.title = read_title(value)
        elif name == "Q" and not (self.plain or self.tempo or begun):
            self.tempo = _tempo(value, self.unit or Fraction(1))
        elif name == "V" and self.key:
            keys.modify(self.key, value.partition(" ")[2])
        if begun and before != (self.key and self.key.signature, self.meter):
            raise Unusable("changes key or metre")

    def _take_key(self, value: str) -> None:
        new = keys.read(value)
        if self.key and not new.tonic and not new.rare and value.strip():
            keys.modify(self.key, value)  # a clef: the key stays
            return
        if not new.tonic:
            self.need("no key")
        if new.rare:
            self.need("unusual key")
        self.key = new


def _tempo(value: str, unit: Fraction) -> str:
    """`Q:` as one length and how many a minute; empty where it gives none.

    A number alone counts crotchets, as players take it.
    """
    value = re.sub(r'"[^"]*"', " ", value[:200]).strip()
    m = _TEMPO.match(value)
    if not m:
        return ""
    if m["units"]:
        length, count = Fraction(1, 4), int(m["units"])
    elif m["lengths"][0] == "C":
        length = Fraction(m["lengths"][1:] or 1) * unit / 8
        count = int(m["count"])
    else:
        parts = m["lengths"].split()
        if any(part.endswith("/0") or part.endswith("/00") for part in parts):
            return ""
        length, count = sum(map(Fraction, parts)), int(m["count"])
    if not count or not length or not 1 <= 4 * length * count <= 2000:
        return ""
    return f"{Fraction(length)}={count}"
