"""The contract of a cell: one step of time."""

from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

import keras
from keras import ops

from seqapps.layers.types import LayerOptions, MatMul, Step, Tensor
from seqapps.private import DropoutRNNCell, call_is_training, layers_inside


class Cell(keras.layers.Layer, DropoutRNNCell):
    """One step of a recurrent layer, without the loop over time (abstract).

    A subclass defines three methods. A layer calls them for a sequence:
    ```
    noise = cell.draw(inputs, training)          once, before all else
    projected = cell.project(inputs, noise)      once, for all steps
    output, states = cell.step(projected[:, t], states, noise)    for every t
    ```
    `project` and `step` are pure functions: all random numbers come from
    `draw`. Numbers that differ between steps have the axes of the inputs, and
    reach the steps as a part of the result of `project`.

    Its constructor sets two attributes: `output_size`, an integer, and
    `state_size`, an integer, or a list of integers, one for each state. States
    are a list, as Keras's layers need; given as a NamedTuple such as
    `LSTMState`, they are returned as one.

    Matrix products have the compute dtype of the cell's policy. States and
    pointwise operations have the `state_dtype`, which is at least float32: a
    sum of small steps (c of an LSTM, h of a GRU) would stop growing in
    float16. Outputs are cast to the compute dtype. For this, `project` and
    `step` must multiply matrices by the `matmul` that they are given, and
    combine weights with tensors by `ops.add` and `ops.multiply`.

    A cell works in `seqapps.layers.RNN`, which calls the three methods, and
    in `keras.layers.RNN` and `keras.layers.StackedRNNCells`, which use
    `call`. A subclass overrides no method that has a body here.
    """

    output_size: int
    state_size: int | list[int]
    gates: ClassVar[tuple[str, ...]] = ()  # in the order a step computes them

    def __init__(self, **kwargs: Unpack[LayerOptions]):
        super().__init__(**kwargs)
        self.autocast = False  # it would round the states
        self._noise = None

    def build_inside(self, features: int) -> None:
        """Builds the layers in the cell, such as an activation with weights.

        Args:
            features: the size of an input.
        """
        if all(layer.built for layer in layers_inside(self)):
            return
        self(
            keras.KerasTensor((None, features), self.compute_dtype),
            [
                keras.KerasTensor((None, *zeros.shape[1:]), zeros.dtype)
                for zeros in self.get_initial_state(1)
            ],
        )

    def draw(
        self, inputs: Tensor, training: bool = False, drawn: Any = None
    ) -> Any:
        """Draws the random numbers of a sequence, such as dropout masks.

        Args:
            inputs: the inputs of `project`.
            training: if False, nothing is drawn and no random state changes.
            drawn: the result of `draw` for the sequence that `inputs` is one
                step of: only numbers that differ between steps are drawn
                again. Keras's own loops need this.

        Returns:
            A tensor or None, or a tuple of these, also nested. The first axis
            of each tensor is the batch, or 1 if all rows share it.
        """
        raise NotImplementedError(f"{type(self).__name__}.draw")

    def project(
        self, inputs: Tensor, noise: Any, matmul: MatMul = ops.matmul
    ) -> Tensor:
        """Computes everything that needs no state.

        Args:
            inputs: `(batch, ..., features)`, with any axes in between.
            noise: the result of `draw`.
            matmul: multiplies two matrices.

        Returns:
            A tensor `(batch, ..., n)`, or a tuple of these, also nested;
            float, or bool, which has no gradient.
        """
        raise NotImplementedError(f"{type(self).__name__}.project")

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Any,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        """Computes one step of time: a pure function.

        Args:
            projected: one step of the result of `project`, `(batch, n)`.
            states: a list of tensors `(batch, size)`.
            noise: the result of `draw`.
            matmul: multiplies two matrices; a walk may pass one that records
                its arguments.

        Returns:
            The output `(batch, output_size)` and the new states.
        """
        raise NotImplementedError(f"{type(self).__name__}.step")

    @property
    def state_dtype(self) -> str:
        """The dtype of the states: float32 or float64."""
        return keras.backend.result_type(self.compute_dtype, "float32")

    @property
    def first_states(self) -> Sequence[Tensor] | None:
        """The initial row `(size,)` of every state, or None for zeros."""
        return None

    def get_initial_state(self, batch_size: int | None = None) -> list[Tensor]:
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

    def narrow(self, x: Tensor) -> Tensor:
        """Casts to the compute dtype, but for bool."""
        return x if x.dtype == "bool" else ops.cast(x, self.compute_dtype)

    def widen(self, x: Tensor) -> Tensor:
        """Casts to the dtype of the states, but for bool."""
        return x if x.dtype == "bool" else ops.cast(x, self.state_dtype)

    def matmul(self, x: Tensor, kernel: Tensor) -> Tensor:
        """Multiplies in the compute dtype."""
        dtype = self.compute_dtype
        return ops.matmul(ops.cast(x, dtype), ops.cast(kernel, dtype))

    def project_all(self, inputs: Tensor, noise: Any) -> Tensor:
        """Computes `project` for all timesteps, in the compute dtype."""
        projected = self.project(inputs, noise, matmul=self.matmul)
        return keras.tree.map_structure(self.narrow, projected)

    def advance(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Any,
        matmul: MatMul | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Computes one `step` in the dtypes of the policy."""
        multiply = matmul or self.matmul
        output, new_states = self.step(
            keras.tree.map_structure(self.widen, projected),
            [self.widen(state) for state in states],
            noise,
            matmul=lambda x, kernel: self.widen(multiply(x, kernel)),
        )
        return ops.cast(output, self.compute_dtype), list(new_states)

    def draw_again(self, inputs: Tensor, training: bool, drawn: Any) -> Any:
        """Draws for one step of a sequence that `drawn` belongs to, if any."""
        if drawn is None:
            return self.draw(inputs, training)
        return self.draw(inputs, training, drawn)

    def call(
        self, inputs: Tensor, states: Any, training: bool = False
    ) -> tuple[Tensor, Any]:
        single = not isinstance(states, (list, tuple))
        states = [states] if single else states  # (batch, size) each
        noise = self.draw_again(inputs, training, self._noise)
        projected = self.project(inputs, noise, matmul=self.matmul)
        output, new_states = self.advance(projected, states, noise)
        # Keras's loops need states in the dtype and structure they passed.
        new_states = [
            ops.cast(new, old.dtype)
            for new, old in zip(new_states, states, strict=True)
        ]
        if single:
            return output, new_states[0]
        make = getattr(states, "_make", list)  # of a NamedTuple
        return output, make(new_states)

    # keras.layers.RNN asks a `DropoutRNNCell` for its masks before the loop
    # and resets them after it. That is how `call`, which sees one step, gets
    # the numbers that are drawn once for a sequence.

    def get_dropout_mask(self, step_input: Tensor) -> None:
        """Draws for the sequence that `keras.layers.RNN` will loop over."""
        self._noise = self.draw(step_input, call_is_training())

    def get_recurrent_dropout_mask(self, step_input: Tensor) -> None:
        """Does nothing: `get_dropout_mask` has drawn all masks."""

    def reset_dropout_mask(self) -> None:
        """Drops the masks of the sequence."""
        self._noise = None

    def reset_recurrent_dropout_mask(self) -> None:
        """Does nothing: `reset_dropout_mask` has dropped all masks."""


class LinearCell(Cell):
    """A cell that is linear in its one state, and so needs no loop (abstract).

    A subclass defines `coefficients` in place of `step`:
    ```
    a_t, b_t = coefficients(p_t)                 (batch, size) each
    h_t = a_t * h_{t-1} + b_t                    (batch, size), the output
    ```
    Two steps together are again a step of this form, on which the walk
    `scan` relies.
    """

    def coefficients(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        """Returns a and b `(batch, ..., size)` from the result of `project`."""
        raise NotImplementedError(f"{type(self).__name__}.coefficients")

    def step(
        self,
        projected: Tensor,
        states: Sequence[Tensor],
        noise: Any,
        matmul: MatMul = ops.matmul,
    ) -> Step:
        (h,) = states  # (batch, size)
        a, b = self.coefficients(projected)  # (batch, size) each
        h = a * h + b  # (batch, size)
        return h, [h]
