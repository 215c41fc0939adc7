"""The notes of a tune as a piano roll shows them, token by token."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.melody import expand_repeats
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering.perform import timed_notes


def playing_order(tune: Tune) -> tuple[list[str], list[int]]:
    """Returns the order in which tokens and measures are played.

    Returns:
        For each token of the body with the repeats played, its index in the
        body as written (a bar line stays one); for each such measure, its
        index among the measures as written.
    """
    lines = bars.BAR_LINES | bars.ENDINGS
    tokens = enumerate(tune.body.split())
    numbered = " ".join(t if t in lines else str(i) for i, t in tokens)
    measure_of = {
        token: index
        for index, measure in enumerate(bars.split_measures(numbered))
        for token, _ in measure.timed
    }
    order = expand_repeats(replace(tune, body=numbered)).body
    firsts = (measure.timed[0][0] for measure in bars.split_measures(order))
    return order.split(), [measure_of[token] for token in firsts]


class DrawnNote(NamedTuple):
    """A token that sounds.

    Args:
        token: its index in the body.
        pitch: of MIDI.
        start: in whole notes.
        length: in whole notes, as drawn.
    """

    token: int
    pitch: int
    start: Fraction
    length: float


def drawn_notes(unrolled: Tune, indices: Sequence[str]) -> Iterator[DrawnNote]:
    """Yields the tokens that sound.

    Args:
        unrolled: the tune with its repeats written out.
        indices: of its tokens, in the body as written.
    """
    notes = list(timed_notes(unrolled))
    starts = [note.start for note in notes]
    start = Fraction(0)
    tokens = bars.token_durations(unrolled.body.split())
    for index, (token, length) in zip(indices, tokens, strict=True):
        written = bars.parse_note(token)
        if written and written.pitch != "z" and length:
            note = notes[bisect(starts, start) - 1]  # with what is tied to it
            drawn = float(length)
            if start + length == note.start + note.length:
                # a small gap between a note and its repetition
                drawn -= min(0.07 * float(note.length), drawn / 2)
            yield DrawnNote(int(index), note.pitch, start, drawn)
        start += length
