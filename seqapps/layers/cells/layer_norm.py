"""LSTM and GRU with layer normalisation."""

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


def norm(x: Tensor, gain: Tensor, epsilon: float) -> Tensor:
    """Normalises the last axis to mean 0 and variance 1, times a gain."""
    dtype, size = x.dtype, x.shape[-1]
    x = ops.cast(x, keras.backend.result_type(dtype, "float32"))
    # a product is the fastest mean that XLA has on a CPU, and has a gradient
    # in a third of the time
    mean = ops.full((size, 1), 1 / size, x.dtype)
    d = x - ops.matmul(x, mean)  # (batch, ..., size)
    variance = ops.matmul(d * d, mean)  # (batch, ..., 1)
    d = d * ops.rsqrt(variance + epsilon)
    return ops.cast(ops.multiply(d, gain), dtype)


@keras.saving.register_keras_serializable(package="seqapps")
class LayerNormLSTMCell(KernelCell):
    """One step of a layer-normalised LSTM.

    With norm(a) = (a - mean(a)) / sqrt(var(a) + epsilon), over the last axis,
    from x_t `(batch, features)`, h_{t-1} and c_{t-1} `(batch, units)`:
    ```
    p_t = G_x * norm(x_t W) + b           (batch, 4 * units), all t at once
    i, f, g, o = p_t + G_h * norm(h_{t-1} U)     (batch, units) each
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
    c_t = f * c_{t-1} + i * tanh(g)       (batch, units)
    h_t = o * tanh(G_c * norm(c_t) + b_c) (batch, units), the output
    ```
    with W, U and b as in `LSTMCell`, the gains G_x and G_h `(4 * units,)`,
    and G_c and b_c `(units,)`, in this order the weights `kernel`,
    `recurrent_kernel`, `bias`, `kernel_gain`, `recurrent_gain`, `state_gain`
    and `state_bias`. Gains are 1 at first, b_c is 0. The one b stands for the
    paper's two shifts, which are added. The states are h and c, and c is kept
    as it is: only the output uses it normalised.

    Args:
        units: the size of h and of c.
        activation, recurrent_activation: tanh and sigmoid above.
        unit_forget_bias: the initial f block of b; see `LSTMCell`.
        epsilon: added to a variance.
        **kwargs: `use_bias` (of b and b_c), the initializers, regularizers
            and constraints of W, U and b, `dropout`, `recurrent_dropout` and
            `seed`, as in `LSTMCell`; `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).

    Source:
        Ba, Kiros and Hinton 2016, "Layer normalization", arXiv:1607.06450,
        supplementary material, the LSTM of "Teaching machines to read".

    Example:
        ```python
        cell = seqapps.layers.LayerNormLSTMCell(5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    recurrent_activation: Function
    unit_forget_bias: bool | float
    epsilon: float
    kernel_gain: keras.Variable
    recurrent_gain: keras.Variable
    state_gain: keras.Variable
    state_bias: keras.Variable
    gates = ("i", "f", "o")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        unit_forget_bias: bool | float = True,
        epsilon: float = 1e-3,
        **kwargs: Unpack[KernelOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = [units, units]

    def build(self, input_shape: Shape) -> None:
        initializer = forget_bias(self)
        self.add_kernels(input_shape[-1], gates=4, initializer=initializer)
        wide, size = (4 * self.units,), (self.units,)
        self.kernel_gain = self.add_weight(wide, "ones", name="kernel_gain")
        self.recurrent_gain = self.add_weight(
            wide, "ones", name="recurrent_gain"
        )
        self.state_gain = self.add_weight(size, "ones", name="state_gain")
        if self.use_bias:
            self.state_bias = self.add_weight(size, "zeros", name="state_bias")

    def project(
        self, inputs: Tensor, noise: Masks, matmul: MatMul = ops.matmul
    ) -> Tensor:
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 4 * units)
        p = norm(p, self.kernel_gain, self.epsilon)
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
        a = norm(a, self.recurrent_gain, self.epsilon)
        i, f, g, o = ops.split(projected + a, 4, axis=-1)  # (batch, units)
        i = self.recurrent_activation(i)
        f = self.recurrent_activation(f)
        o = self.recurrent_activation(o)
        c = f * c + i * self.activation(g)  # (batch, units)
        n = norm(c, self.state_gain, self.epsilon)  # (batch, units)
        n = ops.add(n, self.state_bias) if self.use_bias else n
        h = o * self.activation(n)  # (batch, units)
        return h, LSTMState(h, c)


@keras.saving.register_keras_serializable(package="seqapps")
class LayerNormGRUCell(KernelCell):
    """One step of a layer-normalised GRU.

    With norm(a) = (a - mean(a)) / sqrt(var(a) + epsilon), over the last axis
    of the gates' block and of g's, each by itself, from x_t
    `(batch, features)` and h_{t-1} `(batch, units)`:
    ```
    z, r, g = G_x * norm(x_t W) + b_0     (batch, units) each, all t at once
    s_z, s_r, s_g = G_h * norm(h_{t-1} U) + b_1  (batch, units) each
    z = sigmoid(z + s_z)                  (batch, units)
    r = sigmoid(r + s_r)                  (batch, units)
    g = tanh(g + r * s_g)                 (batch, units)
    h_t = z * h_{t-1} + (1 - z) * g       (batch, units), output and state
    ```
    with W, U and b `(2, 3 * units)` as in `GRUCell`, and the gains G_x and
    G_h `(3 * units,)`, in this order the weights `kernel`,
    `recurrent_kernel`, `bias`, `kernel_gain` and `recurrent_gain`. Gains
    are 1 at first. The paper's z is 1 - z here; see `GRUCell`.

    Args:
        units: the size of h.
        activation, recurrent_activation: tanh and sigmoid above.
        epsilon: added to a variance.
        **kwargs: `use_bias`, the initializers, regularizers and constraints
            of W, U and b, `dropout`, `recurrent_dropout` and `seed`, as in
            `GRUCell`; `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).

    Source:
        Ba, Kiros and Hinton 2016, "Layer normalization", arXiv:1607.06450,
        supplementary material, the GRU of "Order embeddings".

    Example:
        ```python
        cell = seqapps.layers.LayerNormGRUCell(5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    recurrent_activation: Function
    epsilon: float
    kernel_gain: keras.Variable
    recurrent_gain: keras.Variable
    gates = ("z", "r")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        epsilon: float = 1e-3,
        **kwargs: Unpack[KernelOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = units

    def build(self, input_shape: Shape) -> None:
        wide = (3 * self.units,)
        self.add_kernels(input_shape[-1], gates=3, shape=(2, *wide))
        self.kernel_gain = self.add_weight(wide, "ones", name="kernel_gain")
        self.recurrent_gain = self.add_weight(
            wide, "ones", name="recurrent_gain"
        )

    def _norm(self, a: Tensor, gain: Tensor, bias_row: int) -> Tensor:
        gates, g = ops.split(a, [2 * self.units], axis=-1)
        gain_gates, gain_g = ops.split(gain, [2 * self.units], axis=-1)
        gates = norm(gates, gain_gates, self.epsilon)  # (batch, ..., 2 * units)
        g = norm(g, gain_g, self.epsilon)  # (batch, ..., units)
        a = ops.concatenate([gates, g], axis=-1)  # (batch, ..., 3 * units)
        return ops.add(a, self.bias[bias_row]) if self.use_bias else a

    def project(
        self, inputs: Tensor, noise: Masks, matmul: MatMul = ops.matmul
    ) -> Tensor:
        x = drop(inputs, noise.inputs)  # (batch, ..., features)
        p = matmul(x, self.kernel)  # (batch, ..., 3 * units)
        return self._norm(p, self.kernel_gain, 0)

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Masks,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        (h,) = states  # (batch, units)
        dropped = drop(h, noise.state)  # (batch, units)
        a = matmul(dropped, self.recurrent_kernel)  # (batch, 3 * units)
        a = self._norm(a, self.recurrent_gain, 1)
        z, r, g = ops.split(projected, 3, axis=-1)  # (batch, units) each
        s_z, s_r, s_g = ops.split(a, 3, axis=-1)  # (batch, units) each
        z = self.recurrent_activation(z + s_z)
        r = self.recurrent_activation(r + s_r)
        g = self.activation(g + r * s_g)  # (batch, units)
        h = z * h + (1 - z) * g  # (batch, units)
        return h, [h]
