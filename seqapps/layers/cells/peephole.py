"""The peephole LSTM: its gates see the cell state."""

from collections.abc import Sequence
from typing import Unpack

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.kernels import KernelCell, Masks, drop
from seqapps.layers.cells.lstm import LSTMState, forget_bias
from seqapps.layers.types import (
    Activation,
    Function,
    Initializer,
    KernelOptions,
    MatMul,
    Shape,
    Step,
    Tensor,
)


@keras.saving.register_keras_serializable(package="seqapps")
class PeepholeLSTMCell(KernelCell):
    """One step of an LSTM whose gates depend on c too.

    From x_t `(batch, features)`, h_{t-1} and c_{t-1} `(batch, units)`:
    ```
    p_t = x_t W + b                       (batch, 4 * units), all t at once
    i, f, g, o = p_t + h_{t-1} U          (batch, units) each, side by side
    i = sigmoid(i + c_{t-1} * P_i)        (batch, units)
    f = sigmoid(f + c_{t-1} * P_f)        (batch, units)
    c_t = f * c_{t-1} + i * tanh(g)       (batch, units)
    o = sigmoid(o + c_t * P_o)            (batch, units)
    h_t = o * tanh(c_t)                   (batch, units), the output
    ```
    with W, U and b as in `LSTMCell`, and P `(3, units)`, its rows P_i, P_f
    and P_o, in this order the weights `kernel`, `recurrent_kernel`, `bias`
    and `peephole_kernel`. With P = 0 it is an `LSTMCell`. The states are h
    and c.

    Args:
        units: the size of h and of c.
        activation, recurrent_activation: tanh and sigmoid above.
        unit_forget_bias: the initial f block of b; see `LSTMCell`.
        peephole_initializer: the initializer of P.
        **kwargs: `use_bias`, the initializers, regularizers and constraints
            of W, U and b, `dropout`, `recurrent_dropout` and `seed`, as in
            `LSTMCell`; `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).

    Source:
        Gers and Schmidhuber 2000, "Recurrent nets that time and count",
        section "Extending LSTM with peephole connections".

    Example:
        ```python
        cell = seqapps.layers.PeepholeLSTMCell(5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    recurrent_activation: Function
    unit_forget_bias: bool | float
    peephole_initializer: Function
    peephole_kernel: keras.Variable
    gates = ("i", "f", "o")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        unit_forget_bias: bool | float = True,
        peephole_initializer: Initializer = "glorot_uniform",
        **kwargs: Unpack[KernelOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = [units, units]

    def build(self, input_shape: Shape) -> None:
        initializer = forget_bias(self)
        self.add_kernels(input_shape[-1], gates=4, initializer=initializer)
        self.peephole_kernel = self.add_matrix(
            "peephole_kernel", (3, self.units)
        )

    def project(
        self, inputs: Tensor, noise: Masks, matmul: MatMul = ops.matmul
    ) -> Tensor:
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 4 * units)
        return ops.add(p, self.bias) if self.use_bias else p

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Masks,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        h, c = states  # (batch, units) each
        dropped = drop(h, noise.state)  # (batch, units)
        a = matmul(dropped, self.recurrent_kernel)  # (batch, 4 * units)
        i, f, g, o = ops.split(projected + a, 4, axis=-1)  # (batch, units)
        p_i, p_f, p_o = (self.peephole_kernel[row] for row in range(3))
        i = self.recurrent_activation(i + ops.multiply(c, p_i))
        f = self.recurrent_activation(f + ops.multiply(c, p_f))
        c = f * c + i * self.activation(g)  # (batch, units)
        o = self.recurrent_activation(o + ops.multiply(c, p_o))
        h = o * self.activation(c)  # (batch, units)
        return h, LSTMState(h, c)
