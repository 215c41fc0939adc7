"""The walk by cuDNN: of a plain LSTM or GRU, on a GPU."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from seqapps.layers.cells.gru import GRUCell
from seqapps.layers.cells.lstm import LSTMCell
from seqapps.layers.types import Tensor
from seqapps.private import keras_cudnn

_FUNCTIONS = {  # of each backend, those that call cuDNN
    "tensorflow": ("lstm", "gru"),
    "jax": ("lstm",),  # its `gru` is a loop
}


def function_of(cell: Any) -> str | None:
    """Returns the name of Keras's function for a plain LSTM or GRU cell."""
    return {LSTMCell: "lstm", GRUCell: "gru"}.get(type(cell))


def unfit(layer: Any) -> str | None:
    """Returns what of a layer cuDNN does not support, or None."""
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
            # below float32 it would round the state at every step
            "the policy is not float32": dtypes == {"float32"},
            "use_cudnn is False": getattr(layer, "use_cudnn", True),
            "another walk is requested": layer.walk in ("auto", "cudnn"),
        }
    )


def obstacle(layer: Any, mask: Tensor | None = None) -> str | None:
    """Returns why cuDNN cannot walk a layer on this machine, or None.

    Args:
        layer: an `RNN`.
        mask: the mask of the sequences, or None.
    """
    name = keras.backend.backend()
    supported = function_of(layer.cell) in _FUNCTIONS.get(name, ())
    return unfit(layer) or _first_unmet(
        {
            "there is a mask": mask is None,
            f"Keras has no cuDNN for this cell on {name}": supported,
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

        return bool(jax.default_backend() == "gpu")
    return False


def walk(
    layer: Any, sequences: Tensor, states: Sequence[Tensor], noise: Any
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Walks a layer's cell by Keras's cuDNN function.

    Args:
        layer: an `RNN` without an `obstacle`.
        sequences: `(batch, time, features)`.
        states: the initial ones, `(batch, units)` each.
        noise: the result of `draw`.

    Returns:
        The last output, all outputs, and the list of the last states.

    Raises:
        NotImplementedError: Keras or cuDNN refuses.
    """
    cell = layer.cell
    x = ops.cast(sequences, cell.compute_dtype)  # (batch, time, features)
    x = x if noise.inputs is None else ops.multiply(x, noise.inputs)
    # Keras's `go_backwards` orders the outputs on JAX in another way than on
    # TensorFlow
    x = ops.flip(x, axis=1) if layer.go_backwards else x
    last, outputs, last_states = keras_cudnn(
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
    return last, outputs, last_states


def _first_unmet(conditions: Mapping[str, Any]) -> str | None:
    return next((why for why, met in conditions.items() if not met), None)
