"""The layer `GRU`."""

from typing import Literal, Unpack

import keras

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.gru import GRUCell
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
class GRU(KernelRNN):
    """The gated recurrent unit layer (GRU).

    ```
    z, r, g = x_t W + b_0                 (batch, units) each, t = 1 ... T
    z = sigmoid(z + h_{t-1} U_z + b_1z)
    r = sigmoid(r + h_{t-1} U_r + b_1r)
    g = tanh(g + r * (h_{t-1} U_g + b_1g))     see `GRUCell` on reset_after
    h_t = z * h_{t-1} + (1 - z) * g
    ```

    Args:
        units ... recurrent_dropout, seed, reset_after: see `GRUCell`.
        activity_regularizer: the penalty on the output.
        return_sequences, return_state, go_backwards, stateful, unroll: see
            `RNN`.
        use_cudnn: "auto" uses cuDNN where it can, False never, and True
            raises an error where it cannot; see `RNN`.
        implementation: accepted as by Keras, without effect: one product
            computes all gates.
        **kwargs: `zero_output_for_mask`, `walk`, `name`, `dtype`, `trainable`.

    Raises:
        ValueError: see `GRUCell` and `RNN`.

    Example:
        ```python
        layer = seqapps.layers.GRU(5, return_state=True)
        y, h = layer(keras.random.normal((3, 7, 2)))  # (3, 5) each
        ```
    """

    cell_class = GRUCell
    cell: GRUCell
    recurrent_activation: Function
    reset_after: bool
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
        reset_after: bool = True,
        use_cudnn: Literal["auto"] | bool = "auto",
        implementation: int = 2,
        **kwargs: Unpack[RecurrentOptions],
    ):
        super().__init__("gru_cell", named(locals()), **kwargs)
