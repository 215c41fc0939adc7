"""The recurrent highway network: several layers in each step."""

from collections.abc import Sequence
from typing import Unpack

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.kernels import (
    KernelCell,
    Masks,
    block_initializer,
    drop,
)
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
class RecurrentHighwayCell(KernelCell):
    """One step of a recurrent highway network.

    From x_t `(batch, features)` and h_{t-1} `(batch, units)`, L the depth:
    ```
    p_t = x_t W + b_1                     (batch, 2 * units), all t at once
    s_0 = h_{t-1}                         (batch, units)
    g, u = s_{l-1} U_l + (p_t if l = 1 else b_l)     (batch, units) each
    g, u = tanh(g), sigmoid(u)
    s_l = u * g + (1 - u) * s_{l-1}       (batch, units), for l = 1 ... L
    h_t = s_L                             (batch, units), output and state
    ```
    with W `(features, 2 * units)`, U_1 ... U_L side by side in
    `(units, L * 2 * units)` and b `(L, 2 * units)`, in this order the weights
    `kernel`, `recurrent_kernel` and `bias`. The paper calls g "h", the
    transform gate u "t", and 1 - u the carry gate "c".

    Args:
        units: the size of h.
        depth: L.
        activation, recurrent_activation: tanh and sigmoid above.
        transform_bias: the initial u blocks of b; negative, so that at first
            most of s is carried on.
        **kwargs: `use_bias`, the initializers, regularizers and constraints
            of W, U and b, `dropout`, `recurrent_dropout` (of every s, all by
            one mask) and `seed`, as in `SimpleRNNCell`; `name`, `dtype`,
            `trainable`.

    Raises:
        ValueError: if `units` or `depth` is not positive, or a rate not in
            [0, 1).

    Source:
        Zilly, Srivastava, Koutnik and Schmidhuber 2016, "Recurrent highway
        networks", arXiv:1607.03474, section 4, with coupled gates.

    Example:
        ```python
        cell = seqapps.layers.RecurrentHighwayCell(5, depth=3)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    depth: int
    recurrent_activation: Function
    transform_bias: float
    gates = ("u",)

    def __init__(
        self,
        units: int,
        depth: int = 2,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        transform_bias: float = -2.0,
        **kwargs: Unpack[KernelOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        if depth <= 0:
            raise ValueError(f"depth must be positive, not {depth}")
        self.state_size = units

    def build(self, input_shape: Shape) -> None:
        self.add_kernels(
            input_shape[-1],
            gates=2,
            recurrent=self.depth,
            shape=(self.depth, 2 * self.units),
            initializer=block_initializer(
                self.bias_initializer, self.transform_bias, block=1, blocks=2
            ),
        )

    def project(
        self, inputs: Tensor, noise: Masks, matmul: MatMul = ops.matmul
    ) -> Tensor:
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 2 * units)
        return ops.add(p, self.bias[0]) if self.use_bias else p

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Masks,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        (s,) = states  # (batch, units)
        width = 2 * self.units
        for layer in range(self.depth):
            columns = slice(layer * width, (layer + 1) * width)
            dropped = drop(s, noise.state)  # (batch, units)
            a = matmul(dropped, self.recurrent_kernel[:, columns])
            if layer == 0:
                a = projected + a  # (batch, 2 * units)
            elif self.use_bias:
                a = ops.add(a, self.bias[layer])
            g, u = ops.split(a, 2, axis=-1)  # (batch, units) each
            g, u = self.activation(g), self.recurrent_activation(u)
            s = u * g + (1 - u) * s  # (batch, units)
        return s, [s]
