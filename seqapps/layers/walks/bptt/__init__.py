"""What the fast walks of all backends share."""

from typing import NamedTuple

from keras import ops

from seqapps.layers.types import Tensor

# the last axis of `step_masks`
UPDATES_STATES, SHOWS_OUTPUT = 0, 1


class WalkOptions(NamedTuple):
    """Options of a fast walk.

    Args:
        save_for_backward: keep the tensors that the backward loop reads.
        return_sequences: return the outputs of all timesteps.
        go_backwards: start at the last timestep.
    """

    save_for_backward: bool
    return_sequences: bool
    go_backwards: bool


def step_masks(
    mask: Tensor | None,
    sequences: Tensor,
    zero_output_for_mask: bool,
    go_backwards: bool,
) -> Tensor | None:
    """Returns two masks for each step, bool `(batch, time, 2)`, or None.

    `UPDATES_STATES` on the last axis is False where a step leaves the states
    as they are, `SHOWS_OUTPUT` where its output is 0.

    Args:
        mask: `(batch, time)`, False at the timesteps to skip; or None.
        sequences: `(batch, time, features)`.
        zero_output_for_mask: output 0 at a skipped timestep, instead of the
            output before it.
        go_backwards: start at the last timestep.
    """
    if mask is None:
        return None
    mask = ops.reshape(mask, ops.shape(sequences)[:2])
    updates = shows = ops.cast(mask, "bool")  # (batch, time)
    if not zero_output_for_mask:  # 0 only before the first step
        count = ops.cast(updates, "int32")
        count = ops.flip(count, 1) if go_backwards else count
        shows = ops.cumsum(count, axis=1) > 0
        shows = ops.flip(shows, 1) if go_backwards else shows
    return ops.stack([updates, shows], axis=-1)
