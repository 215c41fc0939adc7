"""The projection LSTM: a large cell state, a small output."""

from collections.abc import Sequence
from typing import Any, Unpack

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
class ProjectionLSTMCell(KernelCell):
    """One step of an LSTM whose h is a projection to fewer numbers.

    From x_t `(batch, features)`, h_{t-1} `(batch, projection)` and c_{t-1}
    `(batch, units)`:
    ```
    p_t = x_t W + b                       (batch, 4 * units), all t at once
    i, f, g, o = p_t + h_{t-1} U          (batch, units) each, side by side
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
    c_t = f * c_{t-1} + i * tanh(g)       (batch, units)
    m_t = o * tanh(c_t)                   (batch, units)
    h_t = m_t V                           (batch, projection), the output
    ```
    with W `(features, 4 * units)`, U `(projection, 4 * units)`, b
    `(4 * units,)` and V `(units, projection)`, in this order the weights
    `kernel`, `recurrent_kernel`, `bias` and `projection_kernel`. The states
    are h and c. The paper calls h "r".

    Args:
        units: the size of c.
        projection: the size of h.
        activation, recurrent_activation: tanh and sigmoid above.
        unit_forget_bias: the initial f block of b; see `LSTMCell`.
        projection_initializer: the initializer of V.
        **kwargs: `use_bias`, the initializers, regularizers and constraints
            of W, U and b, `dropout`, `recurrent_dropout` and `seed`, as in
            `LSTMCell`; `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` or `projection` is not positive, or a rate not
            in [0, 1).

    Source:
        Sak, Senior and Beaufays 2014, "Long short-term memory recurrent
        neural network architectures for large scale acoustic modeling",
        section "LSTMP", here without peepholes and without the projection that
        does not recur.

    Example:
        ```python
        cell = seqapps.layers.ProjectionLSTMCell(11, projection=5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    recurrent_activation: Function
    unit_forget_bias: bool | float
    projection: int
    projection_initializer: Function
    projection_kernel: keras.Variable
    gates = ("i", "f", "o")

    def __init__(
        self,
        units: int,
        projection: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        unit_forget_bias: bool | float = True,
        projection_initializer: Initializer = "glorot_uniform",
        **kwargs: Unpack[KernelOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        if projection <= 0:
            raise ValueError(f"projection must be positive, not {projection}")
        self.output_size = projection
        self.state_size = [projection, units]

    def build(self, input_shape: Shape) -> None:
        initializer = forget_bias(self)
        self.add_kernels(input_shape[-1], gates=4, initializer=initializer)
        self.projection_kernel = self.add_matrix(
            "projection_kernel", (self.units, self.projection)
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
        h, c = states  # (batch, projection), (batch, units)
        dropped = drop(h, noise.state)  # (batch, projection)
        a = matmul(dropped, self.recurrent_kernel)  # (batch, 4 * units)
        i, f, g, o = ops.split(projected + a, 4, axis=-1)  # (batch, units)
        i = self.recurrent_activation(i)
        f = self.recurrent_activation(f)
        o = self.recurrent_activation(o)
        c = f * c + i * self.activation(g)  # (batch, units)
        m = o * self.activation(c)  # (batch, units)
        h = matmul(m, self.projection_kernel)  # (batch, projection)
        return h, LSTMState(h, c)


def projection_lstm(units: int, **arguments: Any) -> ProjectionLSTMCell:
    """Returns a cell whose c has twice the size of its output.

    Args:
        units: the size of h, the output.
        **arguments: further arguments of `ProjectionLSTMCell`.
    """
    sizes = {"units": 2 * units, "projection": units}
    return ProjectionLSTMCell(**{**sizes, **arguments})
