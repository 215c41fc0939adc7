"""A melody in bars, ready to be written as ABC. Times are in eighths."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from seqapps.tasks.music.importers import grid
from seqapps.tasks.music.notation import losses
from seqapps.tasks.music.notation.accidentals import BarAccidentals
from seqapps.tasks.music.notation.key_signature import key_field, signature
from seqapps.tasks.music.notation.losses import Losses
from seqapps.tasks.music.notation.meter import bar_length, metric_units
from seqapps.tasks.music.notation.note_values import split_at_beats
from seqapps.tasks.music.notation.pitch import (
    midi_pitch,
    octaves_into_range,
    spell_step,
)

MAX_NOTES = 5000  # of a melody


class SpelledNote(NamedTuple):
    """A note with its spelling.

    Args:
        start: when it begins.
        end: when it ends.
        step: white keys above middle C.
        alter: semitones by which it is raised.
    """

    start: Fraction
    end: Fraction
    step: int
    alter: int

    @property
    def pitch(self) -> int:
        """The MIDI number."""
        return midi_pitch(self.step, self.alter)


class Bar(NamedTuple):
    """A bar, and the bar lines around it.

    Args:
        start: when it begins.
        end: when it ends.
        opens: whether a repeat starts here.
        closes: whether a repeat ends here.
        double: whether a double bar ends it.
        ending: the number of an ending that starts here.
        cut_off: whether the music stops before the bar line.
    """

    start: Fraction
    end: Fraction
    opens: bool = False
    closes: bool = False
    double: bool = False
    ending: str = ""
    cut_off: bool = False

    @property
    def plain(self) -> bool:
        """Whether it has plain bar lines on both sides."""
        return not (self.opens or self.closes or self.double or self.ending)


class Slice(NamedTuple):
    """A note, a part of one, or a rest: what one token is written for."""

    start: Fraction
    end: Fraction
    note: SpelledNote | None


@dataclass
class Draft:
    """A melody with one note at a time.

    Args:
        title: any text.
        key: the tonic.
        mode: as in `Tune`.
        meter: such as "6/8".
        notes: one after another.
        bars: one after another, from the first note or earlier on.
        losses: what was dropped so far.
        choice: which part was chosen from several, as `choose_part` reports.
    """

    title: str
    key: str
    mode: str
    meter: str
    notes: list[SpelledNote]
    bars: list[Bar]
    losses: Losses = field(default_factory=dict)
    choice: str = ""

    def abc(self) -> str:
        """Returns ABC that `abc.normalise` can parse.

        Raises:
            Unusable: notes and triplets of ABC cannot write it.
        """
        self._move_into_range()
        title = " ".join(self.title.replace("%", " ").split())
        key = key_field(self.key, self.mode)
        lines = ["X:1", f"T:{title}", f"M:{self.meter}", "L:1/8", f"K:{key}"]
        for bar in self.bars:
            opening = "|:" * bar.opens + f"[{bar.ending}" * bool(bar.ending)
            closing = ":|" if bar.closes else "||" if bar.double else "|"
            closing = "" if bar.cut_off else closing
            lines.append(" ".join([opening, *self._tokens(bar), closing]))
        return "\n".join(lines) + "\n"

    def _move_into_range(self) -> None:
        octaves = octaves_into_range(
            min(n.step for n in self.notes), max(n.step for n in self.notes)
        )
        if octaves:
            self.notes = [
                n._replace(step=n.step + 7 * octaves) for n in self.notes
            ]
            self.losses[losses.OCTAVES] = octaves

    def _tokens(self, bar: Bar) -> Iterator[str]:
        slices = list(_slice(bar, self.notes))
        points = {s.start - bar.start for s in slices}
        triplets = grid.find_triplets(points, bar.end - bar.start)
        full_bar = bar_length(self.meter)
        pick_up = bar is self.bars[0] and bar.end - bar.start < full_bar
        bar_line = bar.end - full_bar if pick_up else bar.start
        units = metric_units(self.meter)
        accidentals = BarAccidentals(signature(self.key, self.mode))
        for piece, length, opens in _cut_at_triplets(bar, slices, triplets):
            if opens:
                yield "(3"
            parts = [piece]
            if length == piece.end - piece.start:  # outside triplets
                parts = [
                    piece._replace(start=bar_line + start, end=bar_line + end)
                    for start, end in split_at_beats(
                        piece.start - bar_line, piece.end - bar_line, units
                    )
                ]
            for part in parts:
                if len(parts) > 1:
                    length = part.end - part.start
                yield _token(part, length, accidentals)


def _slice(bar: Bar, notes: list[SpelledNote]) -> Iterator[Slice]:
    """Yields what sounds in a bar, and the rests between."""
    time = bar.start
    first = bisect_right(notes, bar.start, key=attrgetter("end"))
    for note in islice(notes, first, None):
        start, end = max(note.start, bar.start), min(note.end, bar.end)
        if start >= end:
            break
        if start > time:
            yield Slice(time, start, None)
        yield Slice(start, end, note)
        time = end
    if time < bar.end:
        yield Slice(time, bar.end, None)


def _cut_at_triplets(
    bar: Bar, slices: list[Slice], triplets: list[grid.Triplet]
) -> Iterator[tuple[Slice, Fraction, bool]]:
    """Cuts slices where the notes of triplets begin and end.

    Yields:
        A slice, the length to write, and whether it opens a triplet.
    """
    lengths: dict[Fraction, Fraction] = {}  # by the start of a triplet's note
    edges: set[Fraction] = set()
    for start, span in triplets:
        times = [bar.start + start + Fraction(span * k, 3) for k in range(4)]
        lengths |= dict.fromkeys(times[:3], Fraction(span, 2))
        edges |= set(times)
    openers = {bar.start + triplet.start for triplet in triplets}
    for piece in slices:
        cuts = sorted(e for e in edges if piece.start < e < piece.end)
        ends = [*cuts, piece.end]
        for start, end in zip([piece.start, *cuts], ends, strict=True):
            length = lengths.get(start, end - start)
            yield Slice(start, end, piece.note), length, start in openers


def _token(piece: Slice, length: Fraction, accidentals: BarAccidentals) -> str:
    size = f"{length.numerator}/{length.denominator}"
    note = piece.note
    if note is None:
        return "z" + size
    accidental = ""
    if piece.start == note.start:
        accidental = accidentals.accidental(note.step, note.alter)
    tie = "-" * (piece.end < note.end)
    return accidental + spell_step(note.step) + size + tie
