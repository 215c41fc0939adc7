"""Trees of arrays, for the fast walk on JAX."""

from collections.abc import Sequence
from typing import Any

import jax
from jax import numpy as jnp

from seqapps.layers.types import Tensor


def floats_of(tree: Any, values: Any) -> list[Tensor]:
    """Returns the leaves of `values` where those of `tree` are floats."""
    pairs = zip(jax.tree.leaves(tree), jax.tree.leaves(values), strict=True)
    return [v for x, v in pairs if jnp.issubdtype(x.dtype, jnp.floating)]


def with_floats(tree: Any, floats: Sequence[Tensor]) -> Any:
    """Returns a tree with other floats."""
    rest = iter(floats)
    return jax.tree.map(
        lambda x: next(rest) if jnp.issubdtype(x.dtype, jnp.floating) else x,
        tree,
    )


def select(
    mask: Tensor | None, column: int, row: Tensor, other: Tensor
) -> Tensor:
    """See `stacks.select`."""
    if mask is None:
        return row
    return jnp.where(mask[:, column : column + 1], row, other)


def time_first(tree: Any) -> Any:
    """Returns `(batch, time, n)` as `(time, batch, n)`."""
    return jax.tree.map(lambda x: jnp.moveaxis(x, 0, 1), tree)
