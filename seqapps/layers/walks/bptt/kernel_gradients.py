"""The gradients of the matrices of a loop, one product each for all steps."""

from collections.abc import Sequence

import tensorflow as tf

from seqapps.layers.types import Tensor
from seqapps.layers.walks.bptt.step import PureStep


def kernel_gradients(
    step: PureStep,
    first_rows: Sequence[Tensor],
    states: Sequence[Tensor],
    saved_states: Sequence[Tensor],
    d_products: Sequence[Tensor],
    inputs: Sequence[Tensor],
) -> list[Tensor | None]:
    """Returns the gradients of the weights by way of the products.

    Args:
        step: the step of the walk.
        first_rows: see `BackwardInputs`.
        states: the initial ones, `(batch, size)` each.
        saved_states: see `ForwardResult`.
        d_products: see `BackwardResult`.
        inputs: see `BackwardResult`.
    """
    plan = step.plan
    values = [tf.identity(value) for value in step.values]
    kernels = step._replace(values=values).kernels(first_rows, states)
    if not kernels:
        return [None] * len(values)
    d_kernels, rest = [], iter(inputs)
    for state, da, kernel in zip(
        plan.x_states, d_products, kernels, strict=True
    ):
        if state is None:
            x = next(rest)
        else:
            x = saved_states[plan.saved_states.index(state)]
        rows, columns = kernel.shape
        x = tf.cast(tf.reshape(x, [-1, rows]), kernel.dtype)
        da = tf.reshape(da, [-1, columns])
        d_kernels.append(tf.matmul(x, da, transpose_a=True))
    return list(tf.gradients(kernels, values, d_kernels))
