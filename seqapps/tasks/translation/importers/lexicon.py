"""Names and words of a language pair, found in its sentence pairs."""

import re
from collections import Counter

from seqapps.tasks.translation.importers.pair_files import Pair

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LEAST_DICE = 0.55
_LONGEST = 15  # words of a text


def names(pairs: list[Pair]) -> set[str]:
    """Words with a capital inside sentences of both sides, and never small."""
    inside: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for pair in pairs:
        sides = [WORD.findall(side) for side in pair]
        both = {word for word in sides[0][1:] if word[:1].isupper()}
        both &= set(sides[1][1:])
        inside.update(word for word in both if len(word) > 2)
        small.update(w for side in sides for w in side if w[:1].islower())
    return {
        word
        for word, count in inside.items()
        if small[word.lower()] <= 0.02 * count
    }


def aligned_words(pairs: list[Pair]) -> dict[str, list[str]]:
    """Words that are translated by one another, by Dice's coefficient."""
    left: Counter[str] = Counter()
    right: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        sides = [
            {w.lower() for w in WORD.findall(side) if len(w) > 2}
            for side in pair
        ]
        if max(map(len, sides)) > _LONGEST:
            continue
        left.update(sides[0])
        right.update(sides[1])
        both.update((s, t) for s in sides[0] for t in sides[1])
    words: dict[str, list[str]] = {}
    for (s, t), count in both.items():
        dice = 2 * count / (left[s] + right[t])
        often = 3 <= count <= 0.004 * len(pairs) + 3  # no "the", no "que"
        if often and dice > _LEAST_DICE:
            words.setdefault(s, []).append(t)
    return words
