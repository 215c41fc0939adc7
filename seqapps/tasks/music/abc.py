"""ABC notation: wild ABC in, canonical ABC out, and the notes of a tune."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seqapps.tasks.music.bars import durations, problems
from seqapps.tasks.music.header import (
    Header,
    Unusable,
    default_unit,
    key_field,
)
from seqapps.tasks.music.melody import melody
from seqapps.tasks.music.mend import mend, write
from seqapps.tasks.music.scanner import Scanner

__all__ = [
    "Tune",
    "Unusable",
    "durations",
    "melody",
    "normalise",
    "problems",
    "split_tunes",
]


@dataclass(frozen=True)
class Tune:
    """A tune in canonical form.

    Args:
        title: in plain letters; may be empty.
        key: the tonic: "G", "F#", "Bb".
        mode: "major", "minor", "dorian", "mixolydian", "lydian", "phrygian"
            or "locrian".
        meter: such as "6/8".
        body: canonical tokens with space between them; see `bars`.
    """

    title: str
    key: str
    mode: str
    meter: str
    body: str

    def abc(self, number: int = 1, body: str | None = None) -> str:
        """The whole text.

        Args:
            number: what `X:` says.
            body: the body written in another way, such as `layout.beamed`.
        """
        return (
            f"X:{number}\nT:{self.title}\nM:{self.meter}\nL:1/8\n"
            f"K:{key_field(self.key, self.mode)}\n"
            f"{self.body if body is None else body}\n"
        )


def split_tunes(text: str) -> Iterator[str]:
    """Cut a collection into tunes, one for every `X:`.

    Args:
        text: a whole file; what stands before the first `X:` is left aside.
    """
    for tune in re.split(r"(?m)^(?=X:)", text.replace("\r\n", "\n")):
        if tune.startswith("X:"):
            yield tune.strip() + "\n"


def normalise(tune: str) -> Tune:
    r"""Bring one tune of wild ABC to canonical form.

    Grace notes, ornaments, chord symbols, slurs, lyrics and the like are left
    aside, of a chord the top note is kept; broken rhythms and units are
    written out into lengths; accidentals stay as they are written.

    Args:
        tune: header and body.

    Raises:
        Unusable: if it has no canonical form, or its bars do not add up.

    Example:
        >>> normalise("X:1\nM:C|\nK:Em\n|:G>A Bc d4|E8:||:g8|e8:|").body
        '|: G3/2 A/2 B c d4 | E8 :: g8 | e8 :|'
    """
    header, music = _read_header(tune)
    measures = Scanner(header).read(music)
    body = " ".join(write(mend(header.meter, measures)))
    wrong = problems(header.meter, body)
    if wrong:
        raise Unusable(_reason(wrong))
    return Tune(header.title, header.key, header.mode, header.meter, body)


def _reason(wrong: list[str]) -> str:
    for phrase, reason in (
        ("no note", "no notes"),
        ("tuplet", "unusual tuplet"),
        ("bar ", "bars that do not add up"),
        ("fewer than 4 bars", "too short"),
        ("ending", "unbalanced repeats"),
    ):
        if any(phrase in w for w in wrong):
            return reason
    return "unbalanced repeats"


def _read_header(tune: str) -> tuple[Header, str]:
    """Header, and body with its information lines made inline fields."""
    header, music = Header(), []
    in_body = False
    for line in tune.splitlines():
        line = re.sub(r"(?<!\\)%.*", "", line)
        line = re.sub(r"=(20)?$", "", line).rstrip()  # torn by old mail
        m = re.match(r"([A-Za-z+]):\s*(.*)", line)
        if m and not (in_body and re.match(r"[A-Ga-gxz]:[|:\]]", line)):
            name, value = m.groups()
            if in_body and name in "KMLV":
                music.append(f"[{name}:{value}]")
            elif not in_body:
                header.take(name, value)
                in_body = name == "K"
        elif in_body:
            joined = line.endswith("\\")
            music.append(line[:-1] + " " if joined else line + "\n")
    if not in_body:
        raise Unusable("no key")
    if not header.meter:
        raise Unusable("no metre")
    if header.unit is None:
        header.unit = default_unit(header.meter)
    return header, "".join(music)
