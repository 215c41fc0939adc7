"""Strings to ids and back, inside the graph."""

from collections.abc import Iterable

import tensorflow as tf

PAD = 0
"""The id of what fills a row up behind its end."""
END = 1
"""The id of the end of a sequence."""
UNKNOWN = 2
"""The id of what the vocabulary lacks."""


class Vocabulary(tf.Module):
    """Maps tokens to ids and back.

    Args:
        tokens: have the ids 3, 4, ...; 0 is padding, 1 the end, 2 any unknown
            token.
    """

    def __init__(self, tokens: list[str]):
        super().__init__()
        self.tokens = ("<pad>", "<end>", "<unknown>", *tokens)
        self._names = tf.constant(self.tokens)
        self._table = tf.lookup.StaticHashTable(
            Numbering(tf.constant(self.tokens)), UNKNOWN
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def ids(self, strings: tf.Tensor | tf.RaggedTensor) -> tf.Tensor:
        """Maps strings to ids, dense or ragged, of any shape."""
        if isinstance(strings, tf.RaggedTensor):
            return strings.with_flat_values(self.ids(strings.flat_values))
        return self._table.lookup(strings)

    def strings(self, ids: tf.Tensor) -> tf.Tensor:
        """Maps ids to strings, of any shape."""
        return tf.gather(self._names, ids)


class Numbering(tf.lookup.KeyValueTensorInitializer):
    """Numbers the keys of a table; a saved graph has the keys alone.

    Args:
        keys: have the values `first`, `first` + 1, ..., 32-bit integers.
        first: the value of the first key.
    """

    def __init__(self, keys: tf.Tensor, first: int = 0):
        self._first, self._count = first, len(keys)
        self._names = keys
        super().__init__(keys, self._numbers())

    def initialize(self, table: tf.lookup.StaticHashTable) -> tf.Operation:
        return tf.raw_ops.LookupTableImportV2(
            table_handle=table.resource_handle,
            keys=self._names,
            values=self._numbers(),
        )

    def _numbers(self) -> tf.Tensor:
        return tf.range(self._first, self._first + self._count)


def lookup_table(
    keys: Iterable[str | bytes], values: Iterable[int], default: int
) -> tf.lookup.StaticHashTable:
    """Makes a hash table from strings to integers, saved with the graph."""
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            tf.constant(list(keys)), tf.constant(list(values), tf.int32)
        ),
        default,
    )


def is_before_end(ids: tf.Tensor) -> tf.Tensor:
    """Tells whether each token is before its row's END, `(batch, time)`."""
    ended = tf.cumsum(tf.cast(ids == END, tf.int32), axis=1)
    return (ended == 0) & (ids != PAD)
