"""Cuts a chorale into measures, and its notes into values that are written."""

from collections.abc import Iterator
from typing import NamedTuple

from seqapps.tasks.chorale.notation.chorale import VOICES, Chorale, Note
from seqapps.tasks.chorale.notation.spelling import in_signature, spell

# sixteenths of the values that one note or rest has, with its dots
VALUES = {
    32: ("breve", 0),
    24: ("whole", 1),
    16: ("whole", 0),
    12: ("half", 1),
    8: ("half", 0),
    6: ("quarter", 1),
    4: ("quarter", 0),
    3: ("eighth", 1),
    2: ("eighth", 0),
    1: ("16th", 0),
}


class Piece(NamedTuple):
    """A note, a rest, or a part of one, that one sign writes.

    Args:
        start: in sixteenths from the beginning of the chorale.
        length: a key of `VALUES`.
        pitch: of MIDI; None is a rest.
        tied: whether a tie leads to it.
        ties: whether a tie leads on from it.
        fermata: whether it has one.
    """

    start: int
    length: int
    pitch: int | None
    tied: bool
    ties: bool
    fermata: bool


class Measure(NamedTuple):
    """What stands between two bar lines.

    Args:
        number: 0 is a pick-up.
        start: in sixteenths.
        length: in sixteenths.
        voices: the pieces of each voice.
    """

    number: int
    start: int
    length: int
    voices: list[list[Piece]]


def split_measures(chorale: Chorale) -> list[Measure]:
    """Returns the measures of a chorale."""
    bar, pickup, steps = chorale.bar, chorale.pickup, chorale.steps
    starts = [0] * bool(pickup) + list(range(pickup, steps, bar))
    ends = [*starts[1:], steps]
    pieces = [list(_pieces(chorale.notes(v), starts)) for v in range(4)]
    return [
        Measure(
            number=number,
            start=start,
            length=end - start,
            voices=[
                [piece for piece in pieces[v] if start <= piece.start < end]
                for v in range(len(VOICES))
            ],
        )
        for number, (start, end) in enumerate(
            zip(starts, ends, strict=True), 0 if pickup else 1
        )
    ]


def _pieces(notes: list[Note], starts: list[int]) -> Iterator[Piece]:
    """Cuts notes at bar lines, and into values."""
    for note in notes:
        start, end = note.start, note.start + note.length
        while start < end:
            line = min([s for s in starts if s > start] or [end])
            length = max(v for v in VALUES if v <= min(end, line) - start)
            sounds = note.pitch is not None
            yield Piece(
                start=start,
                length=length,
                pitch=note.pitch,
                tied=sounds and start > note.start,
                ties=sounds and start + length < end,
                fermata=note.fermata and start == note.start,
            )
            start += length


def accidentals(
    measure: Measure, voices: list[int], sharps: int, cautious: bool = False
) -> dict[tuple[int, int], int]:
    """Returns the accidentals that are written on one staff of a measure.

    Args:
        measure: of a chorale.
        voices: those on the staff.
        sharps: of the key signature.
        cautious: whether one is written too where a tie leads to a note, or
            where the letter was altered in another octave: readers differ.

    Returns:
        By voice and start: 1 a sharp, -1 a flat, 0 a natural, 2 and -2 double
        ones. An accidental holds to the end of the measure; what is tied from
        the measure before needs none.
    """
    held: dict[tuple[str, int], int] = {}
    latest: dict[str, int] = {}  # in any octave
    written = {}
    for piece, voice in sorted(
        (each, v) for v in voices for each in _notes(measure, v)
    ):
        letter, alter, octave = spell(piece.pitch or 0, sharps)
        own = in_signature(letter, sharps)
        differs = held.get((letter, octave), own) != alter
        elsewhere = latest.get(letter, own) != alter
        if (differs or elsewhere) if cautious else (differs and not piece.tied):
            written[voice, piece.start] = alter
            held[letter, octave] = latest[letter] = alter
    return written


def _notes(measure: Measure, voice: int) -> list[Piece]:
    return [p for p in measure.voices[voice] if p.pitch is not None]
