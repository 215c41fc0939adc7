"""The base class of `SimpleRNN`, `LSTM` and `GRU`."""

import operator
from typing import Any, Self

import keras

from seqapps.layers.cells.arguments import names_of
from seqapps.layers.cells.kernels import KernelCell
from seqapps.layers.rnn import RNN
from seqapps.layers.types import Function


class KernelRNN(RNN):
    """An RNN with the arguments and attributes of its cell (abstract).

    Args:
        cell_name: the name of the cell.
        arguments: the `named` arguments of the subclass's constructor: the
            cell's and the layer's.
        **kwargs: `name`, `dtype`, `trainable`, `zero_output_for_mask`.
    """

    cell_class: type[KernelCell]
    cell: KernelCell

    # read from the cell, by properties that `__init_subclass__` adds
    units: int
    use_bias: bool
    activation: Function
    kernel_initializer: Function
    recurrent_initializer: Function
    bias_initializer: Function
    kernel_regularizer: Function | None
    recurrent_regularizer: Function | None
    bias_regularizer: Function | None
    kernel_constraint: Function | None
    recurrent_constraint: Function | None
    bias_constraint: Function | None
    dropout: float
    recurrent_dropout: float
    seed: int | None

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        for name in names_of(cls.cell_class):
            setattr(cls, name, property(operator.attrgetter(f"cell.{name}")))

    def __init__(
        self, cell_name: str, arguments: dict[str, Any], **kwargs: Any
    ):
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
        self.argument_names = tuple(arguments)
        self.input_spec = keras.InputSpec(ndim=3)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)
