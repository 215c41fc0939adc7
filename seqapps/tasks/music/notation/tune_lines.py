"""The lines of one tune, sorted into its header and its voices."""

import re

from seqapps.tasks.music.notation import tunebook
from seqapps.tasks.music.notation.fields import NO_METRE, VOICES, Fields
from seqapps.tasks.music.notation.header import Unusable, default_unit

MOST = 1_000_000  # characters of a tune
_FIELD = re.compile(r"([A-Za-z+]):\s*(.*)")
_MUSIC = re.compile(r"[A-Ga-gxz]:[|:\]]")  # a note before a repeat
_VOICE = re.compile(r"\[V:\s*([^\]\s]{1,100})[^\]\n]{0,500}\]")
_NOTES = re.compile(r'"[^"\n]*"|\[[A-Za-z]:[^\]\n]{0,500}\]|([A-Ga-g])')
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}


def read(tune: str, plain: bool = False) -> tuple[Fields, str]:
    """Reads the header, and makes one text of the music of the first voice.

    Comments, lyrics and the like are gone; fields within the music stand in
    brackets.

    Args:
        tune: header and body.
        plain: as in `Fields`.

    Raises:
        Unusable: it has no key, or is too long.
    """
    if len(tune) > MOST:
        raise Unusable(f"longer than {MOST:,} characters")
    fields, voices = Fields(plain), _Voices()
    body = False
    for line in tunebook.cut(tune):
        if line.startswith(("%%propagate-accidentals", "I:propagate-acc")):
            fields.own_octave = "octave" in line
        line = re.sub(r"(?<!\\)%.*", "", line)
        line = re.sub(r"=(20)?$", "", line).rstrip()  # torn by old mail
        m = _FIELD.match(line)
        if m and not (body and _MUSIC.match(line)):
            name, value = m.groups()
            if name == "V":
                voices.turn(value, declare=not body)
            elif body and name in "KML":
                voices.add(f"[{name}:{value}]")
                voices.metre |= name == "M"
            elif not body:
                fields.take(name, value)
                body = name == "K"
        elif body:
            joined = line.endswith("\\")
            voices.add(line[:-1] + " " if joined else line + "\n")
    if not body:
        raise Unusable("no key")
    if not fields.meter:
        fields.need("no metre")
        fields.meter = "4/4"
        if not voices.metre:
            fields.lost[NO_METRE] = 0
    if fields.unit is None:
        fields.unit = default_unit(fields.meter)
    if len(voices.names) > 1:
        fields.need("several voices")
    music, others = voices.first()
    if others:
        fields.lost[VOICES] = 0
    return fields, music


class _Voices:
    """The music of each voice."""

    def __init__(self):
        self.music: dict[str, list[str]] = {}
        self.said: dict[str, str] = {}  # in the header
        self.names: dict[str, None] = {}
        self.now = "1"
        self.metre = False  # whether a metre is given within the music

    def turn(self, value: str, declare: bool = False) -> None:
        """What follows is of that voice."""
        name = (value.split() or ["1"])[0]
        if declare and not self.names:
            self.now = name
        self.names[name] = None
        if declare:
            self.said.setdefault(name, value)
            return
        self.now = name
        for text in filter(None, (self.said.pop(name, ""), value)):
            line = text.replace("]", " ").replace("\n", " ")
            self.music.setdefault(name, []).append(f"[V:{line}]")

    def add(self, text: str) -> None:
        """Music, perhaps with `[V:2]` in it."""
        start = 0
        for m in _VOICE.finditer(text):
            self._add(text[start : m.start()])
            self.turn(m[0][3:-1].strip())
            start = m.end()
        self._add(text[start:])

    def _add(self, text: str) -> None:
        if not text:
            return
        if ";" in text:
            for entity, sign in _ENTITIES.items():
                text = text.replace(entity, sign)
        if self.now in self.said:
            self.turn(self.said.pop(self.now))
        self.music.setdefault(self.now, []).append(text)

    def first(self) -> tuple[str, bool]:
        """The first voice that has a note, and whether there are others."""
        texts = ["".join(lines) for lines in self.music.values()]
        heard = [
            text for text in texts if any(m[1] for m in _NOTES.finditer(text))
        ]
        return (heard or texts or [""])[0], len(heard) > 1
