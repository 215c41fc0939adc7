"""Measures copying: the longest run of notes that a corpus has too."""

import math
from bisect import bisect
from collections.abc import Hashable, Iterable
from fractions import Fraction
from os.path import commonprefix

from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.notation.tune import Tune

_UNKNOWN = "\0"  # an item that no tune of the corpus has


def pattern(tune: Tune) -> list[Hashable]:
    """Returns the lengths and intervals of a tune, the same in every key.

    Args:
        tune: read once through: no repeat is played, tied notes are one, bar
            lines are ignored.

    Returns:
        The length of each note, and between two notes the semitones up to
        the second and the rest between them: a run of n notes is 2 n - 1
        items. Lengths are in whole notes. Rests at either end are left out.

    Example:
        >>> tune = Tune("", "C", "major", "4/4", "z2 C2- C2 z2 | E8")
        >>> pattern(tune) == [Fraction(1, 2), (4, Fraction(1, 4)), Fraction(1)]
        True
    """
    items: list[Hashable] = []
    before: int | None = None
    rest = Fraction(0)
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
    """Tunes in which runs of notes are looked up.

    Two runs are the same if their lengths, their intervals and the rests
    within them are: a transposed copy is a copy, one in other note values is
    not.

    The patterns from each note on are kept in a sorted list. Those with the
    longest common prefix are neighbours of the place where a pattern would be
    inserted, so the search is exact and takes log(notes of the corpus) steps a
    note.

    Args:
        tunes: that may have been copied from.
    """

    def __init__(self, tunes: Iterable[Tune]):
        self._letters: dict[Hashable, str] = {}
        words = []
        for tune in tunes:
            items = pattern(tune)
            for item in items:  # an item is one letter, so a pattern is a word
                self._letters.setdefault(item, chr(len(self._letters) + 1))
            words.append(self._word(items))
        self._suffixes = sorted(
            suffix for word in words for suffix in _suffixes(word)
        )

    def longest(self, tune: Tune) -> int:
        """Returns how many notes the longest run has that a tune shares.

        Args:
            tune: its body may be any text of canonical tokens.

        Example:
            >>> corpus = Corpus([Tune("", "C", "major", "4/4", "C2 D2 E4")])
            >>> corpus.longest(Tune("", "D", "major", "4/4", "A4 D2 E2 F2 A2"))
            2
        """
        longest = 0  # items
        for suffix in _suffixes(self._word(pattern(tune))):
            index = bisect(self._suffixes, suffix)
            for neighbour in self._suffixes[max(index - 1, 0) : index + 1]:
                shared = len(commonprefix([suffix, neighbour]))
                longest = max(longest, shared)
        return (longest + 1) // 2

    def _word(self, items: list[Hashable]) -> str:
        return "".join(self._letters.get(item, _UNKNOWN) for item in items)


def _suffixes(word: str) -> list[str]:
    """Returns a word from each note on."""
    return [word[i:] for i in range(0, len(word), 2)]


def measure_copying(
    tunes: Iterable[Tune], corpus: Corpus, above: int = 32
) -> dict[str, float]:
    """Measures how much tunes share with a corpus.

    Args:
        tunes: such as a network composed.
        corpus: the tunes that it was trained on.
        above: a run of more notes counts as a copy.

    Returns:
        The share of the tunes with such a run; and, in notes, the mean of the
        tunes' longest runs, and the longest. NaN without tunes.
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
