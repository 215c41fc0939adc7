"""Scores, MIDI and MusicXML, as ABC text of their melody."""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from seqapps.tasks.music.importers import (
    archive,
    midi,
    musicxml,
    sheet,
    smf,
    song,
)
from seqapps.tasks.music.importers.draft import PARTS
from seqapps.tasks.music.notation.header import Unusable

__all__ = ["PARTS", "Lost", "Score", "read"]

MIDI = (".mid", ".midi")
MUSICXML = (".musicxml", ".xml", ".mxl")

Lost = dict[str, Fraction | int]
_TITLE = 200  # characters


class Score(NamedTuple):
    """The melody of a file.

    Args:
        abc: what `abc.normalise` or `abc.fragment` reads.
        lost: what was lost of the score, with a number where there is one.
        choice: which part of several was taken; else empty.
    """

    abc: str
    lost: Lost
    choice: str


def read(path: Path, complete: bool = True, track: str = "") -> Score:
    """Read one file.

    Args:
        path: its ending is one of `MIDI` or `MUSICXML`.
        complete: whether to fill up the last bar of a MIDI file; if not, the
            melody is to go on.
        track: number or name of the part that is the melody; empty: the one
            that looks most like it.

    Raises:
        Unusable: if the file is damaged or has no melody that ABC can say.
    """
    is_midi = path.suffix.lower() in MIDI
    data = _bytes(path, smf.LARGEST if is_midi else archive.LARGEST)
    if is_midi:
        draft = midi.draft(song.read(data), complete, track)
    else:
        draft = sheet.draft(musicxml.read(data), track)
    draft.title = draft.title.strip()[:_TITLE] or path.stem
    return Score(draft.abc(), draft.lost, draft.choice)


def _bytes(path: Path, largest: int) -> bytes:
    """The file's content; no more than one byte too many is read."""
    try:
        if not path.is_file():
            raise Unusable("not a file")
        with path.open("rb") as file:
            return file.read(largest + 1)
    except OSError as error:
        raise Unusable("cannot be opened") from error
