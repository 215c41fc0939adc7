"""The functions that make up a compiled walk."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import Tensor
from seqapps.layers.walks.bptt import WalkOptions
from seqapps.layers.walks.bptt.backward import (
    BackwardInputs,
    BackwardResult,
    backward_walk,
)
from seqapps.layers.walks.bptt.forward import (
    ForwardInputs,
    ForwardResult,
    forward_walk,
)
from seqapps.layers.walks.bptt.kernel_gradients import kernel_gradients
from seqapps.layers.walks.bptt.plan import Plan
from seqapps.layers.walks.bptt.step import PureStep


class CompiledWalk(NamedTuple):
    """The functions of a walk; the two loops are an XLA computation each."""

    plan: Plan
    forward: Callable[..., ForwardResult]
    forward_and_save: Callable[..., ForwardResult]
    backward: Callable[..., BackwardResult]
    kernel_gradients: Callable[..., list[Tensor | None]]


def compile_walk(cell: Cell, plan: Plan, options: WalkOptions) -> CompiledWalk:
    """Makes the functions of a walk; each is traced at its first call."""

    def forward_with(options: WalkOptions) -> Callable[..., ForwardResult]:
        def forward(inputs: ForwardInputs) -> ForwardResult:
            return forward_walk(cell, plan, options, inputs)

        return xla(forward)

    def xla(function: Callable[..., Any]) -> Callable[..., Any]:
        return tf.function(function, jit_compile=True, autograph=False)

    def backward(inputs: BackwardInputs, d: list[Tensor]) -> BackwardResult:
        return backward_walk(cell, plan, options, inputs, d)

    def gradients(
        values: list[Tensor], noise: list[Tensor], *rest: list[Tensor]
    ) -> list[Tensor | None]:
        return kernel_gradients(PureStep(cell, plan, values, noise), *rest)

    return CompiledWalk(
        plan,
        forward_with(options),
        forward_with(options._replace(save_for_backward=True)),
        xla(backward),
        tf.function(gradients, autograph=False),
    )
