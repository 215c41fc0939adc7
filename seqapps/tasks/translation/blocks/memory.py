"""What the decoder needs of the source at every step, computed once."""

from typing import Any, NamedTuple

import keras
from keras import ops

from seqapps.tasks.translation.blocks.pointer import Copies

_ALIGNMENT = 32  # the vocabulary is padded to a multiple, for fast products


class Memory(NamedTuple):
    """The encoder's output, and products of it that all steps share.

    Attention is a weighted sum of values, and products are linear:
    W (sum_s a_s v_s) = sum_s a_s (W v_s). So the decoder's products of the
    context are computed for each source position beforehand.

    Args:
        values: the encoder's outputs v, `(batch, S, size)`; without attention
            one vector for the whole source, `(batch, 1, size)`.
        keys: the values as the attention layer prepares them.
        mask: `(batch, S)`, False where the source is padded.
        products: of each value with the kernels of the second decoder layer
            and of the output layer, concatenated,
            `(batch, S, gates + embedding)`. The values themselves take the
            place of the gates where `state_kernels` is None.
        state_kernels: the rows of the second layer's kernels that multiply h,
            `(units, gates)` each; None for a cell that transforms its inputs
            before it multiplies them.
        output_kernel: the rows of the output layer's kernel that multiply g
            and the last sub-word, `(units + embedding, embedding)`.
        embeddings: of all target sub-words, `(vocabulary, embedding)`, padded
            with rows of zeros.
        bias: `(vocabulary,)`, -inf for the padding.
        copies: what can be copied, or None. The last of the products is then
            that of the pointer's gate.
    """

    values: Any
    keys: Any
    mask: Any
    products: Any
    state_kernels: tuple[Any, ...] | None
    output_kernel: Any
    embeddings: Any
    bias: Any
    copies: Copies | None = None

    def take(self, rows: Any) -> "Memory":
        """The memory of the sources of these indices, `(rows,)`."""
        names = "values", "keys", "mask", "products", "copies"
        return self._replace(
            **keras.tree.map_structure(
                lambda x: None if x is None else ops.take(x, rows, axis=0),
                {name: getattr(self, name) for name in names},
            )
        )

    def attend(self, layer: Any, h: Any, values: Any) -> tuple[Any, Any]:
        """Context and attention weights; rows of h may share a source.

        Args:
            layer: of attention, or None.
            h: queries, `(rows, T, units)`; rows of a source are adjacent.
            values: `self.values`, or `self.products`.
        """
        shape = ops.shape(h)[:2]
        sources = ops.shape(self.mask)[0]
        h = ops.reshape(h, (sources, -1, h.shape[-1]))
        if layer is None:
            context = ops.zeros_like(h[..., :1]) + values
            weights = context[..., :1] * 0.0
        else:
            context, weights = layer(
                h, values, keys=self.keys, values_mask=self.mask
            )  # (batch, T, size), (batch, T, S)
        context = ops.reshape(context, (*shape, ops.shape(context)[-1]))
        return context, ops.reshape(weights, (*shape, ops.shape(weights)[-1]))

    def project(self, cell: Any, h: Any, context: Any) -> Any:
        """The input projection of the second decoder layer.

        Args:
            cell: of that layer.
            h: the first layer's outputs, `(rows, units)`.
            context: attention over the gates of `products`, `(rows, gates)`.
        """
        if self.state_kernels is None:
            h = ops.concatenate([h, context], axis=-1)
            return cell.project(h, cell.draw(h), matmul=cell.matmul)
        kernels, start = iter(self.state_kernels), 0

        def product(h: Any, _: Any) -> Any:
            nonlocal start
            kernel = next(kernels)
            part = context[:, start : start + kernel.shape[-1]]
            start += kernel.shape[-1]
            return cell.matmul(h, kernel) + part

        return cell.project(h, cell.draw(h), matmul=product)


def build_memory(
    network: Any,
    values: Any,
    keys: Any,
    mask: Any,
    source: Any,
) -> Memory:
    """Computes the memory of a batch of sources.

    Args:
        network: a `TranslationNetwork`.
        values: see `Memory`.
        keys: see `Memory`.
        mask: see `Memory`.
        source: `(batch, S)` ids.
    """
    cell, units = network.output_rnn.cell, network.arguments["units"]
    size = network.arguments["embedding"]
    kernels = _input_kernels(cell, units + values.shape[-1])
    products, state_kernels = [values], None
    if kernels is not None:
        products = [cell.matmul(values, kernel[units:]) for kernel in kernels]
        state_kernels = tuple(kernel[:units] for kernel in kernels)
    kernel = network.output_hidden.kernel
    products.append(cell.matmul(values, kernel[units:-size]))
    copies = None
    if network.pointer:
        copies = Copies.of(source)
        gate = ops.cast(network.pointer.kernel, values.dtype)
        products.append(ops.matmul(values, gate[units:-size]))
    padding = -network.arguments["target"] % _ALIGNMENT
    return Memory(
        values,
        keys,
        mask,
        ops.concatenate(products, axis=-1),
        state_kernels,
        ops.concatenate([kernel[:units], kernel[-size:]], axis=0),
        ops.pad(network.target_embeddings(), ((0, padding), (0, 0))),
        ops.pad(network.bias, ((0, padding),), constant_values=-float("inf")),
        copies,
    )


def _input_kernels(cell: Any, size: int) -> list[Any] | None:
    """The kernels that `cell.project` multiplies its inputs by.

    None if it multiplies anything but its inputs.
    """
    inputs = ops.zeros((1, size), cell.compute_dtype)
    kernels = []

    def matmul(x: Any, kernel: Any) -> Any:
        kernels.append(kernel if x is inputs else None)
        return cell.matmul(x, kernel)

    cell.project(inputs, cell.draw(inputs), matmul=matmul)
    return None if any(kernel is None for kernel in kernels) else kernels
