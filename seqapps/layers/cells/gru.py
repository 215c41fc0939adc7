"""The gated recurrent unit (GRU)."""

from collections.abc import Sequence
from typing import Unpack

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.kernels import KernelCell, Masks, drop
from seqapps.layers.types import (
    Activation,
    Constraint,
    Function,
    Initializer,
    LayerOptions,
    MatMul,
    Regularizer,
    Shape,
    Step,
    Tensor,
)


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
    g "h". Here z is the share of h that stays. Lectures often write an update
    gate u, the share that is new, h_t = (1 - u) * h_{t-1} + u * g: then
    u = 1 - z, and as 1 - sigmoid(a) = sigmoid(-a), their weights for u are
    minus those for z.

    Args:
        units: the size of h.
        activation: tanh above; None for the identity.
        recurrent_activation: sigmoid above; None for the identity.
        use_bias: whether b is added.
        reset_after: whether r multiplies after the product, as in cuDNN, or
            before it, as in the paper.
        kernel_initializer, recurrent_initializer, bias_initializer: the
            initializers of W, U and b.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: the
            penalties on W, U and b.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to
            W, U and b after each update.
        dropout, recurrent_dropout: the dropout rates of x and h_{t-1} in
            training, one mask for all steps of a sequence and all gates (Gal
            and Ghahramani 2016, section 4, their "tied weights"); with
            recurrent dropout Keras draws one mask for each gate.
        seed: the seed of the dropout masks.
        implementation: accepted as by Keras, without effect: one product
            computes all gates.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).

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

    recurrent_activation: Function
    reset_after: bool
    implementation: int
    gates = ("z", "r")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
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
        reset_after: bool = True,
        seed: int | None = None,
        implementation: int = 2,
        **kwargs: Unpack[LayerOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = units

    def build(self, input_shape: Shape) -> None:
        shape = (2, 3 * self.units) if self.reset_after else (3 * self.units,)
        self.add_kernels(input_shape[-1], gates=3, shape=shape)

    def project(
        self, inputs: Tensor, noise: Masks, matmul: MatMul = ops.matmul
    ) -> Tensor:
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 3 * units)
        if not self.use_bias:
            return p
        return ops.add(p, self.bias[0] if self.reset_after else self.bias)

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Masks,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        (h,) = states  # (batch, units)
        dropped = drop(h, noise.state)  # (batch, units)
        p_z, p_r, p_g = ops.split(projected, 3, axis=-1)  # (batch, units)
        if self.reset_after:
            a = matmul(dropped, self.recurrent_kernel)  # (batch, 3 * units)
            a = ops.add(a, self.bias[1]) if self.use_bias else a
            a_z, a_r, a_g = ops.split(a, 3, axis=-1)  # (batch, units) each
        else:
            a = matmul(dropped, self.recurrent_kernel[:, : 2 * self.units])
            a_z, a_r = ops.split(a, 2, axis=-1)  # (batch, units) each
        z = self.recurrent_activation(p_z + a_z)
        r = self.recurrent_activation(p_r + a_r)
        if self.reset_after:
            a_g = r * a_g
        else:
            a_g = matmul(
                r * dropped, self.recurrent_kernel[:, 2 * self.units :]
            )
        g = self.activation(p_g + a_g)  # (batch, units)
        h = z * h + (1 - z) * g  # (batch, units)
        return h, [h]
