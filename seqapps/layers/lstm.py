"""The layer `LSTM`."""

from typing import Literal, Unpack

import keras

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.lstm import LSTMCell
from seqapps.layers.kernel_rnn import KernelRNN
from seqapps.layers.types import (
    Activation,
    Constraint,
    Function,
    Initializer,
    RecurrentOptions,
    Regularizer,
)


@keras.saving.register_keras_serializable(package="seqapps")
class LSTM(KernelRNN):
    """The long short-term memory layer (LSTM).

    ```
    i, f, g, o = x_t W + b + h_{t-1} U    (batch, units) each, t = 1 ... T
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
    c_t = f * c_{t-1} + i * tanh(g)
    h_t = o * tanh(c_t)
    ```

    Args:
        units ... recurrent_dropout, seed: see `LSTMCell`.
        activity_regularizer: the penalty on the output.
        return_sequences, return_state, go_backwards, stateful, unroll: see
            `RNN`.
        use_cudnn: "auto" uses cuDNN where it can, False never, and True
            raises an error where it cannot; see `RNN`.
        implementation: accepted as by Keras, without effect: one product
            computes all gates.
        **kwargs: `zero_output_for_mask`, `walk`, `name`, `dtype`, `trainable`.

    Raises:
        ValueError: see `LSTMCell` and `RNN`.

    Example:
        ```python
        layer = seqapps.layers.LSTM(5, return_state=True)
        y, h, c = layer(keras.random.normal((3, 7, 2)))  # (3, 5) each
        ```
    """

    cell_class = LSTMCell
    cell: LSTMCell
    recurrent_activation: Function
    unit_forget_bias: bool | float
    implementation: int

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        unit_forget_bias: bool | float = True,
        kernel_regularizer: Regularizer = None,
        recurrent_regularizer: Regularizer = None,
        bias_regularizer: Regularizer = None,
        activity_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Literal["auto"] | bool = "auto",
        implementation: int = 2,
        **kwargs: Unpack[RecurrentOptions],
    ):
        super().__init__("lstm_cell", named(locals()), **kwargs)
