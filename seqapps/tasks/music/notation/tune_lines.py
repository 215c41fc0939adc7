"""Splits the lines of one tune into its fields and the music of its voices."""

import re

from seqapps.tasks.music.notation import losses, tunebook
from seqapps.tasks.music.notation.fields import Fields
from seqapps.tasks.music.notation.meter import default_unit
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_LENGTH = 1_000_000  # characters of a tune
_FIELD = re.compile(r"([A-Za-z+]):\s*(.*)")
_MUSIC = re.compile(r"[A-Ga-gxz]:[|:\]]")  # a note before a repeat
_VOICE = re.compile(r"\[V:\s*([^\]\s]{1,100})[^\]\n]{0,500}\]")
_NOTES = re.compile(r'"[^"\n]*"|\[[A-Za-z]:[^\]\n]{0,500}\]|([A-Ga-g])')
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}


def split_header(tune: str, strict: bool = False) -> tuple[Fields, str]:
    """Parses the header, and joins the music of the first voice.

    Comments, lyrics and the like are dropped; fields within the music are
    written in brackets.

    Args:
        tune: header and body.
        strict: as in `Fields`.

    Raises:
        Unusable: it has no key, or is too long.
    """
    if len(tune) > _MAX_LENGTH:
        raise Unusable(f"longer than {_MAX_LENGTH:,} characters")
    fields, voices = Fields(strict), _Voices()
    in_body = False
    for line in tunebook.first_tune_lines(tune):
        if line.startswith(("%%propagate-accidentals", "I:propagate-acc")):
            fields.octave_accidentals = "octave" in line
        line = re.sub(r"(?<!\\)%.*", "", line)
        line = re.sub(r"=(20)?$", "", line).rstrip()  # left by old e-mail
        m = _FIELD.match(line)
        if m and not (in_body and _MUSIC.match(line)):
            name, value = m.groups()
            if name == "V":
                voices.switch(value, in_header=not in_body)
            elif in_body and name in "KML":
                voices.add(f"[{name}:{value}]")
                voices.has_meter |= name == "M"
            elif not in_body:
                fields.update(name, value)
                in_body = name == "K"
        elif in_body:
            joined = line.endswith("\\")
            voices.add(line[:-1] + " " if joined else line + "\n")
    if not in_body:
        raise Unusable("no key")
    if not fields.meter:
        fields.refuse_if_strict("no metre")
        fields.meter = "4/4"
        if not voices.has_meter:
            fields.losses[losses.NO_METER] = 0
    if fields.unit is None:
        fields.unit = default_unit(fields.meter)
    if len(voices.names) > 1:
        fields.refuse_if_strict("several voices")
    music, several = voices.first()
    if several:
        fields.losses[losses.VOICES] = 0
    return fields, music


class _Voices:
    """The music of each voice."""

    def __init__(self) -> None:
        self.music: dict[str, list[str]] = {}
        self.definitions: dict[str, str] = {}  # in the header, not yet used
        self.names: dict[str, None] = {}
        self.current = "1"
        self.has_meter = False  # given within the music

    def switch(self, value: str, in_header: bool = False) -> None:
        """Takes in a `V:`; in the body the music that follows is its own."""
        name = (value.split() or ["1"])[0]
        if in_header and not self.names:
            self.current = name
        self.names[name] = None
        if in_header:
            self.definitions.setdefault(name, value)
            return
        self.current = name
        for text in filter(None, (self.definitions.pop(name, ""), value)):
            line = text.replace("]", " ").replace("\n", " ")
            self.music.setdefault(name, []).append(f"[V:{line}]")

    def add(self, text: str) -> None:
        """Adds music, perhaps with `[V:2]` in it."""
        start = 0
        for m in _VOICE.finditer(text):
            self._add(text[start : m.start()])
            self.switch(m[0][3:-1].strip())
            start = m.end()
        self._add(text[start:])

    def _add(self, text: str) -> None:
        if not text:
            return
        if ";" in text:
            for entity, character in _ENTITIES.items():
                text = text.replace(entity, character)
        if self.current in self.definitions:
            self.switch(self.definitions.pop(self.current))
        self.music.setdefault(self.current, []).append(text)

    def first(self) -> tuple[str, bool]:
        """Returns the first voice with notes, and whether others have some."""
        texts = ["".join(lines) for lines in self.music.values()]
        with_notes = [
            text for text in texts if any(m[1] for m in _NOTES.finditer(text))
        ]
        return (with_notes or texts or [""])[0], len(with_notes) > 1
