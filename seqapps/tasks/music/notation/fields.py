"""The information fields of a tune: title, key, metre, unit and tempo."""

import html
import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction

from seqapps.tasks.music.notation import keys
from seqapps.tasks.music.notation.losses import Losses
from seqapps.tasks.music.notation.meter import parse_meter
from seqapps.tasks.music.notation.rhythm import parse_rhythm
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_TITLE, _MAX_TEMPO = 300, 200  # characters that are read
_TEMPI = range(1, 2001)  # quarter notes a minute
_TEMPO = re.compile(
    r"(?P<lengths>\d{1,2}/\d{1,2}(?:\s+\d{1,2}/\d{1,2}){0,3}|C(?:\d{1,2}"
    r"(?:/\d{1,2})?)?)\s*=\s*(?P<count>\d{1,4})(?:\.\d+)?|(?P<units>\d{1,4})"
)
_ACCENTS = dict(zip("`'^\"~", "\u0300\u0301\u0302\u0308\u0303", strict=True))


@dataclass
class Fields:
    """What is known of a tune besides its notes.

    Args:
        strict: whether to refuse what canonical ABC has no sign for, to let
            an accidental hold for its own octave alone, and to drop the tempo.
        title: in plain letters.
        key: None before the first `K:`.
        meter: such as "6/8"; "" before the first `M:`.
        unit: the length of a plain `A`, in eighths; None before `L:`.
        tempo: as `Tune.tempo`.
        rhythm: as `Tune.rhythm`.
        octave_accidentals: whether an accidental holds for its own octave.
        losses: what was dropped so far.
    """

    strict: bool = False
    title: str = ""
    key: keys.Key | None = None
    meter: str = ""
    unit: Fraction | None = None
    tempo: str = ""
    rhythm: str = ""
    octave_accidentals: bool = False
    losses: Losses = field(default_factory=dict)

    def refuse_if_strict(self, reason: str) -> None:
        """Raises `Unusable` for what strict parsing does not accept."""
        if self.strict:
            raise Unusable(reason)

    def update(self, name: str, value: str, after_notes: bool = False) -> None:
        """Takes in one field.

        Args:
            name: its letter.
            value: what stands after the colon, without a comment.
            after_notes: whether notes came before it.

        Raises:
            Unusable: the value is not understood, or changes the key or the
                metre within the tune.
        """
        before = self.key and self.key.signature, self.meter
        if name == "K":
            self._update_key(value)
        elif name == "M":
            if "+" in value:
                self.refuse_if_strict("unusual metre")
            self.meter = parse_meter(value)
        elif name == "L":
            m = re.match(r"1(?:/(1|2|4|8|16|32))?(?![/\w])", value)
            if not m:
                raise Unusable("unusual unit L:")
            self.unit = Fraction(8, int(m[1] or 1))
        elif name == "T" and not self.title:
            self.title = parse_title(value)
        elif name == "Q" and not (self.strict or self.tempo or after_notes):
            self.tempo = _parse_tempo(value, self.unit or Fraction(1))
        elif name == "R" and not self.rhythm:
            self.rhythm = parse_rhythm(value)
        elif name == "V" and self.key:
            keys.apply_modifiers(self.key, value.partition(" ")[2])
        after = self.key and self.key.signature, self.meter
        if after_notes and before != after:
            raise Unusable("changes key or metre")

    def _update_key(self, value: str) -> None:
        new = keys.parse_key(value)
        if self.key and not new.tonic and not new.extended and value.strip():
            keys.apply_modifiers(self.key, value)  # a clef: the key stays
            return
        if not new.tonic:
            self.refuse_if_strict("no key")
        if new.extended:
            self.refuse_if_strict("unusual key")
        self.key = new


def parse_title(value: str) -> str:
    r"""Returns `T:` in plain letters: `\'e` and `&eacute;` are both é."""
    text = re.sub(
        r"\\([`'^\"~])([A-Za-z])",
        lambda m: m[2] + _ACCENTS[m[1]],
        html.unescape(value[:_MAX_TITLE]),
    )
    text = "".join(c if c.isprintable() else " " for c in text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _parse_tempo(value: str, unit: Fraction) -> str:
    """Returns `Q:` as a length and how many a minute; "" if it gives none.

    A number alone counts quarter notes, as players take it.
    """
    value = re.sub(r'"[^"]*"', " ", value[:_MAX_TEMPO]).strip()
    m = _TEMPO.match(value)
    if not m:
        return ""
    parts = (m["lengths"] or "1/4").split()
    if any(part.endswith(("/0", "/00")) for part in parts):
        return ""
    if parts[0].startswith("C"):
        length = Fraction(parts[0][1:] or 1) * unit / 8
    else:
        length = sum(map(Fraction, parts), Fraction(0))
    count = int(m["count"] or m["units"])
    if not _TEMPI[0] <= 4 * length * count <= _TEMPI[-1]:
        return ""
    return f"{length}={count}"
