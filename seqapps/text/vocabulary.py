"""Strings to ids and back, inside the graph."""

import tensorflow as tf

PAD, END, UNKNOWN = 0, 1, 2


class Vocabulary(tf.Module):
    """A list of tokens and the table that numbers them.

    Args:
        tokens: what has an id of its own: 3, 4, ...; 0 pads, 1 ends, 2 is
            anything else.
    """

    def __init__(self, tokens: list[str]):
        super().__init__()
        self.tokens = ("<pad>", "<end>", "<unknown>", *tokens)
        self._names = tf.constant(self.tokens)
        self._table = table(self.tokens, range(len(self.tokens)), UNKNOWN)

    def __len__(self) -> int:
        return len(self.tokens)

    def ids(self, strings):
        """Numbers strings, dense or ragged, of any shape."""
        if isinstance(strings, tf.RaggedTensor):
            return strings.with_flat_values(self.ids(strings.flat_values))
        return self._table.lookup(strings)

    def strings(self, ids):
        """Names ids, of any shape."""
        return tf.gather(self._names, ids)


def table(keys, values, default: int) -> tf.lookup.StaticHashTable:
    """A hash table from strings to integers, saved with the graph."""
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            tf.constant(list(keys)), tf.constant(list(values), tf.int32)
        ),
        default,
    )


def visible(ids):
    """Whether each token stands before its row's end, `(batch, time)`."""
    ended = tf.cumsum(tf.cast(ids == END, tf.int32), axis=1)
    return (ended == 0) & (ids != PAD)
