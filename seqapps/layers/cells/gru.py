"""The gated recurrent unit: a state that is its own memory."""

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.kernels import KernelCell, drop


@keras.saving.register_keras_serializable(package="seqapps")
class GRUCell(KernelCell):
    """One step of a gated recurrent unit.

    From x_t `(batch, features)` and h_{t-1} `(batch, units)`:
    ```
    z, r, g = x_t W + b_0                 (batch, units) each, all t at once
    z = sigmoid(z + h_{t-1} U_z + b_1z)   (batch, units)
    r = sigmoid(r + h_{t-1} U_r + b_1r)   (batch, units)
    g = tanh(g + r * (h_{t-1} U_g + b_1g))     reset_after=True
    g = tanh(g + (r * h_{t-1}) U_g)            reset_after=False, b_1 = 0
    h_t = z * h_{t-1} + (1 - z) * g       (batch, units), output and state
    ```
    with W `(features, 3 * units)`, U `(units, 3 * units)` and b
    `(2, 3 * units)`, or `(3 * units,)` without `reset_after`, in this order
    the weights `kernel`, `recurrent_kernel` and `bias`. Keras calls the block
    g "h". Here z says how much is kept. Lectures often write an update gate
    u that says how much is new, h_t = (1 - u) * h_{t-1} + u * g: then
    u = 1 - z, and as 1 - sigmoid(a) = sigmoid(-a), their weights for u are
    these for z with the sign turned.

    Args:
        units: the size of h.
        activation: tanh above; None applies none.
        recurrent_activation: sigmoid above; None applies none.
        use_bias: whether there is b.
        reset_after: whether r comes after the product, as in cuDNN, or before
            it, as in the paper.
        kernel_initializer, recurrent_initializer, bias_initializer: how W, U
            and b begin.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: what is
            added to the loss for W, U and b.
        kernel_constraint, recurrent_constraint, bias_constraint: what W, U
            and b are held to after an update.
        dropout, recurrent_dropout: the fractions of x and of h_{t-1} that a
            product does not see in training, the same ones at every step of
            a sequence and for every gate (Gal and Ghahramani 2016, section
            4, their "tied weights"); Keras draws for each gate where there
            is recurrent dropout.
        seed: an integer that begins the random numbers of dropout.
        implementation: kept, without effect: one product makes all gates.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a fraction not in [0, 1).

    Source:
        Cho et al. 2014, "Learning phrase representations using RNN
        encoder-decoder", section 2.3.

    Example:
        ```python
        cell = seqapps.layers.GRUCell(5)
        h = cell.get_initial_state(batch_size=3)
        y, h = cell(keras.random.normal((3, 2)), h)  # (3, 5), [(3, 5)]
        ```
    """

    gates = ("z", "r")

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
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        implementation: int = 2,
        **kwargs,
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = units

    def build(self, input_shape):
        shape = (2, 3 * self.units) if self.reset_after else (3 * self.units,)
        self.add_kernels(input_shape[-1], gates=3, shape=shape)

    def project(self, inputs, noise, matmul=ops.matmul):
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 3 * units)
        if not self.use_bias:
            return p
        return ops.add(p, self.bias[0] if self.reset_after else self.bias)

    def step(self, projected, states, noise, matmul=ops.matmul):
        (h,) = states  # (batch, units)
        seen = drop(h, noise.state)  # (batch, units)
        p_z, p_r, p_g = ops.split(projected, 3, axis=-1)  # (batch, units)
        if self.reset_after:
            a = matmul(seen, self.recurrent_kernel)  # (batch, 3 * units)
            a = ops.add(a, self.bias[1]) if self.use_bias else a
            a_z, a_r, a_g = ops.split(a, 3, axis=-1)  # (batch, units) each
        else:
            a = matmul(seen, self.recurrent_kernel[:, : 2 * self.units])
            a_z, a_r = ops.split(a, 2, axis=-1)  # (batch, units) each
        z = self.recurrent_activation(p_z + a_z)
        r = self.recurrent_activation(p_r + a_r)
        if self.reset_after:
            a_g = r * a_g
        else:
            a_g = matmul(r * seen, self.recurrent_kernel[:, 2 * self.units :])
        g = self.activation(p_g + a_g)  # (batch, units)
        h = z * h + (1 - z) * g  # (batch, units)
        return h, [h]
