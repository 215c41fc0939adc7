"""Letters and their accents as one character, inside the graph."""

import functools
import unicodedata

import numpy as np
import tensorflow as tf

from seqapps.tasks.translation.codec import characters

_MARK = r"(?s).*\p{Mn}.*"


def compose(texts: tf.Tensor) -> tf.Tensor:
    """Composes letters and the accents after them, as Unicode's NFC does.

    "n" and U+0303 become "ñ". Korean syllables are left as they are, and
    several accents are expected in the order in which NFD writes them.

    Args:
        texts: `(batch,)` strings.
    """
    found = tf.reduce_any(tf.strings.regex_full_match(texts, _MARK))
    return tf.cond(found, lambda: _composed(texts), lambda: tf.identity(texts))


def _composed(texts: tf.Tensor) -> tf.Tensor:
    keys, values = _pairs()
    read = characters.read(texts)

    def look_up(codes: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """What each of `(all,)` makes with that before it, or 0."""
        key = tf.cast(characters.previous(codes, 0), tf.int64)
        key = key * 2**21 + tf.cast(codes, tf.int64)
        place = tf.minimum(tf.searchsorted(keys, key), tf.size(keys) - 1)
        found = tf.gather(keys, place) == key
        found &= ~characters.begins(rows)
        return tf.where(found, tf.gather(values, place), 0)

    def step(
        codes: tf.Tensor, rows: tf.Tensor, made: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        # of two in a row the first is made now, the other when it is seen again
        first = (made > 0) & (characters.previous(made, 0) == 0)
        follows = tf.concat([first[1:], [False]], 0)[: tf.size(codes)]
        after = tf.concat([made[1:], [0]], 0)[: tf.size(codes)]
        codes = characters.pick(tf.where(follows, after, codes), ~first)
        rows = characters.pick(rows, ~first)
        return codes, rows, look_up(codes, rows)

    codes, rows, _ = tf.while_loop(
        lambda codes, rows, made: tf.reduce_any(made > 0),
        step,
        (read.codes, read.rows, look_up(read.codes, read.rows)),
        (tf.TensorShape([None]),) * 3,
    )
    return characters.encode(codes, rows, read.count)


@functools.cache
def _pairs() -> tuple[tf.Tensor, tf.Tensor]:
    """Sorted keys of letter and accent, and what they make."""
    pairs = {}
    for code in range(0x30000):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0][0] != "<":
            first, second = (int(part, 16) for part in parts)
            text = chr(first) + chr(second)
            if unicodedata.normalize("NFC", text) == chr(code):
                pairs[(first << 21) + second] = code
    keys = np.array(sorted(pairs), np.int64)
    values = np.array([pairs[int(key)] for key in keys], np.int32)
    with tf.init_scope():  # once for all graphs
        return tf.constant(keys), tf.constant(values)
