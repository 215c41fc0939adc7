"""How much of a tune is copied: its longest run of notes that a corpus has."""

import math
from bisect import bisect
from collections.abc import Hashable, Iterable
from fractions import Fraction
from os.path import commonprefix

from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.notation.tune import Tune

_UNKNOWN = "\0"  # what no tune of the corpus has


def pattern(tune: Tune) -> list[Hashable]:
    """What is the same wherever, and in whatever key, a tune is played.

    Args:
        tune: taken as it is written, once through: no repeat is played, tied
            notes are one, bar lines and repeat signs are passed over.

    Returns:
        The length of every note, and between two the semitones up to the
        next with the rest that lies between them: a run of n notes is
        2 n - 1 items. Lengths are in whole notes. Rests at either end are
        left aside.

    Example:
        >>> tune = Tune("", "C", "major", "4/4", "z2 C2- C2 z2 | E8")
        >>> pattern(tune) == [Fraction(1, 2), (4, Fraction(1, 4)), Fraction(1)]
        True
    """
    items: list[Hashable] = []
    before, rest = None, Fraction(0)
    for pitch, length in melody(tune):
        if pitch is None:
            rest += length
            continue
        if before is not None:
            items.append((pitch - before, rest))
        items.append(length)
        before, rest = pitch, Fraction(0)
    return items


class Corpus:
    """Tunes to look runs of notes up in.

    Two runs are the same when their lengths, their intervals and the rests
    within them are: a transposed copy is a copy, one in other note values is
    not.

    It keeps every pattern from every note on, sorted. Whatever begins as a
    pattern begins stands beside the place where that one would be put in, so
    the search is exact and takes log(notes of the corpus) steps a note.

    Args:
        tunes: what may have been copied from.
    """

    def __init__(self, tunes: Iterable[Tune]):
        self._letters: dict[Hashable, str] = {}
        texts = []
        for tune in tunes:
            items = pattern(tune)
            for item in items:  # an item is one letter, so a pattern is a word
                self._letters.setdefault(item, chr(len(self._letters) + 1))
            texts.append(self._write(items))
        self._tails = sorted(tail for text in texts for tail in _tails(text))

    def longest(self, tune: Tune) -> int:
        """Notes of the longest run that a tune shares with one of the corpus.

        Args:
            tune: its body may be any text of canonical tokens.

        Example:
            >>> corpus = Corpus([Tune("", "C", "major", "4/4", "C2 D2 E4")])
            >>> corpus.longest(Tune("", "D", "major", "4/4", "A4 D2 E2 F2 A2"))
            2
        """
        most = 0
        for tail in _tails(self._write(pattern(tune))):
            place = bisect(self._tails, tail)
            for near in self._tails[max(place - 1, 0) : place + 1]:
                most = max(most, len(commonprefix([tail, near])))
        return (most + 1) // 2

    def _write(self, items: list[Hashable]) -> str:
        return "".join(self._letters.get(item, _UNKNOWN) for item in items)


def _tails(text: str) -> list[str]:
    """A text from every note on."""
    return [text[i:] for i in range(0, len(text), 2)]


def shares(
    tunes: Iterable[Tune], corpus: Corpus, above: int = 32
) -> dict[str, float]:
    """How much tunes share with a corpus, to be put in a table of results.

    Args:
        tunes: such as a network composed.
        corpus: of the tunes that it learned from.
        above: notes in a row, of which more are a copy.

    Returns:
        The share of the tunes with a longer run than that; and, in notes,
        the mean of their longest runs, and the longest. NaN without tunes.
    """
    runs = [corpus.longest(tune) for tune in tunes]
    copied = sum(run > above for run in runs)
    return {
        f"copying: share above {above} notes": (
            copied / len(runs) if runs else math.nan
        ),
        "copying: mean of longest runs": (
            sum(runs) / len(runs) if runs else math.nan
        ),
        "copying: longest run": max(runs, default=math.nan),
    }
