"""The simple recurrent network: one matrix, one nonlinearity."""

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.kernels import KernelCell, drop


@keras.saving.register_keras_serializable(package="seqapps")
class SimpleRNNCell(KernelCell):
    """One step of a simple recurrent network.

    From x_t `(batch, features)` and h_{t-1} `(batch, units)`:
    ```
    p_t = x_t W + b                       (batch, units), for all t at once
    h_t = tanh(p_t + h_{t-1} U)           (batch, units), output and state
    ```
    with W `(features, units)`, U `(units, units)` and b `(units,)`, in this
    order the weights `kernel`, `recurrent_kernel` and `bias`.
    `activation="relu", recurrent_initializer="identity"` makes it an IRNN
    (Le, Jaitly and Hinton 2015, arXiv:1504.00941).

    Args:
        units: the size of h.
        activation: tanh above; None applies none.
        use_bias: whether there is b.
        kernel_initializer, recurrent_initializer, bias_initializer: how W, U
            and b begin.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: what is
            added to the loss for W, U and b.
        kernel_constraint, recurrent_constraint, bias_constraint: what W, U
            and b are held to after an update.
        dropout, recurrent_dropout: the fractions of x and of h_{t-1} that a
            product does not see in training, the same ones at every step of
            a sequence (Gal and Ghahramani 2016, section 4).
        seed: an integer that begins the random numbers of dropout.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a fraction not in [0, 1).

    Source:
        Elman 1990, "Finding structure in time".

    Example:
        ```python
        cell = seqapps.layers.SimpleRNNCell(5)
        h = cell.get_initial_state(batch_size=3)
        y, h = cell(keras.random.normal((3, 2)), h)  # (3, 5), [(3, 5)]
        ```
    """

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
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = units

    def build(self, input_shape):
        self.add_kernels(input_shape[-1], gates=1)

    def project(self, inputs, noise, matmul=ops.matmul):
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., units)
        return ops.add(p, self.bias) if self.use_bias else p

    def step(self, projected, states, noise, matmul=ops.matmul):
        (h,) = states  # (batch, units)
        seen = drop(h, noise.state)  # (batch, units)
        a = matmul(seen, self.recurrent_kernel)  # (batch, units)
        h = self.activation(projected + a)  # (batch, units)
        return h, [h]
