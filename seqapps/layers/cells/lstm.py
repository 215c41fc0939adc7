"""Long short-term memory (LSTM)."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

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


class LSTMState(NamedTuple):
    """The states of an LSTM by name, for calls of a cell step by step.

    Cells and layers return lists of states, as Keras's `StackedRNNCells` and
    loops need; a cell that is given an `LSTMState` returns one.

    Example:
        ```python
        cell = seqapps.layers.LSTMCell(5)
        states = seqapps.layers.LSTMState(*cell.get_initial_state(3))
        y, states = cell(keras.random.normal((3, 2)), states)
        states.c.shape  # (3, 5)
        ```
    """

    h: Tensor  # (batch, units), the hidden state
    c: Tensor  # (batch, units), the cell state


def forget_bias(
    cell: Any, block: int = 1, blocks: int = 4, sign: int = 1
) -> Function:
    """Returns the bias initializer of an LSTM or a variant of it."""
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
        activation: tanh above; None for the identity.
        recurrent_activation: sigmoid above; None for the identity.
        use_bias: whether b is added.
        unit_forget_bias: the initial f block of b: 1 if True (Jozefowicz,
            Zaremba and Sutskever 2015, section 3), or this number; False
            leaves it to `bias_initializer`.
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

    recurrent_activation: Function
    unit_forget_bias: bool | float
    implementation: int
    gates = ("i", "f", "o")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        unit_forget_bias: bool | float = True,
        kernel_regularizer: Regularizer = None,
        recurrent_regularizer: Regularizer = None,
        bias_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        implementation: int = 2,
        **kwargs: Unpack[LayerOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        self.state_size = [units, units]

    def build(self, input_shape: Shape) -> None:
        initializer = forget_bias(self)
        self.add_kernels(input_shape[-1], gates=4, initializer=initializer)

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
        i = self.recurrent_activation(i)
        f = self.recurrent_activation(f)
        o = self.recurrent_activation(o)
        c = f * c + i * self.activation(g)  # (batch, units)
        h = o * self.activation(c)  # (batch, units)
        return h, LSTMState(h, c)
