"""Which word of a source each word of its translation comes from."""

from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

_WORD_START, _END = "▁", "<end>"


def align(
    source: str,
    target: str,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    attention: Sequence[Sequence[float]],
) -> list[int]:
    """Aligns words by the attention of their sub-words.

    Args:
        source: the text.
        target: its translation.
        source_tokens: the sub-words of the source that were read.
        target_tokens: those of the translation.
        attention: of each target sub-word, a weight for each source sub-word.

    Returns:
        For each word of the target the index of a word of the source, -1 for
        one whose sub-words are not known.
    """
    weights = np.asarray(attention)  # (T, S)
    rows, columns = weights.shape if weights.ndim == 2 else (0, 0)
    t_words = _words_of(target_tokens[:rows], target.split())
    s_words = _words_of(source_tokens[:columns], source.split())
    shape = len(target.split()), len(source.split())
    sums = np.zeros(shape, np.float32)
    known = [(s, word) for s, word in enumerate(s_words) if word >= 0]
    for t, row in enumerate(t_words):
        if row >= 0:
            for s, word in known:
                sums[row, word] += weights[t, s]
    return [int(row.argmax()) if row.any() else -1 for row in sums]


def _words_of(tokens: Sequence[str], words: Sequence[str]) -> list[int]:
    """The word that each sub-word is of, or -1."""
    starts: list[str] = []
    of = []
    for token in tokens:
        if token.startswith(_WORD_START) or token == _END or not starts:
            starts.append("")
        starts[-1] += token.removeprefix(_WORD_START)
        of.append(len(starts) - 1)
    matcher = SequenceMatcher(
        None, list(map(_key, starts)), list(map(_key, words)), autojunk=False
    )
    found = dict.fromkeys(range(len(starts)), -1)
    for a, b, size in matcher.get_matching_blocks():
        found |= {a + i: b + i for i in range(size)}
    return [found[i] for i in of]


def _key(word: str) -> str:
    """What is left of a word when its form is mended."""
    return "".join(c for c in word.casefold() if c.isalnum()) or word
