"""The layer `GRU`: its cell, walked through time."""

import keras

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.gru import GRUCell
from seqapps.layers.kernel_rnn import KernelRNN


@keras.saving.register_keras_serializable(package="seqapps")
class GRU(KernelRNN):
    """A `GRUCell`, walked through time.

    ```
    z, r, g = x_t W + b_0                 (batch, units) each, t = 1 ... T
    z = sigmoid(z + h_{t-1} U_z + b_1z)
    r = sigmoid(r + h_{t-1} U_r + b_1r)
    g = tanh(g + r * (h_{t-1} U_g + b_1g))     see `GRUCell` on reset_after
    h_t = z * h_{t-1} + (1 - z) * g
    ```

    Args:
        units ... recurrent_dropout, seed, reset_after: see `GRUCell`.
        activity_regularizer: what is added to the loss for the output.
        return_sequences, return_state, go_backwards, stateful, unroll: see
            `RNN`.
        use_cudnn: "auto" walks by cuDNN where it can, False never, and True
            raises an error where it cannot; see `RNN`.
        implementation: kept, without effect: one product makes all gates.
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

    def __init__(
        self,
        units: int,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: str | bool = "auto",
        implementation: int = 2,
        **kwargs,
    ):
        super().__init__("gru_cell", named(locals()), **kwargs)
