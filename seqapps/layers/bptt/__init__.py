"""What the fast walks of all backends have in common."""

from typing import NamedTuple


class How(NamedTuple):
    """How a cell is walked.

    Args:
        keep: keep what the way back needs.
        outputs: return the outputs of all steps.
        backwards: walk from the end.
    """

    keep: bool
    outputs: bool
    backwards: bool
