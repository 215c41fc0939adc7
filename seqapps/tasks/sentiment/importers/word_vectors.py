"""Word vectors in the text format of GloVe, fastText and word2vec."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seqapps.errors import InputError

if TYPE_CHECKING:
    import numpy as np


def read_word_vectors(
    path: Path, ids: dict[str, int], size: int
) -> "tuple[np.ndarray, np.ndarray]":
    """Reads the vectors of a vocabulary's words.

    A line is a word and its numbers, with spaces between them. A first line of
    two numbers, the words and the size, is skipped.

    Args:
        path: the file; may end in .gz.
        ids: the id of each word of the vocabulary.
        size: numbers of a vector.

    Returns:
        Ids `(words,)` and vectors `(words, size)`, of the words in both.

    Raises:
        InputError: the file cannot be read, or has vectors of another size.
    """
    import numpy as np

    vectors: dict[int, np.ndarray] = {}
    for number, line in _lines(path):
        word, *numbers = line.rstrip().split(" ")
        if number == 1 and len(numbers) == 1 and size > 1:
            continue
        if len(numbers) != size:
            raise InputError(
                f"{path}, line {number}: {len(numbers)} numbers after the "
                f"word; --model.embedding is {size}"
            )
        row = ids.get(word)
        if row is None or row in vectors:
            continue
        try:
            vector = np.array(numbers, np.float32)
        except ValueError:
            vector = np.full(size, np.nan, np.float32)
        if not np.isfinite(vector).all():
            raise InputError(f"{path}, line {number}: no vector of {word!r}")
        vectors[row] = vector
    if not vectors:
        raise InputError(f"{path} has no word of the vocabulary")
    return np.array(list(vectors)), np.stack(list(vectors.values()))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The numbered lines of a text file."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            yield from enumerate(file, 1)
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise InputError(f"{path}: {error}") from error
