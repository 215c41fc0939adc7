"""The layer `LSTM`: its cell, walked through time."""

import keras

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.lstm import LSTMCell
from seqapps.layers.kernel_rnn import KernelRNN


@keras.saving.register_keras_serializable(package="seqapps")
class LSTM(KernelRNN):
    """An `LSTMCell`, walked through time.

    ```
    i, f, g, o = x_t W + b + h_{t-1} U    (batch, units) each, t = 1 ... T
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
    c_t = f * c_{t-1} + i * tanh(g)
    h_t = o * tanh(c_t)
    ```

    Args:
        units ... recurrent_dropout, seed: see `LSTMCell`.
        activity_regularizer: what is added to the loss for the output.
        return_sequences, return_state, go_backwards, stateful, unroll: see
            `RNN`.
        use_cudnn: "auto" walks by cuDNN where it can, False never, and True
            raises an error where it cannot; see `RNN`.
        implementation: kept, without effect: one product makes all gates.
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

    def __init__(
        self,
        units: int,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias: bool = True,
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
        use_cudnn: str | bool = "auto",
        implementation: int = 2,
        **kwargs,
    ):
        super().__init__("lstm_cell", named(locals()), **kwargs)
