"""ABC notation: wild ABC in, canonical ABC out, and the notes of a tune."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from seqapps.tasks.music import bars
from seqapps.tasks.music.bars import durations, problems
from seqapps.tasks.music.header import (
    Header,
    Unusable,
    default_unit,
    key_field,
    read_key,
)
from seqapps.tasks.music.melody import melody
from seqapps.tasks.music.mend import mend, write
from seqapps.tasks.music.scanner import Note, Scanner

__all__ = [
    "Tune",
    "Unusable",
    "durations",
    "fragment",
    "melody",
    "normalise",
    "problems",
    "read",
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
        tempo: a length and how many a minute: "3/8=112"; empty for what suits
            the metre.
        program: of General MIDI, counted from 0; None for a fiddle.
    """

    title: str
    key: str
    mode: str
    meter: str
    body: str
    tempo: str = ""
    program: int | None = None

    def abc(self, number: int = 1, body: str | None = None) -> str:
        """The whole text.

        Args:
            number: what `X:` says.
            body: the body written in another way, such as `layout.beamed`.
        """
        tempo = f"Q:{self.tempo}\n" if self.tempo else ""
        sound = ""
        if self.program is not None:  # as abc2midi and abcjs read it
            sound = f"%%MIDI program {self.program}\n"
        return (
            f"X:{number}\nT:{self.title}\nM:{self.meter}\nL:1/8\n{tempo}"
            f"K:{key_field(self.key, self.mode)}\n{sound}"
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
    _check(problems(header.meter, body))
    return Tune(header.title, header.key, header.mode, header.meter, body)


def read(text: str) -> Tune:
    """A tune whose text is canonical, as a network writes it; not checked.

    Args:
        text: header and body.
    """
    head, _, rest = text.partition("\nK:")
    field, _, body = rest.partition("\n")
    title = head.partition("\nT:")[2].partition("\n")[0]
    meter = head.partition("\nM:")[2].partition("\n")[0]
    return Tune(title, *read_key(field), meter, body.strip())


def fragment(text: str) -> Tune:
    r"""Bring the beginning of a tune to canonical form, so that it can go on.

    It may be shorter than four bars and end within a bar, a repeat or an
    ending. What only closes is taken off: `|]`, `||`, and a bar line after a
    bar that is not full; so are a last tie, and a last tuplet that is not
    whole.

    Args:
        text: header and body.

    Raises:
        Unusable: as `normalise` does; for an unusual bar its note says which.

    Example:
        >>> fragment("M:6/8\nL:1/8\nK:G\nD|GAB c2d|e2-|]").body
        'D | G A B c2 d | e2'
    """
    header, music = _read_header(text)
    measures = Scanner(header).read(music)
    closed = False  # by a bar line that may stay
    if measures[-1].notes:
        _drop_torn_tuplet(measures[-1].notes)
    elif len(measures) > 1:
        closed = not measures[-2].bar.double
    tokens = list(write(mend(header.meter, measures, complete=False)))
    last = bars.measures(" ".join(tokens))[-1]
    if tokens[-1] == "|]":
        full = last.held >= Fraction(header.meter)
        tokens[-1:] = ["|"] * (closed and (full or last.opener != "|"))
    body = " ".join(tokens)
    allowed = "there are fewer", "the end is", "ending 1 is not followed"
    wrong = problems(header.meter, body)
    _check([w for w in wrong if not w.startswith(allowed)])
    return Tune(header.title, header.key, header.mode, header.meter, body)


def _drop_torn_tuplet(notes: list[Note | int]) -> None:
    for place in range(len(notes)):
        p = notes[place]
        if isinstance(p, int) and len(notes) - place <= p:
            del notes[place:]
            return


def _check(wrong: list[str]) -> None:
    """Raise `Unusable` for what is wrong; its note says where."""
    if wrong:
        error = Unusable(_reason(wrong))
        error.add_note(wrong[0])
        raise error


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
