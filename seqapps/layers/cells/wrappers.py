"""Wrappers: cells around a cell."""

from collections.abc import Sequence
from typing import Any, Self, Unpack

import keras
from keras import ops

from seqapps.layers.cells.arguments import config_of, named, store
from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import (
    Function,
    Initializer,
    LayerOptions,
    MatMul,
    Shape,
    Step,
    Tensor,
)


class Wrapper(Cell):
    """A cell around another, with its states and its output (abstract).

    Args:
        arguments: the `named` arguments of the subclass's constructor; the
            first is `inner`, the cell inside.
        **kwargs: `name`, `dtype` (by default the inner cell's), `trainable`.

    Raises:
        ValueError: if `inner` is no `seqapps.layers.Cell`.
    """

    inner: Cell

    def __init__(self, arguments: dict[str, Any], **kwargs: Any):
        inner = arguments["inner"]
        if not isinstance(inner, Cell):
            raise ValueError(f"{inner!r} is no seqapps.layers.Cell")
        dtype = kwargs.pop("dtype", None) or inner.dtype_policy
        super().__init__(dtype=dtype, **kwargs)
        store(self, arguments)
        self.state_size = inner.state_size
        self.output_size = inner.output_size

    def build_inner(self, input_shape: Shape) -> None:
        """Builds the cell inside, unless it is built."""
        if not self.inner.built:
            self.inner.build(input_shape)
            self.inner.built = True

    @property
    def first_states(self) -> Sequence[Tensor] | None:
        """The inner cell's."""
        return self.inner.first_states

    def get_config(self) -> dict[str, Any]:
        config = {
            **super().get_config(),
            **config_of(self, self.argument_names),
        }
        inner = keras.saving.serialize_keras_object(self.inner)
        return {**config, "inner": inner}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        inner = keras.saving.deserialize_keras_object(config["inner"])
        return cls(**{**config, "inner": inner})


@keras.saving.register_keras_serializable(package="seqapps")
class Highway(Wrapper):
    """Mixes the output of a cell with its input, by a gate.

    With y_t the output of the inner cell for x_t `(batch, features)`:
    ```
    u = sigmoid(x_t W + b)                (batch, size), all t at once
    y_t = u * y_t + (1 - u) * x_t         (batch, size), the output
    ```
    with W `(features, size)` and b `(size,)`, the weights `kernel` and `bias`;
    if the sizes of x_t and y_t differ, x_t V takes the place of x_t, with V
    `(features, size)`, the weight `skip_kernel`. The states are those of the
    inner cell, without the gate. Gradients pass a stack of such layers as
    they pass a highway network. (The highway LSTM of Zhang et al. 2015 joins
    the c of two layers by a gate; this joins the outputs of any two layers.)

    Args:
        inner: the cell inside.
        transform_bias: the initial b; negative, so that at first most of x
            passes the cell by.
        kernel_initializer: the initializer of W and V.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `inner` is no `seqapps.layers.Cell`.

    Source:
        Srivastava, Greff and Schmidhuber 2015, "Highway networks",
        arXiv:1505.00387, section 2; between recurrent layers: Zhang et al.
        2015, "Highway long short-term memory RNNs for distant speech
        recognition", arXiv:1510.08983.

    Example:
        ```python
        cell = seqapps.layers.Highway(seqapps.layers.LSTMCell(5))
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 5))).shape  # (3, 7, 5)
        ```
    """

    transform_bias: float
    kernel_initializer: Function
    kernel: keras.Variable
    bias: keras.Variable
    skip_kernel: keras.Variable  # None if the sizes are equal

    def __init__(
        self,
        inner: Cell,
        transform_bias: float = -1.0,
        kernel_initializer: Initializer = "glorot_uniform",
        **kwargs: Unpack[LayerOptions],
    ):
        super().__init__(named(locals()), **kwargs)

    def build(self, input_shape: Shape) -> None:
        self.build_inner(input_shape)
        shape = (input_shape[-1], self.output_size)
        self.kernel = self.add_weight(
            shape, self.kernel_initializer, name="kernel"
        )
        self.bias = self.add_weight(
            shape[1:],
            keras.initializers.Constant(self.transform_bias),
            name="bias",
        )
        self.skip_kernel = None
        if shape[0] != shape[1]:
            self.skip_kernel = self.add_weight(
                shape, self.kernel_initializer, name="skip_kernel"
            )

    def draw(
        self, inputs: Tensor, training: bool = False, drawn: Any = None
    ) -> Any:
        return self.inner.draw_again(inputs, training, drawn)

    def project(
        self, inputs: Tensor, noise: Any, matmul: MatMul = ops.matmul
    ) -> Tensor:
        projected = self.inner.project(inputs, noise, matmul)
        a = ops.add(matmul(inputs, self.kernel), self.bias)
        if self.skip_kernel is not None:
            inputs = matmul(inputs, self.skip_kernel)
        return projected, a, inputs  # the last two (batch, ..., size)

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Any,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        projected, a, x = projected
        y, states = self.inner.step(projected, states, noise, matmul)
        u = ops.sigmoid(a)  # (batch, size)
        return u * y + (1 - u) * x, states


@keras.saving.register_keras_serializable(package="seqapps")
class LearnedState(Wrapper):
    """Learns the initial states, the same for every row.

    ```
    s_0 = S                               (size,), for every state
    ```
    with a weight `state_0`, `state_1` ... for every state of the inner cell.
    An `initial_state` that is passed to a layer takes their place. A stateful
    layer starts with S too, but S is not trained there.

    Args:
        inner: the cell inside.
        initializer: the initializer of S.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `inner` is no `seqapps.layers.Cell`.

    Source:
        Forcada and Carrasco 1995, "Learning the initial state of a
        second-order recurrent neural network during regular-language
        inference".

    Example:
        ```python
        cell = seqapps.layers.LearnedState(seqapps.layers.GRUCell(5))
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    initializer: Function

    def __init__(
        self,
        inner: Cell,
        initializer: Initializer = "zeros",
        **kwargs: Unpack[LayerOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        size = self.state_size
        # not in `build`: a layer may need the states before it is built
        self._rows = [
            self.add_weight((size,), self.initializer, name=f"state_{i}")
            for i, size in enumerate([size] if isinstance(size, int) else size)
        ]

    @property
    def first_states(self) -> Sequence[Tensor]:
        """The learned rows S."""
        return self._rows

    def build(self, input_shape: Shape) -> None:
        self.build_inner(input_shape)

    def draw(
        self, inputs: Tensor, training: bool = False, drawn: Any = None
    ) -> Any:
        return self.inner.draw_again(inputs, training, drawn)

    def project(
        self, inputs: Tensor, noise: Any, matmul: MatMul = ops.matmul
    ) -> Tensor:
        return self.inner.project(inputs, noise, matmul)

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Any,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        return self.inner.step(projected, states, noise, matmul)
