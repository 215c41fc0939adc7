"""The simple (Elman) recurrent network, and the IRNN."""

from collections.abc import Sequence
from typing import Any, Unpack

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.kernels import KernelCell, Masks, drop
from seqapps.layers.types import (
    Activation,
    Constraint,
    Initializer,
    LayerOptions,
    MatMul,
    Regularizer,
    Shape,
    Step,
    Tensor,
)


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
        activation: tanh above; None for the identity.
        use_bias: whether b is added.
        kernel_initializer, recurrent_initializer, bias_initializer: the
            initializers of W, U and b.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: the
            penalties on W, U and b.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to
            W, U and b after each update.
        dropout, recurrent_dropout: the dropout rates of x and h_{t-1} in
            training, one mask for all steps of a sequence (Gal and
            Ghahramani 2016, section 4).
        seed: the seed of the dropout masks.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).

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
        activation: Activation = "tanh",
        use_bias: bool = True,
        kernel_initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        kernel_regularizer: Regularizer = None,
        recurrent_regularizer: Regularizer = None,
        bias_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Unpack[LayerOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = units

    def build(self, input_shape: Shape) -> None:
        self.add_kernels(input_shape[-1], gates=1)

    def project(
        self, inputs: Tensor, noise: Masks, matmul: MatMul = ops.matmul
    ) -> Tensor:
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., units)
        return ops.add(p, self.bias) if self.use_bias else p

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Masks,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        (h,) = states  # (batch, units)
        dropped = drop(h, noise.state)  # (batch, units)
        a = matmul(dropped, self.recurrent_kernel)  # (batch, units)
        h = self.activation(projected + a)  # (batch, units)
        return h, [h]


def irnn(units: int, **arguments: Any) -> SimpleRNNCell:
    """Returns a cell with ReLU whose U is the identity at first.

    Args:
        units: the size of h.
        **arguments: further arguments of `SimpleRNNCell`. In the paper W
            has normal numbers of deviation 0.001 at first.

    Source:
        Le, Jaitly and Hinton 2015, arXiv:1504.00941, section 3.
    """
    options = {"activation": "relu", "recurrent_initializer": "identity"}
    return SimpleRNNCell(units, **{**options, **arguments})
