"""The minimal GRU: its gates depend on the input only."""

from typing import Any, ClassVar, Unpack

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.cell import LinearCell
from seqapps.layers.cells.kernels import KernelCell, Masks, drop
from seqapps.layers.types import (
    Activation,
    Function,
    InputOptions,
    MatMul,
    Shape,
    Tensor,
)


@keras.saving.register_keras_serializable(package="seqapps")
class MinGRUCell(LinearCell, KernelCell):
    """One step of a minimal GRU.

    From x_t `(batch, features)` and h_{t-1} `(batch, units)`:
    ```
    z, g = x_t W + b                      (batch, units) each, all t at once
    z = sigmoid(z)                        (batch, units)
    h_t = z * h_{t-1} + (1 - z) * g       (batch, units), output and state
    ```
    with W `(features, 2 * units)` and b `(2 * units,)`, in this order the
    weights `kernel` and `bias`. As z and g do not depend on h, a step is
    linear in h, and `RNN` computes all steps by a parallel scan. As in
    `GRUCell`, z is the share of h that stays; the paper's z is 1 - z here.

    Args:
        units: the size of h.
        activation: of g; None for the identity, as in the paper.
        recurrent_activation: sigmoid above; None for the identity.
        **kwargs: `use_bias`, the initializers, regularizers and constraints
            of W and b, `dropout` and `seed`, as in `GRUCell`; `name`,
            `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).

    Source:
        Feng et al. 2024, "Were RNNs all we needed?", arXiv:2410.01201,
        section 3, minGRU.

    Example:
        ```python
        cell = seqapps.layers.MinGRUCell(5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    recurrent_activation: Function
    gates = ("z",)
    shared: ClassVar[dict[str, Any]] = {
        name: default
        for name, default in KernelCell.shared.items()
        if not name.startswith("recurrent")
    }

    def __init__(
        self,
        units: int,
        activation: Activation = None,
        recurrent_activation: Activation = "sigmoid",
        **kwargs: Unpack[InputOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = units

    def build(self, input_shape: Shape) -> None:
        self.add_kernels(input_shape[-1], gates=2, recurrent=0)

    def project(
        self, inputs: Tensor, noise: Masks, matmul: MatMul = ops.matmul
    ) -> Tensor:
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 2 * units)
        return ops.add(p, self.bias) if self.use_bias else p

    def coefficients(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        z, g = ops.split(projected, 2, axis=-1)  # (batch, ..., units) each
        z = self.recurrent_activation(z)
        return z, (1 - z) * self.activation(g)
