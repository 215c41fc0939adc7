"""The walk that cuDNN takes: of a plain LSTM or GRU, on a GPU."""

import keras
from keras import ops

from seqapps.layers.cells.gru import GRUCell
from seqapps.layers.cells.lstm import LSTMCell
from seqapps.private import keras_cudnn

_FUNCTIONS = {  # of Keras's backends, that end in cuDNN
    "tensorflow": ("lstm", "gru"),
    "jax": ("lstm",),  # its `gru` is a loop
}


def function_of(cell) -> str | None:
    """Names Keras's function for a plain `LSTMCell` or `GRUCell`."""
    return {LSTMCell: "lstm", GRUCell: "gru"}.get(type(cell))


def unfit(layer) -> str | None:
    """Says what of a layer cuDNN cannot do; None if it can do all."""
    cell = layer.cell
    if function_of(cell) is None:
        return f"{type(cell).__name__} is no plain LSTMCell or GRUCell"
    dtypes = {cell.compute_dtype, cell.variable_dtype}
    return _first_unmet(
        {
            "activation is not tanh": cell.activation is keras.activations.tanh,
            "recurrent_activation is not sigmoid": (
                cell.recurrent_activation is keras.activations.sigmoid
            ),
            "use_bias is False": cell.use_bias,
            "recurrent_dropout is not 0": not cell.recurrent_dropout,
            "reset_after is False": getattr(cell, "reset_after", True),
            "unroll is True": not layer.unroll,
            # in less than float32 it would round the state at every step
            "the policy is not float32": dtypes == {"float32"},
            "use_cudnn is False": getattr(layer, "use_cudnn", True),
            "another walk is asked for": (
                layer.asked_walk in ("auto", "cudnn")
            ),
        }
    )


def obstacle(layer, mask=None) -> str | None:
    """Says why cuDNN cannot walk a layer here; None if it can.

    Args:
        layer: an `RNN`.
        mask: the mask it meets, if any.

    Returns:
        The first condition that does not hold, in words.
    """
    name = keras.backend.backend()
    known = function_of(layer.cell) in _FUNCTIONS.get(name, ())
    return unfit(layer) or _first_unmet(
        {
            "there is a mask": mask is None,
            f"Keras has no cuDNN for this cell on {name}": known,
            "there is no GPU": on_gpu(),
        }
    )


def on_gpu() -> bool:
    """Whether the backend computes on a GPU."""
    name = keras.backend.backend()
    if name == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.get_visible_devices("GPU"))
    if name == "jax":
        import jax

        return jax.default_backend() == "gpu"
    return False


def walk(layer, sequences, states, noise) -> tuple:
    """Walks a layer's cell by Keras's cuDNN function.

    Args:
        layer: an `RNN` that `obstacle` has nothing against.
        sequences: `(batch, time, features)`.
        states: the first, `(batch, units)` each.
        noise: what `draw` gave.

    Returns:
        The last output, all outputs, and the list of the last states.

    Raises:
        NotImplementedError: if Keras or cuDNN refuses.
    """
    cell = layer.cell
    x = ops.cast(sequences, cell.compute_dtype)  # (batch, time, features)
    x = x if noise.inputs is None else ops.multiply(x, noise.inputs)
    # Keras's `go_backwards` gives outputs in another order on JAX than on
    # TensorFlow, so it is never told
    x = ops.flip(x, axis=1) if layer.go_backwards else x
    return keras_cudnn(
        function_of(cell),
        x,
        *states,
        None,  # no mask
        kernel=cell.kernel,
        recurrent_kernel=cell.recurrent_kernel,
        bias=cell.bias,
        activation=cell.activation,
        recurrent_activation=cell.recurrent_activation,
        return_sequences=layer.return_sequences,
    )


def _first_unmet(conditions: dict) -> str | None:
    return next((why for why, met in conditions.items() if not met), None)
