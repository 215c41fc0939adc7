"""Which pairs are fit to learn from."""

from collections import Counter

from seqapps.errors import InputError
from seqapps.tasks.translation.importers.pair_files import Pair

_WORD = 12  # characters a word, at most, where words are not parted by blanks
_SPARE = 10  # characters by which short texts may differ whatever the ratio
_SHORT = 3  # words: so short a text, a name say, may be the same in both


def clean(
    pairs: list[Pair], longest: int, ratio: float
) -> tuple[list[Pair], Counter]:
    """Leaves out pairs that teach nothing, or wrong things.

    Args:
        pairs: texts as `source.tidy` leaves them.
        longest: words, or twelve times as many characters, that either side
            may have; 0 for any number.
        ratio: how many times the characters of one side, and ten more, the
            other may have; 0 for any number.

    Returns:
        The others, in their order, and how many were left out for which
        reason, each for the first of these: "empty", "too long", "lengths too
        unlike", "the same on both sides", if that is more than three words,
        and "said twice".

    Raises:
        InputError: no pairs can be within these bounds.
    """
    if longest < 0 or ratio != 0 and not ratio >= 1:
        raise InputError(
            "the longest text has 1 or more words, and the ratio of lengths is "
            f"1 or more; 0 sets no bound: not {longest} and {ratio:g}"
        )
    seen, kept, left_out = set(), [], Counter()
    for pair in pairs:
        reason = _reason(*pair, longest, ratio)
        if not reason and pair in seen:
            reason = "said twice"
        if reason:
            left_out[reason] += 1
        else:
            seen.add(pair)
            kept.append(pair)
    return kept, left_out


def _reason(source: str, target: str, longest: int, ratio: float) -> str:
    """Why a pair is not fit, or "" if it is."""
    few, many = sorted((len(source), len(target)))
    words = len(source.split()), len(target.split())
    if not min(words):
        return "empty"
    if longest and (max(words) > longest or many > _WORD * longest):
        return "too long"
    if ratio and many > ratio * few + _SPARE:
        return "lengths too unlike"
    if source == target and words[0] > _SHORT:
        return "the same on both sides"
    return ""
