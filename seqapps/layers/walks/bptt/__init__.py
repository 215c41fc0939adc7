"""What the fast walks of all backends have in common."""

from typing import NamedTuple

from keras import ops


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


def marks(mask, sequences, zero: bool, backwards: bool):
    """What the walk does at each step: bool `(batch, time, 2)`, or None.

    Whether there is a step, and whether its output is shown, else it is 0.

    Args:
        mask: `(batch, time)`, False for a step that is not there; or None.
        sequences: `(batch, time, features)`.
        zero: whether an output is 0 where masked, and not the one before.
        backwards: whether the walk begins at the end.
    """
    if mask is None:
        return None
    mask = ops.reshape(mask, ops.shape(sequences)[:2])
    mask = shown = ops.cast(mask, "bool")  # (batch, time)
    if not zero:  # y_0 is 0
        count = ops.cast(mask, "int32")
        count = ops.flip(count, 1) if backwards else count
        shown = ops.cumsum(count, axis=1) > 0
        shown = ops.flip(shown, 1) if backwards else shown
    return ops.stack([mask, shown], axis=-1)
