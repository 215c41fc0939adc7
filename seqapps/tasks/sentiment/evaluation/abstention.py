"""When a classifier should abstain."""

from collections.abc import Sequence


def should_abstain(probabilities: Sequence[float], abstain: float) -> bool:
    """Whether the likeliest class leads the next by less than 2 * abstain.

    With two classes this is a probability within `abstain` of one half.
    """
    second, first = sorted(probabilities)[-2:]
    return first - second < 2 * abstain
