"""Which sentence pairs are fit to train on."""

from collections import Counter

from seqapps.errors import InputError
from seqapps.tasks.translation.importers.pair_files import Pair

_WORD = 12  # characters per word, at most, in scripts without spaces
_SLACK = 10  # characters by which short texts may differ whatever the ratio
_SHORT = 3  # words of a text, such as a name, that may be equal on both sides


def filter_pairs(
    pairs: list[Pair], longest: int, ratio: float
) -> tuple[list[Pair], Counter[str]]:
    """Leaves out pairs that are useless or harmful for training.

    Args:
        pairs: texts normalised by `pair_files.normalise`.
        longest: words, or twelve times as many characters, that either side
            may have; 0 for any number.
        ratio: the longer side may have this many times the characters of the
            shorter one, and ten more; 0 for any number.

    Returns:
        The remaining pairs in their order, and the number of pairs left out
        for each reason, the first that applies: "empty", "too long", "lengths
        too unlike", "the same on both sides" (if over three words),
        "duplicate".

    Raises:
        InputError: the limits are invalid.
    """
    if longest < 0 or ratio != 0 and not ratio >= 1:
        raise InputError(
            "the longest text has 1 or more words, and the ratio of lengths is "
            f"1 or more; 0 sets no bound: not {longest} and {ratio:g}"
        )
    seen: set[Pair] = set()
    left_out: Counter[str] = Counter()
    kept = []
    for pair in pairs:
        reason = _reason(*pair, longest, ratio)
        if not reason and pair in seen:
            reason = "duplicate"
        if reason:
            left_out[reason] += 1
        else:
            seen.add(pair)
            kept.append(pair)
    return kept, left_out


def _reason(source: str, target: str, longest: int, ratio: float) -> str:
    """Why a pair is left out, or ""."""
    shorter, longer = sorted((len(source), len(target)))
    words = len(source.split()), len(target.split())
    if not min(words):
        return "empty"
    if longest and (max(words) > longest or longer > _WORD * longest):
        return "too long"
    if ratio and longer > ratio * shorter + _SLACK:
        return "lengths too unlike"
    if source == target and words[0] > _SHORT:
        return "the same on both sides"
    return ""
