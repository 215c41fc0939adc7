"""Which tensors of a traced step depend on which."""

from collections.abc import Iterable, Sequence
from typing import Any

from seqapps.layers.types import Tensor


def find_sums(
    leaves: Sequence[Tensor],
    products: Sequence[Tensor],
    results: Sequence[Tensor],
) -> dict[int, int]:
    """Finds leaves of `projected` that are used only in a sum with a product.

    Nothing else reads the leaf or the product, so the step depends on their
    sum alone.

    Returns:
        The index of the product for the index of each such leaf.
    """
    result_names = {x.name for x in results}

    def only_reader(tensor: Tensor) -> Any:
        """Returns the one operation that reads a tensor, or None."""
        while True:
            if tensor.name in result_names or len(tensor.consumers()) != 1:
                return None
            (op,) = tensor.consumers()
            if op.type != "Identity":
                return op
            tensor = op.outputs[0]

    sums = {}
    readers = [only_reader(product) for product in products]
    for i, leaf in enumerate(leaves):
        op = only_reader(leaf)
        if op is None or op.type not in ("Add", "AddV2"):
            continue
        if readers.count(op) == 1 and len(set(map(id, op.inputs))) == 2:
            product = readers.index(op)
            if leaf.shape == products[product].shape:
                sums[i] = product
    return sums


def names_of_sources(tensors: Iterable[Tensor | None]) -> set[str]:
    """Returns the names of tensors and of all that they are computed from."""
    names: set[str] = set()
    pending = [x for x in tensors if x is not None]
    while pending:
        tensor = pending.pop()
        if tensor.name not in names:
            names.add(tensor.name)
            pending += tensor.op.inputs
    return names
