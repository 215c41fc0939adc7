"""Imports scores, MIDI and MusicXML, as the ABC of their melody."""

from pathlib import Path
from typing import NamedTuple

from seqapps.tasks.music.importers import (
    archive,
    midi,
    midi_melody,
    musicxml,
    sheet,
    smf,
)
from seqapps.tasks.music.notation.losses import Losses
from seqapps.tasks.music.notation.unusable import Unusable

MIDI = (".mid", ".midi")
MUSICXML = (".musicxml", ".xml", ".mxl")
_MAX_TITLE = 200  # characters


class ImportedScore(NamedTuple):
    """The melody of a file.

    Args:
        abc: ABC that `abc.normalise` or `abc.fragment` can parse.
        losses: what was dropped from the score.
        choice: which part was chosen from several; empty if there is one.
    """

    abc: str
    losses: Losses
    choice: str


def import_score(
    path: Path, complete: bool = True, track: str = ""
) -> ImportedScore:
    """Imports one file.

    Args:
        path: with one of the suffixes `MIDI` or `MUSICXML`.
        complete: whether to fill up the last bar of a MIDI file; False if the
            melody is to be continued.
        track: number or name of the part with the melody; empty: the one that
            looks most like it.

    Raises:
        Unusable: the file is damaged, or ABC cannot write its melody.
    """
    is_midi = path.suffix.lower() in MIDI
    data = _read_bytes(path, smf.MAX_BYTES if is_midi else archive.MAX_BYTES)
    if is_midi:
        song = midi.read_midi(data)
        draft = midi_melody.draft_from_song(song, complete, track)
    else:
        draft = sheet.draft_from_sheet(musicxml.read_musicxml(data), track)
    draft.title = draft.title.strip()[:_MAX_TITLE] or path.stem
    return ImportedScore(draft.abc(), draft.losses, draft.choice)


def _read_bytes(path: Path, largest: int) -> bytes:
    """Returns the contents of a file, at most one byte too many."""
    try:
        if not path.is_file():
            raise Unusable("not a file")
        with path.open("rb") as file:
            return file.read(largest + 1)
    except OSError as error:
        raise Unusable("cannot be opened") from error
