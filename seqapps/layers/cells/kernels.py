"""What Keras's three families share: three weights, and their arguments."""

from typing import Any, ClassVar, NamedTuple

import keras
from keras import ops

from seqapps.layers.cells.arguments import config_of, store
from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import Function, Shape, Tensor


class Masks(NamedTuple):
    """The dropout masks of one sequence; None drops nothing."""

    inputs: Tensor | None  # (batch, ..., features)
    state: Tensor | None  # (batch, units)


def drop(x: Tensor, mask: Tensor | None) -> Tensor:
    """Returns x times a dropout mask."""
    return x if mask is None else ops.multiply(x, mask)


def check_rate(name: str, rate: float) -> None:
    """Raises a ValueError if a rate is not in [0, 1)."""
    if not 0 <= rate < 1:
        raise ValueError(f"{name} must be in [0, 1), not {rate}")


def block_initializer(
    initializer: Function, value: float, block: int, blocks: int
) -> Function:
    """Returns an initializer that sets one block of columns to a number."""

    def initialize(shape: Shape, **kwargs: Any) -> Tensor:
        parts = ops.split(initializer(shape, **kwargs), blocks, axis=-1)
        parts[block] = ops.full_like(parts[block], value)
        return ops.concatenate(parts, axis=-1)

    return initialize


class KernelCell(Cell):
    """A cell with Keras's three weights and Keras's arguments (abstract).

    It stores the arguments, writes the config, adds the weights and draws the
    dropout masks. A subclass may name the `shared` arguments in its
    constructor, or leave them to `**kwargs`; it declares those of its own.

    Args:
        arguments: the `named` arguments of the subclass's constructor.
        **kwargs: the `shared` arguments that the constructor does not name;
            `name`, `dtype`, `trainable`.

    Raises:
        ValueError: if `units` is not positive, or a rate not in [0, 1).
    """

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
    recurrent_dropout: float = 0.0  # of a cell that has no such argument
    seed: int | None

    kernel: keras.Variable
    recurrent_kernel: keras.Variable
    bias: keras.Variable  # None without `use_bias`

    shared: ClassVar[dict[str, Any]] = {  # with Keras's defaults
        "use_bias": True,
        "kernel_initializer": "glorot_uniform",
        "recurrent_initializer": "orthogonal",
        "bias_initializer": "zeros",
        "kernel_regularizer": None,
        "recurrent_regularizer": None,
        "bias_regularizer": None,
        "kernel_constraint": None,
        "recurrent_constraint": None,
        "bias_constraint": None,
        "dropout": 0.0,
        "recurrent_dropout": 0.0,
        "seed": None,
    }

    def __init__(self, arguments: dict[str, Any], **kwargs: Any):
        rest = {
            name: kwargs.pop(name) for name in self.shared if name in kwargs
        }
        super().__init__(**kwargs)
        store(self, {**self.shared, **rest, **arguments})
        if self.units <= 0:
            raise ValueError(f"units must be positive, not {self.units}")
        check_rate("dropout", self.dropout)
        check_rate("recurrent_dropout", self.recurrent_dropout)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.output_size = self.units

    def add_kernels(
        self, features: int, gates: int, recurrent: int = 1, **bias: Any
    ) -> None:
        """Adds `kernel`, `recurrent_kernel` and `bias`, the gates side by side.

        Args:
            features: the size of the inputs.
            gates: how many blocks of `units` columns.
            recurrent: how many times as many columns the recurrent kernel
                has; it has as many rows as there are outputs.
            **bias: `shape` and `initializer` of the bias, if they differ from
                those of the other cells.
        """
        width = gates * self.units
        self.kernel = self.add_matrix("kernel", (features, width))
        if recurrent:
            self.recurrent_kernel = self.add_matrix(
                "recurrent_kernel", (self.output_size, recurrent * width)
            )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_matrix("bias", **{"shape": (width,), **bias})

    def add_matrix(
        self, name: str, shape: tuple[int, ...], **kwargs: Any
    ) -> keras.Variable:
        """Adds a weight; "kernel" uses `kernel_initializer` and so on."""
        kind = name.split("_")[0]
        return self.add_weight(
            name=name,
            shape=shape,
            **{
                "initializer": getattr(self, f"{kind}_initializer"),
                "regularizer": getattr(self, f"{kind}_regularizer", None),
                "constraint": getattr(self, f"{kind}_constraint", None),
                **kwargs,
            },
        )

    def draw(
        self, inputs: Tensor, training: bool = False, drawn: Any = None
    ) -> Masks:
        if drawn is not None:
            return drawn
        batch, *between, features = ops.shape(inputs)
        shape = (batch, *(1 for _ in between), features)
        return Masks(
            inputs=self._mask(shape, self.dropout, training),
            state=self._mask(
                (batch, self.output_size), self.recurrent_dropout, training
            ),
        )

    def _mask(
        self, shape: tuple[Any, ...], rate: float, training: bool
    ) -> Tensor | None:
        if not training or not rate:
            return None
        ones = ops.ones(shape, self.compute_dtype)
        return keras.random.dropout(ones, rate, seed=self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **config_of(self, self.argument_names)}
