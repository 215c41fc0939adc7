"""Long short-term memory: a cell that adds to its memory."""

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.kernels import (
    KernelCell,
    block_initializer,
    drop,
)


def forget_bias(cell, block: int = 1, blocks: int = 4, sign: int = 1):
    """Returns how the bias of a kind of LSTM begins."""
    value = cell.unit_forget_bias
    if value is False:
        return cell.bias_initializer
    return block_initializer(
        cell.bias_initializer, sign * float(value), block, blocks
    )


@keras.saving.register_keras_serializable(package="seqapps")
class LSTMCell(KernelCell):
    """One step of long short-term memory.

    From x_t `(batch, features)`, h_{t-1} and c_{t-1} `(batch, units)`:
    ```
    p_t = x_t W + b                       (batch, 4 * units), all t at once
    i, f, g, o = p_t + h_{t-1} U          (batch, units) each, side by side
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
    c_t = f * c_{t-1} + i * tanh(g)       (batch, units)
    h_t = o * tanh(c_t)                   (batch, units), the output
    ```
    with W `(features, 4 * units)`, U `(units, 4 * units)` and b
    `(4 * units,)`, in this order the weights `kernel`, `recurrent_kernel`
    and `bias`. The states are h and c. Keras calls the block g "c".

    Args:
        units: the size of h and of c.
        activation: tanh above; None applies none.
        recurrent_activation: sigmoid above; None applies none.
        use_bias: whether there is b.
        unit_forget_bias: True begins the f block of b as 1 (Jozefowicz,
            Zaremba and Sutskever 2015, section 3), a number as that number;
            False leaves it to `bias_initializer`.
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
        Hochreiter and Schmidhuber 1997, "Long short-term memory", section 4;
        f: Gers, Schmidhuber and Cummins 2000, "Learning to forget",
        section 3.

    Example:
        ```python
        cell = seqapps.layers.LSTMCell(5)
        states = cell.get_initial_state(batch_size=3)
        y, (h, c) = cell(keras.random.normal((3, 2)), states)  # (3, 5) each
        ```
    """

    gates = ("i", "f", "o")

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
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        implementation: int = 2,
        **kwargs,
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = [units, units]

    def build(self, input_shape):
        initializer = forget_bias(self)
        self.add_kernels(input_shape[-1], gates=4, initializer=initializer)

    def project(self, inputs, noise, matmul=ops.matmul):
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 4 * units)
        return ops.add(p, self.bias) if self.use_bias else p

    def step(self, projected, states, noise, matmul=ops.matmul):
        h, c = states  # (batch, units) each
        seen = drop(h, noise.state)  # (batch, units)
        a = matmul(seen, self.recurrent_kernel)  # (batch, 4 * units)
        i, f, g, o = ops.split(projected + a, 4, axis=-1)  # (batch, units)
        i = self.recurrent_activation(i)
        f = self.recurrent_activation(f)
        o = self.recurrent_activation(o)
        c = f * c + i * self.activation(g)  # (batch, units)
        h = o * self.activation(c)  # (batch, units)
        return h, [h, c]
