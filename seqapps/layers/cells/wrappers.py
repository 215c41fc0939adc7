"""Cells around cells."""

import keras
from keras import ops

from seqapps.layers.cells.arguments import attributes_of, config_of, named
from seqapps.layers.cells.cell import Cell


class Wrapper(Cell):
    """A cell around another, with its states and its output (abstract).

    Args:
        arguments: the `named` arguments of the subclass's constructor; the
            first is `inner`, the cell inside.
        **kwargs: `name`, `dtype` (the inner cell's, if none is given),
            `trainable`.

    Raises:
        ValueError: if `inner` is no `seqapps.layers.Cell`.
    """

    def __init__(self, arguments: dict, **kwargs):
        inner = arguments["inner"]
        if not isinstance(inner, Cell):
            raise ValueError(f"{inner!r} is no seqapps.layers.Cell")
        dtype = kwargs.pop("dtype", None) or inner.dtype_policy
        super().__init__(dtype=dtype, **kwargs)
        self._arguments = tuple(arguments)
        for name, value in attributes_of(arguments).items():
            setattr(self, name, value)
        self.state_size = inner.state_size
        self.output_size = inner.output_size

    def build_inner(self, input_shape) -> None:
        """Builds the cell inside, if it is not yet."""
        if not self.inner.built:
            self.inner.build(input_shape)
            self.inner.built = True

    @property
    def first_states(self) -> list | None:
        """The inner cell's."""
        return self.inner.first_states

    def get_config(self):
        config = {**super().get_config(), **config_of(self, self._arguments)}
        inner = keras.saving.serialize_keras_object(self.inner)
        return {**config, "inner": inner}

    @classmethod
    def from_config(cls, config):
        inner = keras.saving.deserialize_keras_object(config["inner"])
        return cls(**{**config, "inner": inner})


@keras.saving.register_keras_serializable(package="seqapps")
class Highway(Wrapper):
    """Lets a layer's input pass by its cell, as far as a gate says.

    With y_t what the inner cell gives from x_t `(batch, features)`:
    ```
    u = sigmoid(x_t W + b)                (batch, size), all t at once
    y_t = u * y_t + (1 - u) * x_t         (batch, size), the output
    ```
    with W `(features, size)` and b `(size,)`, the weights `kernel` and `bias`;
    where x_t has another size than y_t, it is x_t V that passes, with V
    `(features, size)`, the weight `skip_kernel`. The states are the inner
    cell's, and do not see u. Layers stacked so pass their gradients down as a
    highway network does. (The highway LSTM of Zhang et al. 2015 joins the c
    of two layers in that way; this joins what any two layers show.)

    Args:
        inner: the cell inside.
        transform_bias: what b begins as; a negative number begins with most
            of x passing by.
        kernel_initializer: how W and V begin.
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

    def __init__(
        self,
        inner: Cell,
        transform_bias: float = -1.0,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(named(locals()), **kwargs)

    def build(self, input_shape):
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

    def draw(self, inputs, training=False, kept=None):
        return self.inner.draw_again(inputs, training, kept)

    def project(self, inputs, noise, matmul=ops.matmul):
        projected = self.inner.project(inputs, noise, matmul)
        a = ops.add(matmul(inputs, self.kernel), self.bias)
        if self.skip_kernel is not None:
            inputs = matmul(inputs, self.skip_kernel)
        return projected, a, inputs  # the last two (batch, ..., size)

    def step(self, projected, states, noise, matmul=ops.matmul):
        projected, a, x = projected
        y, states = self.inner.step(projected, states, noise, matmul)
        u = ops.sigmoid(a)  # (batch, size)
        return u * y + (1 - u) * x, states


@keras.saving.register_keras_serializable(package="seqapps")
class LearnedState(Wrapper):
    """Begins with states that are learned, the same for every row.

    ```
    s_0 = S                               (size,), for every state
    ```
    with a weight `state_0`, `state_1` ... for every state of the inner cell.
    Where a layer is given an `initial_state`, that is taken. A stateful layer
    begins with S too, but S learns nothing there.

    Args:
        inner: the cell inside.
        initializer: how S begins.
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

    def __init__(self, inner: Cell, initializer="zeros", **kwargs):
        super().__init__(named(locals()), **kwargs)
        size = self.state_size
        # here and not in `build`: states may be asked for before
        self._rows = [
            self.add_weight((size,), self.initializer, name=f"state_{i}")
            for i, size in enumerate([size] if isinstance(size, int) else size)
        ]

    @property
    def first_states(self) -> list:
        """S."""
        return self._rows

    def build(self, input_shape):
        self.build_inner(input_shape)

    def draw(self, inputs, training=False, kept=None):
        return self.inner.draw_again(inputs, training, kept)

    def project(self, inputs, noise, matmul=ops.matmul):
        return self.inner.project(inputs, noise, matmul)

    def step(self, projected, states, noise, matmul=ops.matmul):
        return self.inner.step(projected, states, noise, matmul)
