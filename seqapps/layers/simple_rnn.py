"""The layer `SimpleRNN`."""

from typing import Unpack

import keras

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.simple_rnn import SimpleRNNCell
from seqapps.layers.kernel_rnn import KernelRNN
from seqapps.layers.types import (
    Activation,
    Constraint,
    Initializer,
    RecurrentOptions,
    Regularizer,
)


@keras.saving.register_keras_serializable(package="seqapps")
class SimpleRNN(KernelRNN):
    """The simple (Elman) recurrent layer.

    ```
    h_t = tanh(x_t W + b + h_{t-1} U)     (batch, units), for t = 1 ... T
    ```

    Args:
        units ... recurrent_dropout, seed: see `SimpleRNNCell`.
        activity_regularizer: the penalty on the output.
        return_sequences, return_state, go_backwards, stateful, unroll: see
            `RNN`.
        **kwargs: `zero_output_for_mask`, `name`, `dtype`, `trainable`.

    Raises:
        ValueError: see `SimpleRNNCell` and `RNN`.

    Example:
        ```python
        layer = seqapps.layers.SimpleRNN(5, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    cell_class = SimpleRNNCell
    cell: SimpleRNNCell

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        use_bias: bool = True,
        kernel_initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        kernel_regularizer: Regularizer = None,
        recurrent_regularizer: Regularizer = None,
        bias_regularizer: Regularizer = None,
        activity_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Unpack[RecurrentOptions],
    ):
        super().__init__("simple_rnn_cell", named(locals()), **kwargs)
