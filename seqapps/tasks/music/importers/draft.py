"""A melody in bars on its way to ABC. All times are in eighths."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from seqapps.tasks.music.importers import grid
from seqapps.tasks.music.notation.accidentals import Accidentals
from seqapps.tasks.music.notation.header import key_field, signature
from seqapps.tasks.music.notation.lengths import beats, parts
from seqapps.tasks.music.notation.melody import SEMITONES
from seqapps.tasks.music.notation.mend import HIGHEST, LOWEST

# what may be lost on the way
PARTS = "other parts than the melody were left out"
TOGETHER = "of notes that sound together the top one was kept"
OCTAVES = "moved by octaves"
NO_METRE = "no metre was given: read as 4/4"
NO_KEY = "no key was given: found by analysis"

_LETTERS = "CDEFGAB"


class Note(NamedTuple):
    """A note of the melody.

    Args:
        start: when it begins.
        end: when it ends.
        step: white keys above middle C.
        alter: semitones that it is raised by.
    """

    start: Fraction
    end: Fraction
    step: int
    alter: int

    @property
    def pitch(self) -> int:
        """As MIDI numbers it."""
        letter = SEMITONES[_LETTERS[self.step % 7]]
        return 60 + self.step // 7 * 12 + letter + self.alter


class Bar(NamedTuple):
    """A bar, and the bar lines around it.

    Args:
        start: when it begins.
        end: when it ends.
        opens: whether a repeat starts here.
        closes: whether a repeat ends here.
        double: whether a double bar ends it.
        ending: the number of an ending that starts here.
        torn: whether the music stops before the bar line.
    """

    start: Fraction
    end: Fraction
    opens: bool = False
    closes: bool = False
    double: bool = False
    ending: str = ""
    torn: bool = False

    @property
    def plain(self) -> bool:
        return not (self.opens or self.closes or self.double or self.ending)


class Piece(NamedTuple):
    """What one sign is written for: a note, part of one, or a rest."""

    start: Fraction
    end: Fraction
    note: Note | None


@dataclass
class Draft:
    """A melody with one note at a time.

    Args:
        title: of any letters.
        key: the tonic.
        mode: as in `abc.Tune`.
        meter: such as "6/8".
        notes: one after another.
        bars: one after another, from the first note or earlier on.
        lost: what was lost on the way here, with a number where there is one.
        choice: which part of several was taken; see `choice.choose`.
    """

    title: str
    key: str
    mode: str
    meter: str
    notes: list[Note]
    bars: list[Bar]
    lost: dict[str, Fraction | int] = field(default_factory=dict)
    choice: str = ""

    def abc(self) -> str:
        """Write it as ABC that `abc.normalise` reads.

        Raises:
            Unusable: if ABC of notes and triplets cannot say it.
        """
        self._into_range()
        title = " ".join(self.title.replace("%", " ").split())
        key = key_field(self.key, self.mode)
        lines = ["X:1", f"T:{title}", f"M:{self.meter}", "L:1/8", f"K:{key}"]
        for bar in self.bars:
            opening = "|:" * bar.opens + f"[{bar.ending}" * bool(bar.ending)
            closing = ":|" if bar.closes else "||" if bar.double else "|"
            closing = "" if bar.torn else closing
            lines.append(" ".join([opening, *self._music(bar), closing]))
        return "\n".join(lines) + "\n"

    def _into_range(self) -> None:
        low = min(n.step for n in self.notes)
        high = max(n.step for n in self.notes)
        move = -((low - LOWEST) // 7) if low < LOWEST else 0
        move -= -((HIGHEST - high) // 7) if high > HIGHEST else 0
        if move:
            self.notes = [
                n._replace(step=n.step + 7 * move) for n in self.notes
            ]
            self.lost[OCTAVES] = move

    def _music(self, bar: Bar) -> Iterator[str]:
        pieces = list(_pieces(bar, self.notes))
        points = {p.start - bar.start for p in pieces}
        triplets = grid.triplets(points, bar.end - bar.start)
        # a pick-up ends on the bar line
        whole = Fraction(self.meter) * 8
        late = bar is self.bars[0] and bar.end - bar.start < whole
        zero = bar.end - whole if late else bar.start
        sizes = beats(self.meter)
        accidentals = Accidentals(signature(self.key, self.mode))
        for piece, size, opens in _signs(bar, pieces, triplets):
            if opens:
                yield "(3"
            cuts = [piece]
            if size == piece.end - piece.start:
                cuts = [
                    piece._replace(start=zero + start, end=zero + end)
                    for start, end in parts(
                        piece.start - zero, piece.end - zero, sizes
                    )
                ]
            for part in cuts:
                length = size if len(cuts) == 1 else part.end - part.start
                yield _token(part, length, accidentals)


def _pieces(bar: Bar, notes: list[Note]) -> Iterator[Piece]:
    """What sounds in a bar, and the rests between."""
    time = bar.start
    first = bisect_right(notes, bar.start, key=attrgetter("end"))
    for note in islice(notes, first, None):
        start, end = max(note.start, bar.start), min(note.end, bar.end)
        if start >= end:
            break
        if start > time:
            yield Piece(time, start, None)
        yield Piece(start, end, note)
        time = end
    if time < bar.end:
        yield Piece(time, bar.end, None)


def _signs(
    bar: Bar, pieces: list[Piece], triplets: list[grid.Triplet]
) -> Iterator[tuple[Piece, Fraction, bool]]:
    """Cut pieces at triplets.

    Yields:
        A piece, the length that is written, and whether it opens a triplet.
    """
    sizes = {}  # by the start of a triplet's note
    edges = set()
    for start, span in triplets:
        places = [bar.start + start + Fraction(span * k, 3) for k in range(4)]
        sizes |= dict.fromkeys(places[:3], Fraction(span, 2))
        edges |= set(places)
    openers = {bar.start + triplet.start for triplet in triplets}
    for piece in pieces:
        cuts = sorted(e for e in edges if piece.start < e < piece.end)
        ends = [*cuts, piece.end]
        for start, end in zip([piece.start, *cuts], ends, strict=True):
            size = sizes.get(start, end - start)
            yield Piece(start, end, piece.note), size, start in openers


def _token(piece: Piece, length: Fraction, accidentals: Accidentals) -> str:
    size = f"{length.numerator}/{length.denominator}"
    note = piece.note
    if note is None:
        return "z" + size
    begins = piece.start == note.start
    sign = accidentals.sign(note.step, note.alter) if begins else ""
    octave, degree = divmod(note.step, 7)
    pitch = _LETTERS[degree] + "," * -octave
    if octave > 0:
        pitch = pitch.lower() + "'" * (octave - 1)
    return sign + pitch + size + "-" * (piece.end < note.end)
