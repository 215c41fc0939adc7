"""Scores, MIDI and MusicXML, as ABC text of their melody.

music21 reads them.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from seqapps.tasks.music import midi, musicxml, sheet
from seqapps.tasks.music.header import Unusable

MIDI = (".mid", ".midi")
MUSICXML = (".musicxml", ".xml", ".mxl")

Lost = dict[str, Fraction | int]


def read(path: Path, complete: bool = True) -> tuple[str, Lost]:
    """Read one file.

    Args:
        path: its ending is one of `MIDI` or `MUSICXML`.
        complete: whether to fill up the last bar of a MIDI file; if not, the
            melody is to go on.

    Returns:
        ABC that `abc.normalise` or `abc.fragment` reads, and what was lost of
        the score, with a number where there is one.

    Raises:
        Unusable: if the file is damaged or has no melody that ABC can say.
    """
    is_midi = path.suffix.lower() in MIDI
    with _quiet():
        try:
            said = (
                midi.read(path.read_bytes()) if is_midi else musicxml.read(path)
            )
        except Unusable:
            raise
        except OSError as error:
            raise Unusable("cannot be opened") from error
        except Exception as error:
            # music21 raises anything when a file is damaged
            kind = "MIDI" if is_midi else "MusicXML"
            raise Unusable(f"damaged, or not {kind}") from error
        draft = midi.draft(said, complete) if is_midi else sheet.draft(said)
    draft.title = draft.title.strip() or path.stem
    return draft.abc(), draft.lost


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what music21 says from the user."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
