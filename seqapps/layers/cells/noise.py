"""Cells around cells that let chance into a step."""

from typing import Any, NamedTuple

import keras
from keras import ops

from seqapps.layers.cells.arguments import named
from seqapps.layers.cells.cell import Cell
from seqapps.layers.cells.kernels import check_rate
from seqapps.layers.cells.wrappers import Wrapper


class Noise(NamedTuple):
    """What a wrapper draws beside what its cell draws."""

    inner: Any  # of the cell
    masks: tuple  # of the wrapper; () if nothing was drawn


@keras.saving.register_keras_serializable(package="seqapps")
class Zoneout(Wrapper):
    """Lets some units of a cell's states stay as they were, at each step.

    With y_t and s_t what the inner cell gives from s_{t-1}:
    ```
    d_t = 1 with probability rate, else 0        in training, afresh at each t
    d_t = rate                                   else: the expectation
    s_t = d_t * s_{t-1} + (1 - d_t) * s_t        (batch, size)
    y_t = h_t                                    where y_t is the state h_t
    ```
    for every state by itself: the first is h and has the rate `hidden`, the
    others are c and have the rate `cell`.

    Args:
        inner: the cell inside.
        hidden: the rate of h.
        cell: the rate of c.
        seed: an integer that begins the random numbers.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if a rate is not in [0, 1), or `cell` is given where there
            is no state but h.
        NotImplementedError: in training on JAX, if `keras.layers.RNN` or a
            stack of cells is walked: Keras's loop cannot draw at each step.

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

    def __init__(
        self,
        inner: Cell,
        hidden: float = 0.0,
        cell: float = 0.0,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(named(locals()), **kwargs)
        check_rate("hidden", hidden)
        check_rate("cell", cell)
        if cell and isinstance(self.state_size, int):
            raise ValueError(
                f"cell={cell}, but {type(inner).__name__} has no state but h"
            )
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        self.build_inner(input_shape)

    def _sizes_and_rates(self):
        size = self.state_size
        h, *others = [size] if isinstance(size, int) else size
        return [(h, self.hidden), *((other, self.cell) for other in others)]

    def draw(self, inputs, training=False, kept=None):
        inner = self.inner.draw_again(inputs, training, kept and kept.inner)
        if not training:
            return Noise(inner, ())
        if kept is not None and keras.backend.backend() == "jax":
            raise NotImplementedError(
                "Keras's loop cannot draw at each step on JAX: walk Zoneout "
                "by seqapps.layers.RNN, and stack such layers, not cells"
            )
        axes = ops.shape(inputs)[:-1]  # (batch, ...)
        masks = tuple(
            keras.random.uniform((*axes, size), seed=self.seed_generator) < rate
            for size, rate in self._sizes_and_rates()
            if rate
        )
        return Noise(inner, masks)  # (batch, ..., size) each, bool

    def project(self, inputs, noise, matmul=ops.matmul):
        projected = self.inner.project(inputs, noise.inner, matmul)
        return projected, *noise.masks

    def step(self, projected, states, noise, matmul=ops.matmul):
        projected, *masks = projected
        output, new_states = self.inner.step(
            projected, states, noise.inner, matmul
        )
        masks, kept = iter(masks), []
        rates = [rate for _, rate in self._sizes_and_rates()]
        for old, new, rate in zip(states, new_states, rates, strict=True):
            if rate:
                if noise.masks:
                    new = ops.where(next(masks), old, new)  # (batch, size)
                else:
                    new = rate * old + (1 - rate) * new
            kept.append(new)
        return kept[0] if output is new_states[0] else output, kept


@keras.saving.register_keras_serializable(package="seqapps")
class DropConnect(Wrapper):
    """Drops weights of a cell's recurrent matrices, in training.

    ```
    U = U * mask / (1 - rate)      mask 0 with probability rate, else 1
    ```
    for every U that a step multiplies by, drawn once for a sequence: the same
    at every step and in every row of the batch.

    Args:
        inner: the cell inside.
        rate: the fraction of weights that is dropped.
        seed: an integer that begins the random numbers.
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

    def __init__(
        self, inner: Cell, rate: float, seed: int | None = None, **kwargs
    ):
        super().__init__(named(locals()), **kwargs)
        check_rate("rate", rate)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        self.build_inner(input_shape)
        self._shapes = []  # of what a step multiplies by, in that order

        def matmul(x, kernel):
            self._shapes.append(tuple(kernel.shape))
            return ops.matmul(x, kernel)

        x = ops.zeros((1, input_shape[-1]), self.state_dtype)
        noise = self.inner.draw(x)
        projected = self.inner.project(x, noise)
        states = self.inner.get_initial_state(1)
        self.inner.step(projected, states, noise, matmul)

    def draw(self, inputs, training=False, kept=None):
        inner = self.inner.draw_again(inputs, training, kept and kept.inner)
        if not training or not self.rate:
            return Noise(inner, ())
        if kept is not None:
            return Noise(inner, kept.masks)
        ones = [ops.ones((1, *s), self.variable_dtype) for s in self._shapes]
        seed = self.seed_generator
        masks = [keras.random.dropout(x, self.rate, seed=seed) for x in ones]
        return Noise(inner, tuple(masks))  # (1, rows, columns) each

    def project(self, inputs, noise, matmul=ops.matmul):
        return self.inner.project(inputs, noise.inner, matmul)

    def step(self, projected, states, noise, matmul=ops.matmul):
        masks = iter(noise.masks)

        def dropped(x, kernel):
            return matmul(x, ops.multiply(kernel, next(masks)[0]))

        return self.inner.step(
            projected, states, noise.inner, dropped if noise.masks else matmul
        )
