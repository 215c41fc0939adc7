"""Tokens and measures of canonical ABC, and how long they last.

A canonical body is made of tokens with space between them: notes and rests
(`^f2`, `c'3/2`, `B,`, `G/2`, `d3-`, `z`), tuplet openers (`(3`), bar lines
(`|`, `||`, `|:`, `:|`, `::`, `|]`) and endings (`[1`, `[2`). Note lengths are
written in eighths, as `L:1/8` says; this module returns whole notes.
"""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

EIGHTH = Fraction(1, 8)
# p notes in the time of q; the others depend on the metre or are too rare
TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2}
BAR_LINES = {"|", "||", "|]", "|:", ":|", "::"}
ENDINGS = {"[1", "[2"}

_NOTE = re.compile(
    r"(?P<accidental>\^\^?|__?|=)?(?P<pitch>[A-G],*|[a-g]'*|z)"
    r"(?P<over>[1-9]\d*)?(?:/(?P<under>[1-9]\d*))?(?P<tie>-)?"
)


class AbcNote(NamedTuple):
    """A note or rest of canonical ABC, as written.

    Args:
        accidental: "", "^", "^^", "_", "__" or "=".
        pitch: the letter with its octave, `z` for a rest.
        length: in whole notes, before any tuplet.
        tied: whether it is tied to the next note.
    """

    accidental: str
    pitch: str
    length: Fraction
    tied: bool


@lru_cache(maxsize=4096)
def parse_note(token: str) -> AbcNote | None:
    """Returns the note that a token writes; None if it writes none."""
    m = _NOTE.fullmatch(token)
    if not m or m["pitch"] == "z" and (m["accidental"] or m["tie"]):
        return None
    length = Fraction(int(m["over"] or 1), int(m["under"] or 1)) * EIGHTH
    return AbcNote(m["accidental"] or "", m["pitch"], length, bool(m["tie"]))


def tuplet_size(token: str) -> int:
    """Returns how many notes a tuplet opener takes; 0 for other tokens."""
    p = int(token[1]) if re.fullmatch(r"\([2-9]", token) else 0
    return p if p in TUPLETS else 0


class TupletRatio:
    """Scales the lengths of notes while a tuplet lasts."""

    def __init__(self) -> None:
        self.ratio = Fraction(1)
        self.remaining = 0  # notes of the tuplet still to come

    def open(self, p: int) -> None:
        """Begins a tuplet of p notes."""
        self.ratio, self.remaining = Fraction(TUPLETS[p], p), p

    def scale(self, length: Fraction) -> Fraction:
        """Returns how long the next note sounds.

        Args:
            length: as written.
        """
        self.remaining -= 1
        return length * self.ratio if self.remaining >= 0 else length


def token_durations(tokens: Iterable[str]) -> Iterator[tuple[str, Fraction]]:
    """Yields each token with the whole notes it lasts, tuplets counted.

    Args:
        tokens: of a canonical body; those that are no notes last 0.
    """
    tuplet = TupletRatio()
    for token in tokens:
        if p := tuplet_size(token):
            tuplet.open(p)
        elif token in BAR_LINES:
            tuplet = TupletRatio()
        note = parse_note(token)
        yield token, Fraction(0) if note is None else tuplet.scale(note.length)


class AbcMeasure(NamedTuple):
    """The tokens between two bar lines of canonical ABC.

    Args:
        opener: the bar line before it, with an ending where one starts:
            "", "|", ":| [2".
        timed: its tokens, each with the whole notes it lasts.
        closer: the bar line after it, written in the same way.
    """

    opener: str
    timed: list[tuple[str, Fraction]]
    closer: str

    @property
    def duration(self) -> Fraction:
        """Whole notes that it lasts."""
        return sum((length for _, length in self.timed), Fraction(0))


def split_measures(body: str) -> list[AbcMeasure]:
    """Cuts a body at bar lines; bar lines in a row count as one."""
    measures: list[AbcMeasure] = []
    opener = ""
    timed = token_durations(body.split())
    lines = BAR_LINES | ENDINGS
    for is_line, run in groupby(timed, lambda pair: pair[0] in lines):
        if is_line:
            opener = " ".join(token for token, _ in run)
            if measures:
                measures[-1] = measures[-1]._replace(closer=opener)
        else:
            measures.append(AbcMeasure(opener, list(run), ""))
    return measures


def durations(body: str) -> list[Fraction]:
    """Returns the length of each measure, in whole notes.

    Example:
        >>> [str(d) for d in durations("G2 | (3 A B c d4 |]")]
        ['1/4', '3/4']
    """
    return [measure.duration for measure in split_measures(body)]


def count_bars(meter: str, body: str) -> int:
    """Counts the bars of a tune as written, without pick-ups.

    Short bars at the beginning and after repeats are pick-ups.

    Example:
        >>> body = "G | A4 | [1 B3 :| [2 c3 :: d | e4 | f3 |]"
        >>> count_bars("2/4", body)
        5
    """
    full_bar = Fraction(meter)
    return sum(
        measure.duration >= full_bar
        or measure.opener == "|"
        or measure.opener.endswith(tuple(ENDINGS))
        for measure in split_measures(body)
    )
