"""HTML character references, such as `&eacute;`, inside the graph."""

import html.entities

import tensorflow as tf

from seqapps.tasks.sentiment.codec.matching import change_where

_MARK = "\ue001"  # between a text and a reference
_REFERENCE = r"&(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]{1,31});"
_BAD = 0xFFFD  # what stands for a number that is no character
_DIGITS = 8


class Entities(tf.Module):
    """Replaces HTML character references by their characters.

    All names of HTML 5 and decimal and hexadecimal numbers are known; those
    from 128 to 159 mean the characters of Windows, as in browsers. An unknown
    name stays as it is.
    """

    def __init__(self) -> None:
        super().__init__()
        named = {
            name[:-1]: characters
            for name, characters in html.entities.html5.items()
            if name.endswith(";")
        }
        self._named = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(list(named)), tf.constant(list(named.values()))
            ),
            "",
        )
        windows = [
            ord(bytes([i]).decode("cp1252", "replace")) for i in range(128, 160)
        ]
        self._windows = tf.constant(windows, tf.int64)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Replaces the references in `(batch,)` strings."""
        return change_where(texts, _REFERENCE, self._unescape)

    def _unescape(self, texts: tf.Tensor) -> tf.Tensor:
        texts = tf.strings.regex_replace(texts, _MARK, "")
        # what was escaped twice: "&amp;quot;"
        texts = tf.strings.regex_replace(texts, "&amp;", "&")
        marked = tf.strings.regex_replace(
            texts, _REFERENCE, rf"{_MARK}\1{_MARK}"
        )
        rows = tf.strings.split(marked, _MARK)  # text, reference, text, ...
        parts, row_ids = rows.values, rows.value_rowids()
        first = tf.gather(rows.row_splits, row_ids)
        position = tf.range(tf.size(parts, tf.int64)) - first
        places = tf.where(position % 2 == 1)
        characters = self._characters(tf.gather_nd(parts, places))
        parts = tf.tensor_scatter_nd_update(parts, places, characters)
        return tf.strings.unsorted_segment_join(parts, row_ids, rows.nrows())

    def _characters(self, references: tf.Tensor) -> tf.Tensor:
        """The characters of references without `&` and `;`, `(n,)`."""
        named = self._named.lookup(references)
        unknown = tf.strings.join(["&", references, ";"])
        is_number = tf.strings.regex_full_match(references, "#.*")
        base = tf.where(
            tf.strings.regex_full_match(references, "#[xX].*"), 16, 10
        )
        digits = tf.strings.regex_replace(references, "^#[xX]?", "")
        numbers = _numbers(digits, tf.cast(base, tf.int64))
        is_windows = (numbers >= 128) & (numbers < 160)
        index = tf.clip_by_value(numbers - 128, 0, 31)
        numbers = tf.where(is_windows, tf.gather(self._windows, index), numbers)
        is_surrogate = (numbers >= 0xD800) & (numbers < 0xE000)
        bad = (numbers < 1) | (numbers > 0x10FFFF) | is_surrogate
        code_points = tf.where(bad, _BAD, tf.cast(numbers, tf.int32))
        numbered = tf.strings.unicode_encode(code_points[:, None], "UTF-8")
        named = tf.where(named == "", unknown, named)
        return tf.where(is_number, numbered, named)


def _numbers(digits: tf.Tensor, base: tf.Tensor) -> tf.Tensor:
    """Numbers `(n,)` of strings of digits, their first eight."""
    codes = tf.io.decode_raw(digits, tf.uint8, fixed_length=_DIGITS)
    codes = tf.cast(codes, tf.int64)  # (n, 8), 0 behind the end
    lengths = tf.math.count_nonzero(codes, 1, keepdims=True)
    # the last three bits of a letter are 1 for A and a
    values = tf.where(codes < ord("A"), codes - ord("0"), codes % 8 + 9)
    powers = lengths - 1 - tf.range(_DIGITS, dtype=tf.int64)  # (n, 8)
    weights = tf.pow(base[:, None], tf.maximum(powers, 0))
    return tf.reduce_sum(tf.where(codes > 0, values * weights, 0), 1)
