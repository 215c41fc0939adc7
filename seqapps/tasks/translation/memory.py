"""What the decoder knows of the source, the same at every step."""

from typing import Any, NamedTuple


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
        kernels: what is left of the two products: of h, `(units, gates)`, and
            of g and the last sub-word, `(units + embedding, embedding)`.
        words: vectors of all target sub-words, `(vocabulary, embedding)`.
    """

    values: Any
    keys: Any
    mask: Any
    seen: Any
    kernels: tuple
    words: Any
