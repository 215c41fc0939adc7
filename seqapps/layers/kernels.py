"""What Keras's three families share: three weights, and their arguments."""

import operator
from typing import Any, NamedTuple

import keras
from keras import ops

from seqapps.layers.arguments import attributes_of, config_of, names_of
from seqapps.layers.cell import Cell
from seqapps.layers.recurrence import RNN


class Masks(NamedTuple):
    """The dropout masks of one sequence; None drops nothing."""

    inputs: Any  # (batch, ..., features)
    state: Any  # (batch, units)


def drop(x, mask):
    """Drops what the mask drops."""
    return x if mask is None else ops.multiply(x, mask)


class KernelCell(Cell):
    """A cell with Keras's three weights and Keras's arguments (abstract).

    It makes every argument an attribute and writes the config, makes the
    weights, and draws the dropout masks.

    Args:
        arguments: the `named` arguments of the subclass's constructor.
        **kwargs: `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).
    """

    def __init__(self, arguments: dict, **kwargs):
        super().__init__(**kwargs)
        self._arguments = tuple(arguments)
        for name, value in attributes_of(arguments).items():
            setattr(self, name, value)
        if self.units <= 0:
            raise ValueError(f"units must be positive, not {self.units}")
        for name in ("dropout", "recurrent_dropout"):
            if not 0 <= arguments[name] < 1:
                raise ValueError(
                    f"{name} must be in [0, 1), not {arguments[name]}"
                )
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.output_size = self.units

    def add_kernels(self, features: int, gates: int, **bias) -> None:
        """Makes `kernel`, `recurrent_kernel` and `bias`, the gates abreast.

        Args:
            features: the size of the inputs.
            gates: how many blocks of `units` columns.
            **bias: `shape` and `initializer` of the bias, where special.
        """
        width = gates * self.units
        self.kernel = self.add_weight(
            name="kernel",
            shape=(features, width),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel",
            shape=(self.units, width),
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=bias.get("shape", (width,)),
                initializer=bias.get("initializer", self.bias_initializer),
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def draw(self, inputs, training=False):
        batch, *between, features = ops.shape(inputs)
        shape = (batch, *(1 for _ in between), features)
        return Masks(
            inputs=self._mask(shape, self.dropout, training),
            state=self._mask(
                (batch, self.units), self.recurrent_dropout, training
            ),
        )

    def _mask(self, shape, rate, training):
        if not training or not rate:
            return None
        ones = ops.ones(shape, self.compute_dtype)
        return keras.random.dropout(ones, rate, seed=self.seed_generator)

    def get_config(self):
        return {**super().get_config(), **config_of(self, self._arguments)}


class KernelRNN(RNN):
    """An RNN that takes the arguments of its cell as its own (abstract).

    Args:
        cell_name: the name of the cell.
        arguments: the `named` arguments of the subclass's constructor: the
            cell's and the layer's.
        **kwargs: `name`, `dtype`, `trainable`, `zero_output_for_mask`.
    """

    cell_class: type[KernelCell]

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in names_of(cls.cell_class):
            setattr(cls, name, property(operator.attrgetter(f"cell.{name}")))

    def __init__(self, cell_name: str, arguments: dict, **kwargs):
        names = names_of(self.cell_class)
        cell = self.cell_class(
            **{name: arguments[name] for name in names},
            name=cell_name,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
        )
        own = {k: v for k, v in arguments.items() if k not in names}
        use_cudnn = own.pop("use_cudnn", None)
        super().__init__(cell, **own, **kwargs)
        if use_cudnn is not None:
            if use_cudnn not in ("auto", True, False):
                raise ValueError(
                    f"use_cudnn must be 'auto', True or False, not {use_cudnn}"
                )
            self.use_cudnn = use_cudnn
        self._arguments = tuple(arguments)
        self.input_spec = keras.InputSpec(ndim=3)

    def get_config(self):
        config = {**super().get_config(), **config_of(self, self._arguments)}
        del config["cell"]
        return config

    @classmethod
    def from_config(cls, config):
        return cls(**config)
