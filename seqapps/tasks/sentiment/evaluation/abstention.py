"""When a classifier should abstain, or call a text neutral."""

from collections.abc import Sequence

from seqapps.errors import InputError

NEUTRAL = "neutral"
NOT_NEUTRAL = f"{NEUTRAL} is for two labels, neither of that name; not"


def should_abstain(probabilities: Sequence[float], abstain: float) -> bool:
    """Whether the likeliest class leads the next by less than 2 * abstain.

    With two classes this is a probability within `abstain` of one half.
    """
    second, first = sorted(probabilities)[-2:]
    return first - second < 2 * abstain


def can_be_neutral(labels: Sequence[str]) -> bool:
    """Whether these classes leave a middle: there are two, none "neutral"."""
    return len(labels) == 2 and NEUTRAL not in labels


def is_neutral(
    probabilities: Sequence[float], labels: Sequence[str], neutral: float
) -> bool:
    """Whether the likeliest of two classes is less than 0.5 + neutral likely.

    Raises:
        InputError: `neutral` is not 0, and the classes leave no middle.
    """
    if neutral and not can_be_neutral(labels):
        raise InputError(f"{NOT_NEUTRAL} {neutral:g}")
    return bool(neutral) and max(probabilities) < 0.5 + neutral
