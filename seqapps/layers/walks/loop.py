"""The walk by Keras's loop over time."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras
from keras import ops

from seqapps.layers.types import Tensor
from seqapps.private import keras_rnn

_Tensors: TypeAlias = Sequence[Tensor]
_Step: TypeAlias = Callable[[_Tensors, _Tensors], tuple[Tensor, list[Tensor]]]


def loop(
    layer: Any,
    projected: Any,
    states: _Tensors,
    noise: Any,
    mask: Tensor | None,
    zero_output_for_mask: bool,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Walks a layer's cell step by step, by plain automatic differentiation.

    Args:
        layer: an `RNN`.
        projected: the result of `project`, `(batch, time, n)` each.
        states: the initial ones, `(batch, size)` each.
        noise: the result of `draw`.
        mask: `(batch, time)`, False at the timesteps to skip; or None.
        zero_output_for_mask: output 0 at a skipped timestep, instead of the
            output before it.

    Returns:
        The last output, all outputs, and the list of the last states.
    """
    cell = layer.cell
    # `keras_rnn` takes a tuple of inputs, but no nested one
    flat = tuple(keras.tree.flatten(projected))  # (batch, time, n) each

    def step(inputs: _Tensors, states: _Tensors) -> tuple[Tensor, list[Tensor]]:
        inputs = keras.tree.pack_sequence_as(projected, inputs)
        output, new_states = cell.advance(inputs, states, noise)
        return output, new_states

    options = {
        "go_backwards": layer.go_backwards,
        "unroll": layer.unroll,
        # in a list, for Keras takes its truth value
        "input_length": [ops.shape(flat[0])[1]],
        "return_all_outputs": layer.return_sequences,
    }
    if mask is None:
        last, outputs, states = keras_rnn(step, flat, states, **options)
        return last, outputs, list(states)
    if len(mask.shape) == 2:
        mask = ops.expand_dims(mask, -1)  # (batch, time, 1)
    size = (ops.shape(flat[0])[0], cell.output_size)
    output = ops.zeros(size, cell.compute_dtype)  # (batch, output_size)
    last, outputs, states = keras_rnn(
        _masked(step, zero_output_for_mask),
        (*flat, ops.cast(mask, "bool")),
        [output, *states],
        **options,
    )
    return last, outputs, list(states[1:])


def _masked(step: _Step, zero_output_for_mask: bool) -> _Step:
    """Returns a step that changes nothing where the mask is False."""

    def masked_step(
        inputs: _Tensors, states: _Tensors
    ) -> tuple[Tensor, list[Tensor]]:
        *inputs, mask = inputs  # (batch, n) each, (batch, 1)
        y, *states = states  # (batch, output_size), (batch, size) each
        new_y, new_states = step(inputs, states)
        y = output = ops.where(mask, new_y, y)  # (batch, output_size)
        states = [
            ops.where(mask, new, old)
            for new, old in zip(new_states, states, strict=True)
        ]  # (batch, size) each
        if zero_output_for_mask:
            output = ops.where(mask, y, ops.zeros_like(y))
        return output, [y, *states]

    return masked_step
