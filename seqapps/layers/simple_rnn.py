"""The layer `SimpleRNN`: its cell, walked through time."""

import keras

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.simple_rnn import SimpleRNNCell
from seqapps.layers.kernel_rnn import KernelRNN


@keras.saving.register_keras_serializable(package="seqapps")
class SimpleRNN(KernelRNN):
    """A `SimpleRNNCell`, walked through time.

    ```
    h_t = tanh(x_t W + b + h_{t-1} U)     (batch, units), for t = 1 ... T
    ```

    Args:
        units ... recurrent_dropout, seed: see `SimpleRNNCell`.
        activity_regularizer: what is added to the loss for the output.
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

    def __init__(
        self,
        units: int,
        activation="tanh",
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__("simple_rnn_cell", named(locals()), **kwargs)
