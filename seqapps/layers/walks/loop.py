"""Keras's loop over time, around a cell of ours."""

import keras
from keras import ops

from seqapps.private import keras_rnn


def loop(layer, projected, states, noise, mask, zero: bool) -> tuple:
    """Walks a layer's cell step by step, differentiated as it stands.

    Args:
        layer: an `RNN`.
        projected: what `project` gave, `(batch, time, n)` each.
        states: the first, `(batch, size)` each.
        noise: what `draw` gave.
        mask: `(batch, time)`, False for a step that is not there.
        zero: give 0 where masked, and not the last output.

    Returns:
        The last output, all outputs, and the list of the last states.
    """
    cell = layer.cell
    # `keras_rnn` takes a tuple of inputs, but none within another
    flat = tuple(keras.tree.flatten(projected))  # (batch, time, n) each

    def step(inputs, states):
        inputs = keras.tree.pack_sequence_as(projected, inputs)
        return cell.advance(inputs, states, noise)

    walk = {
        "go_backwards": layer.go_backwards,
        "unroll": layer.unroll,
        # in a list, for the truth of a tensor must not be asked
        "input_length": [ops.shape(flat[0])[1]],
        "return_all_outputs": layer.return_sequences,
    }
    if mask is None:
        return keras_rnn(step, flat, states, **walk)
    if len(mask.shape) == 2:
        mask = ops.expand_dims(mask, -1)  # (batch, time, 1)
    size = (ops.shape(flat[0])[0], cell.output_size)
    output = ops.zeros(size, cell.compute_dtype)  # (batch, output_size)
    last, outputs, states = keras_rnn(
        _masked(step, zero),
        (*flat, ops.cast(mask, "bool")),
        [output, *states],
        **walk,
    )
    return last, outputs, states[1:]


def _masked(step, zero):
    """Makes a step stay where it is while the mask is False."""

    def masked_step(inputs, states):
        *inputs, mask = inputs  # (batch, n) each, (batch, 1)
        y, *states = states  # (batch, output_size), (batch, size) each
        new_y, new_states = step(inputs, states)
        y = ops.where(mask, new_y, y)  # (batch, output_size)
        states = [
            ops.where(mask, new, old)
            for new, old in zip(new_states, states, strict=True)
        ]  # (batch, size) each
        output = ops.where(mask, y, ops.zeros_like(y)) if zero else y
        return output, [y, *states]

    return masked_step
