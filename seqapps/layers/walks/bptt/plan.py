"""What the loops have to keep of a cell's step."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras

from seqapps.layers.types import Tensor


class Plan(NamedTuple):
    """What the loops have to keep of a cell's step.

    Tensors are named by their indices: the leaves of `projected`, the states,
    the products (the calls of `matmul`, without the inner ones) and the
    weights are a list each.

    Args:
        weights: the variables of the cell.
        projected_structure: `projected`, with indices in place of tensors.
        noise_structure: the result of `draw`, likewise.
        output_state: the state that is the output; None if none is.
        x_states: for each product x U, the state that is its x, or None.
        same_gradient: for each leaf of `projected`, the product that has the
            same gradient, or None.
        kept_sums: of a product and a leaf, which are used in their sum alone,
            the sum is kept in place of the product: the leaf of each product.
        read_leaves: the leaves of `projected` that the backward loop reads.
        saved_states: the states that are kept for it.
        saved_products: the products that are kept for it.
        direct_weights: the weights that have a gradient beside that of the
            products.
        inner_calls: the calls of `matmul` whose matrix is another at every
            step. They stay a part of the step.
    """

    weights: list[Any]
    projected_structure: Any
    noise_structure: Any
    output_state: int | None = None
    x_states: Sequence[int | None] = ()
    same_gradient: Sequence[int | None] = ()
    kept_sums: Mapping[int, int] = {}
    read_leaves: Sequence[int] = ()
    saved_states: Sequence[int] = ()
    saved_products: Sequence[int] = ()
    direct_weights: Sequence[int] = ()
    inner_calls: frozenset[int] = frozenset()


def flatten(tree: Any) -> tuple[list[Tensor], Any]:
    """Returns the tensors of a tree, and the tree with their indices.

    None stays in the tree.
    """
    tensors = [leaf for leaf in keras.tree.flatten(tree) if leaf is not None]
    indices = iter(range(len(tensors)))
    return tensors, keras.tree.map_structure(
        lambda leaf: None if leaf is None else next(indices), tree
    )


def unflatten(structure: Any, tensors: Any) -> Any:
    """Puts the tensors back in place of their indices."""
    return keras.tree.map_structure(
        lambda i: None if i is None else tensors[i], structure
    )
