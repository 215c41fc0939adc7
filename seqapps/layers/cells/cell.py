"""The contract of a cell: what one step of time does."""

from typing import Any

import keras
from keras import ops
from keras.src.backend.common import global_state
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell


class Cell(keras.layers.Layer, DropoutRNNCell):
    """What one step of time does, apart from time itself (abstract).

    A cell gives three functions. A sequence is
    ```
    noise = cell.draw(inputs, training)          first of all, once
    projected = cell.project(inputs, noise)      once, for all steps
    output, states = cell.step(projected[:, t], states, noise)    for every t
    ```
    What is drawn anew for every step has the axes of the inputs, and goes to
    the steps as a part of what `project` returns; so `project` and `step` are
    pure functions, to which everything drawn is data.

    It gives two attributes too, that its constructor sets: `output_size`, an
    integer, and `state_size`, an integer, or a list of integers, one for each
    state.

    Products are made in the compute dtype of the cell's policy; states and
    pointwise work have the `state_dtype`, which is never below float32: a
    state that adds up small steps (c of an LSTM, h of a GRU) would stop
    growing in float16. Outputs leave in the compute dtype. For this to hold,
    `project` and `step` make their products by the `matmul` they are given,
    and join weights to tensors by `ops.add` and `ops.multiply`.

    Such a cell works in `seqapps.layers.RNN`, which uses the two halves, and
    in `keras.layers.RNN` and `keras.layers.StackedRNNCells`, which use
    `call`. A subclass overrides no method that is written out here.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.autocast = False  # it would round the states
        self._noise = None

    def build_inside(self, features: int) -> None:
        """Builds what `build` does not, such as an activation with weights.

        Args:
            features: the size of an input.
        """
        if all(layer.built for layer in self._flatten_layers()):
            return
        self(
            keras.KerasTensor((None, features), self.compute_dtype),
            [
                keras.KerasTensor((None, *zeros.shape[1:]), zeros.dtype)
                for zeros in self.get_initial_state(1)
            ],
        )

    def draw(self, inputs, training: bool = False, kept=None) -> Any:
        """Draws what is random in a sequence, such as dropout masks.

        Args:
            inputs: what `project` will be given.
            training: if False, nothing is drawn and no random state moves.
            kept: what was drawn for the sequence that `inputs` is one step
                of, if anything was: only what no two steps share is to be
                drawn again. Loops that are not ours ask so.

        Returns:
            A tensor or None, or a tuple of such, also nested. Every tensor
            has the batch as its first axis, or a 1 where all rows share it.
        """
        raise NotImplementedError(f"{type(self).__name__}.draw")

    def project(self, inputs, noise, matmul=ops.matmul) -> Any:
        """Does everything that needs no state.

        Args:
            inputs: `(batch, ..., features)`, with any axes in between.
            noise: what `draw` gave.
            matmul: the product to use.

        Returns:
            A tensor `(batch, ..., n)`, or a tuple of such, also nested;
            float, or bool, which has no gradient.
        """
        raise NotImplementedError(f"{type(self).__name__}.project")

    def step(self, projected, states, noise, matmul=ops.matmul) -> Any:
        """Takes one step of time: a pure function.

        Args:
            projected: one step of what `project` gave, `(batch, n)`.
            states: a list of tensors `(batch, size)`.
            noise: what `draw` gave.
            matmul: the product to use; the walk may give one that records
                its arguments.

        Returns:
            The output `(batch, output_size)` and the list of new states.
        """
        raise NotImplementedError(f"{type(self).__name__}.step")

    @property
    def state_dtype(self) -> str:
        """The dtype that states are kept in: float32 or float64."""
        return keras.backend.result_type(self.compute_dtype, "float32")

    @property
    def first_states(self) -> list | None:
        """A row `(size,)` for every state to begin with, or None for zeros."""
        return None

    def get_initial_state(self, batch_size: int | None = None) -> list:
        """Returns `first_states`, or zeros, `(batch, size)` for every state."""
        sizes = self.state_size
        sizes = [sizes] if isinstance(sizes, int) else sizes
        dtype = self.state_dtype
        zeros = [ops.zeros((batch_size, size), dtype) for size in sizes]
        if self.first_states is None:
            return zeros
        return [
            ops.add(zero, ops.cast(row, dtype))
            for zero, row in zip(zeros, self.first_states, strict=True)
        ]

    def narrow(self, x):
        """Casts to the compute dtype what is no bool."""
        return x if x.dtype == "bool" else ops.cast(x, self.compute_dtype)

    def widen(self, x):
        """Casts to the dtype of the states what is no bool."""
        return x if x.dtype == "bool" else ops.cast(x, self.state_dtype)

    def matmul(self, x, kernel):
        """Multiplies in the compute dtype."""
        dtype = self.compute_dtype
        return ops.matmul(ops.cast(x, dtype), ops.cast(kernel, dtype))

    def advance(self, projected, states, noise, matmul=None) -> tuple:
        """Takes one `step` in the dtypes of the policy."""
        matmul = matmul or self.matmul
        output, states = self.step(
            keras.tree.map_structure(self.widen, projected),
            [self.widen(state) for state in states],
            noise,
            matmul=lambda x, kernel: self.widen(matmul(x, kernel)),
        )
        return ops.cast(output, self.compute_dtype), list(states)

    def draw_again(self, inputs, training: bool, kept) -> Any:
        """Draws for a step of a sequence that `kept` was drawn for, if any."""
        if kept is None:
            return self.draw(inputs, training)
        return self.draw(inputs, training, kept)

    def call(self, inputs, states, training=False):
        single = not isinstance(states, (list, tuple))
        states = [states] if single else states  # (batch, size) each
        noise = self.draw_again(inputs, training, self._noise)
        projected = self.project(inputs, noise, matmul=self.matmul)
        output, new_states = self.advance(projected, states, noise)
        # A loop that is not ours wants states back in the dtype it gave.
        new_states = [
            ops.cast(new, old.dtype)
            for new, old in zip(new_states, states, strict=True)
        ]
        return output, new_states[0] if single else new_states

    # keras.layers.RNN asks a `DropoutRNNCell` for its masks before the loop
    # and takes them back after it: so what is drawn once a sequence reaches
    # `call`, which sees one step only.

    def get_dropout_mask(self, step_input) -> None:
        """Draws for the sequence that `keras.layers.RNN` is about to walk."""
        context = global_state.get_global_attribute("current_call_ctx")
        training = context is not None and context.get_value("training")
        self._noise = self.draw(step_input, training)

    def get_recurrent_dropout_mask(self, step_input) -> None:
        """Does nothing: `get_dropout_mask` drew everything."""

    def reset_dropout_mask(self) -> None:
        """Forgets what was drawn."""
        self._noise = None

    def reset_recurrent_dropout_mask(self) -> None:
        """Does nothing: `reset_dropout_mask` forgot everything."""


class LinearCell(Cell):
    """A cell that is linear in its one state, so that it needs no loop.

    It gives `coefficients` in place of `step` (abstract):
    ```
    a_t, b_t = coefficients(p_t)                 (batch, size) each
    h_t = a_t * h_{t-1} + b_t                    (batch, size), the output
    ```
    Two such steps are one such step: `scan` makes use of it.
    """

    def coefficients(self, projected) -> tuple:
        """Returns a and b `(batch, ..., size)` of what `project` gave."""
        raise NotImplementedError(f"{type(self).__name__}.coefficients")

    def step(self, projected, states, noise, matmul=ops.matmul):
        (h,) = states  # (batch, size)
        a, b = self.coefficients(projected)  # (batch, size) each
        h = a * h + b  # (batch, size)
        return h, [h]
