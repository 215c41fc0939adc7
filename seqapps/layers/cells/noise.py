"""Wrappers that draw random masks: zoneout and DropConnect."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.cell import Cell
from seqapps.layers.cells.kernels import check_rate
from seqapps.layers.cells.wrappers import Wrapper
from seqapps.layers.types import LayerOptions, MatMul, Shape, Step, Tensor


class Noise(NamedTuple):
    """The random numbers of a wrapper and of its cell."""

    inner: Any  # of the cell
    masks: tuple[Tensor, ...]  # of the wrapper; () if there are none


@keras.saving.register_keras_serializable(package="seqapps")
class Zoneout(Wrapper):
    """Keeps the last value of random units of the states, at each step.

    With y_t and s_t the output and states of the inner cell from s_{t-1}:
    ```
    d_t = 1 with probability rate, else 0        in training, new for each t
    d_t = rate                                   at inference: the expectation
    s_t = d_t * s_{t-1} + (1 - d_t) * s_t        (batch, size)
    y_t = h_t                                    where y_t is the state h_t
    ```
    for each state: the first, h, has the rate `hidden`, the others, c, have
    the rate `cell`.

    Args:
        inner: the cell inside.
        hidden: the rate of h.
        cell: the rate of c.
        seed: the seed of the random numbers.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if a rate is not in [0, 1), or `cell` is not 0 and there
            is no state but h.
        NotImplementedError: in training on JAX, in `keras.layers.RNN` or in a
            stack of cells: Keras's loop cannot draw at each step.

    Source:
        Krueger et al. 2016, "Zoneout: regularizing RNNs by randomly
        preserving hidden activations", arXiv:1606.01305, section 3.

    Example:
        ```python
        cell = seqapps.layers.Zoneout(
            seqapps.layers.LSTMCell(5), hidden=0.1, cell=0.5
        )
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    hidden: float
    cell: float
    seed: int | None

    def __init__(
        self,
        inner: Cell,
        hidden: float = 0.0,
        cell: float = 0.0,
        seed: int | None = None,
        **kwargs: Unpack[LayerOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        check_rate("hidden", hidden)
        check_rate("cell", cell)
        if cell and isinstance(self.state_size, int):
            raise ValueError(
                f"cell={cell}, but {type(inner).__name__} has no state but h"
            )
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Shape) -> None:
        self.build_inner(input_shape)

    def _sizes_and_rates(self) -> list[tuple[int, float]]:
        size = self.state_size
        h, *others = [size] if isinstance(size, int) else size
        return [(h, self.hidden), *((other, self.cell) for other in others)]

    def draw(
        self, inputs: Tensor, training: bool = False, drawn: Any = None
    ) -> Noise:
        inner = self.inner.draw_again(inputs, training, drawn and drawn.inner)
        if not training:
            return Noise(inner, ())
        if drawn is not None and keras.backend.backend() == "jax":
            raise NotImplementedError(
                "Keras's loop cannot draw at each step on JAX: use Zoneout "
                "in seqapps.layers.RNN, and stack such layers, not cells"
            )
        axes = ops.shape(inputs)[:-1]  # (batch, ...)
        masks = tuple(
            keras.random.uniform((*axes, size), seed=self.seed_generator) < rate
            for size, rate in self._sizes_and_rates()
            if rate
        )
        return Noise(inner, masks)  # (batch, ..., size) each, bool

    def project(
        self, inputs: Tensor, noise: Noise, matmul: MatMul = ops.matmul
    ) -> Tensor:
        projected = self.inner.project(inputs, noise.inner, matmul)
        return projected, *noise.masks

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Noise,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        projected, *masks = projected
        output, new_states = self.inner.step(
            projected, states, noise.inner, matmul
        )
        remaining, mixed = iter(masks), []
        rates = [rate for _, rate in self._sizes_and_rates()]
        for old, new, rate in zip(states, new_states, rates, strict=True):
            if rate:
                if noise.masks:
                    new = ops.where(next(remaining), old, new)  # (batch, size)
                else:
                    new = rate * old + (1 - rate) * new
            mixed.append(new)
        return mixed[0] if output is new_states[0] else output, mixed


@keras.saving.register_keras_serializable(package="seqapps")
class DropConnect(Wrapper):
    """Drops weights of a cell's recurrent matrices, in training.

    ```
    U = U * mask / (1 - rate)      mask 0 with probability rate, else 1
    ```
    for every U in a step, with one mask for all steps of a sequence and all
    rows of the batch.

    Args:
        inner: the cell inside.
        rate: the share of weights that is dropped.
        seed: the seed of the random numbers.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `rate` is not in [0, 1).

    Source:
        Merity, Keskar and Socher 2017, "Regularizing and optimizing LSTM
        language models", arXiv:1708.02182, section 2.

    Example:
        ```python
        cell = seqapps.layers.DropConnect(seqapps.layers.LSTMCell(5), 0.5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    rate: float
    seed: int | None

    def __init__(
        self,
        inner: Cell,
        rate: float,
        seed: int | None = None,
        **kwargs: Unpack[LayerOptions],
    ):
        super().__init__(named(locals()), **kwargs)
        check_rate("rate", rate)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Shape) -> None:
        self.build_inner(input_shape)
        # of the matrices that a step multiplies by, in order
        self._shapes: list[tuple[int, ...]] = []

        def matmul(x: Tensor, kernel: Tensor) -> Tensor:
            self._shapes.append(tuple(kernel.shape))
            return ops.matmul(x, kernel)

        x = ops.zeros((1, input_shape[-1]), self.state_dtype)
        noise = self.inner.draw(x)
        projected = self.inner.project(x, noise)
        states = self.inner.get_initial_state(1)
        self.inner.step(projected, states, noise, matmul)

    def draw(
        self, inputs: Tensor, training: bool = False, drawn: Any = None
    ) -> Noise:
        inner = self.inner.draw_again(inputs, training, drawn and drawn.inner)
        if not training or not self.rate:
            return Noise(inner, ())
        if drawn is not None:
            return Noise(inner, drawn.masks)
        ones = [ops.ones((1, *s), self.variable_dtype) for s in self._shapes]
        seed = self.seed_generator
        masks = [keras.random.dropout(x, self.rate, seed=seed) for x in ones]
        return Noise(inner, tuple(masks))  # (1, rows, columns) each

    def project(
        self, inputs: Tensor, noise: Noise, matmul: MatMul = ops.matmul
    ) -> Tensor:
        return self.inner.project(inputs, noise.inner, matmul)

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Noise,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        masks = iter(noise.masks)

        def dropped(x: Tensor, kernel: Tensor) -> Tensor:
            return matmul(x, ops.multiply(kernel, next(masks)[0]))

        return self.inner.step(
            projected, states, noise.inner, dropped if noise.masks else matmul
        )
