"""The coupled LSTM: one gate for input and forgetting."""

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
    KernelOptions,
    MatMul,
    Shape,
    Step,
    Tensor,
)


@keras.saving.register_keras_serializable(package="seqapps")
class CoupledLSTMCell(KernelCell):
    """One step of an LSTM whose input and forget gates are one (CIFG).

    From x_t `(batch, features)`, h_{t-1} and c_{t-1} `(batch, units)`:
    ```
    p_t = x_t W + b                       (batch, 3 * units), all t at once
    i, g, o = p_t + h_{t-1} U             (batch, units) each, side by side
    i, o = sigmoid(i), sigmoid(o)
    f = 1 - i
    c_t = f * c_{t-1} + i * tanh(g)       (batch, units)
    h_t = o * tanh(c_t)                   (batch, units), the output
    ```
    with W `(features, 3 * units)`, U `(units, 3 * units)` and b
    `(3 * units,)`, in this order the weights `kernel`, `recurrent_kernel`
    and `bias`. The states are h and c. It has three quarters of the weights
    of an `LSTMCell`, which it is where an LSTM's f is its 1 - i.

    Args:
        units: the size of h and of c.
        activation, recurrent_activation: tanh and sigmoid above.
        unit_forget_bias: minus the initial i block of b, so that f starts as
            in an LSTM: 1 if True, or this number; False leaves the block to
            `bias_initializer`.
        **kwargs: `use_bias`, the initializers, regularizers and constraints
            of W, U and b, `dropout`, `recurrent_dropout` and `seed`, as in
            `LSTMCell`; `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).

    Source:
        Greff et al. 2015, "LSTM: a search space odyssey", variant CIFG, here
        without peepholes.

    Example:
        ```python
        cell = seqapps.layers.CoupledLSTMCell(5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    recurrent_activation: Function
    unit_forget_bias: bool | float
    gates = ("i", "o")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        unit_forget_bias: bool | float = True,
        **kwargs: Unpack[KernelOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = [units, units]

    def build(self, input_shape: Shape) -> None:
        initializer = forget_bias(self, block=0, blocks=3, sign=-1)
        self.add_kernels(input_shape[-1], gates=3, initializer=initializer)

    def project(
        self, inputs: Tensor, noise: Masks, matmul: MatMul = ops.matmul
    ) -> Tensor:
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 3 * units)
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
        a = matmul(dropped, self.recurrent_kernel)  # (batch, 3 * units)
        i, g, o = ops.split(projected + a, 3, axis=-1)  # (batch, units)
        i = self.recurrent_activation(i)
        o = self.recurrent_activation(o)
        f = 1 - i
        c = f * c + i * self.activation(g)  # (batch, units)
        h = o * self.activation(c)  # (batch, units)
        return h, LSTMState(h, c)
