"""What the decoder knows of the source, the same at every step."""

from typing import Any, NamedTuple

import keras
from keras import ops

_ALIGNED = 32  # a search reads so many logits at once


class Memory(NamedTuple):
    """What the encoder has made of a source, and what follows from it.

    Args:
        values: what the encoder says of each place, `(batch, S, size)`; of
            all together, `(batch, 1, size)`, where there is no attention.
        keys: what attention makes of the values.
        mask: `(batch, S)`, False where there is no place.
        seen: what each place would add to the decoder's products, were it all
            that is looked at, `(batch, S, gates + embedding)`: as
            W (sum_s a_s v_s) = sum_s a_s (W v_s), a step need not make it.
            The places themselves stand first where `hears` is None.
        hears: what is left of the products that the cell projects by, of h,
            `(units, gates)` each; None for a cell that does more to its
            inputs before it multiplies them.
        says: what is left of the product of g and the last sub-word,
            `(units + embedding, embedding)`.
        words: vectors of all target sub-words, `(vocabulary, embedding)`, and
            some of zeros.
        bias: of each, `(vocabulary,)`; of the zeros -inf.
    """

    values: Any
    keys: Any
    mask: Any
    seen: Any
    hears: tuple | None
    says: Any
    words: Any
    bias: Any

    def of(self, rows):
        """What is known of some of the sources, by number `(rows,)`."""
        values, keys, mask, seen = keras.tree.map_structure(
            lambda x: ops.take(x, rows, axis=0),
            (self.values, self.keys, self.mask, self.seen),
        )
        return self._replace(values=values, keys=keys, mask=mask, seen=seen)

    def project(self, cell, h, given):
        """What a cell projects h and what is looked at to.

        Args:
            cell: of the decoder's second layer.
            h: `(rows, units)`.
            given: what attention has of `seen`, `(rows, gates)`.
        """
        if self.hears is None:
            h = ops.concatenate([h, given], axis=-1)
            return cell.project(h, cell.draw(h), matmul=cell.matmul)
        kernels, start = iter(self.hears), 0

        def product(h, _):
            nonlocal start
            kernel = next(kernels)
            part = given[:, start : start + kernel.shape[-1]]
            start += kernel.shape[-1]
            return cell.matmul(h, kernel) + part

        return cell.project(h, cell.draw(h), matmul=product)


def remember(network, values, keys, mask, words) -> Memory:
    """The memory, with all of a step that can be made before any.

    Args:
        network: a `TranslationNetwork`.
        values: see `Memory`; and the next two.
        keys: what attention makes of the values.
        mask: where there are any.
        words: vectors of the target's sub-words, `(target, embedding)`.
    """
    cell, units = network.speaker.cell, network.arguments["units"]
    size = network.arguments["embedding"]
    hears = _kernels(cell, units + values.shape[-1])
    seen = [values]
    if hears is not None:
        seen = [cell.matmul(values, kernel[units:]) for kernel in hears]
        hears = tuple(kernel[:units] for kernel in hears)
    says = network.say.kernel
    said = cell.matmul(values, says[units:-size])
    says = ops.concatenate([says[:units], says[-size:]], axis=0)
    more = -network.arguments["target"] % _ALIGNED
    return Memory(
        values,
        keys,
        mask,
        ops.concatenate([*seen, said], axis=-1),
        hears,
        says,
        ops.pad(words, ((0, more), (0, 0))),
        ops.pad(network.bias, ((0, more),), constant_values=-float("inf")),
    )


def _kernels(cell, size: int) -> list | None:
    """What a cell multiplies its inputs by; None if it multiplies others."""
    row = ops.zeros((1, size), cell.compute_dtype)
    kernels = []

    def matmul(x, kernel):
        kernels.append(kernel if x is row else None)
        return cell.matmul(x, kernel)

    cell.project(row, cell.draw(row), matmul=matmul)
    return None if any(kernel is None for kernel in kernels) else kernels
