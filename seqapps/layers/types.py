"""The types in the signatures of cells and layers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

Tensor: TypeAlias = Any  # of the backend that Keras runs on
Shape: TypeAlias = tuple[Any, ...]
MatMul: TypeAlias = Callable[[Tensor, Tensor], Tensor]
Step: TypeAlias = tuple[Tensor, Sequence[Tensor]]  # the output, the new states

# what a constructor takes: a name, a config of Keras, or a function
_Named: TypeAlias = str | Mapping[str, Any] | Callable[..., Any]
Activation: TypeAlias = _Named | None
Initializer: TypeAlias = _Named
Regularizer: TypeAlias = _Named | None
Constraint: TypeAlias = _Named | None
Function: TypeAlias = Callable[..., Any]  # what it keeps of such a name

WalkName: TypeAlias = Literal["auto", "loop", "fast", "scan", "cudnn"]


class LayerOptions(TypedDict, total=False):
    """The keyword arguments of any layer of Keras."""

    name: str | None
    dtype: Any  # a name such as "float32", or a policy
    trainable: bool


class InputOptions(LayerOptions, total=False):
    """The keyword arguments of a cell with a kernel and a bias."""

    use_bias: bool
    kernel_initializer: Initializer
    bias_initializer: Initializer
    kernel_regularizer: Regularizer
    bias_regularizer: Regularizer
    kernel_constraint: Constraint
    bias_constraint: Constraint
    dropout: float
    seed: int | None


class KernelOptions(InputOptions, total=False):
    """The keyword arguments of a cell with a recurrent kernel too."""

    recurrent_initializer: Initializer
    recurrent_regularizer: Regularizer
    recurrent_constraint: Constraint
    recurrent_dropout: float


class RecurrentOptions(LayerOptions, total=False):
    """The keyword arguments of a recurrent layer."""

    zero_output_for_mask: bool
    walk: WalkName


class RNNOptions(LayerOptions, total=False):
    """The keyword arguments of `RNN` that its signature does not name."""

    activity_regularizer: Regularizer
