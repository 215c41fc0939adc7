"""Characters that are written in several ways, inside the graph."""

import functools
import sys
import unicodedata

import numpy as np
import tensorflow as tf

_END = 0x20000  # of the table
_TAGS = (0xE0000, 0xF0000)  # variation selectors and tags: removed
_REMOVED = [  # no character of their own
    (0x00AD, 0x00AD),  # soft hyphen
    (0x0300, 0x036F),  # accents, as NFD writes them
    (0x061C, 0x061C),
    (0x180B, 0x180F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x200B, 0x200F),  # of no width; directions
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFE20, 0xFE2F),
    (0xFEFF, 0xFEFF),  # byte order mark
    (0x1F3FB, 0x1F3FF),  # skin tones
]
_SINGLE, _DOUBLE = (
    "\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4\uff07\uff40",
    "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02",
)
_OTHERS = {
    **dict.fromkeys(_SINGLE, "'"),
    **dict.fromkeys(_DOUBLE, '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2014\u2015", "--"),
    **dict.fromkeys("\u2122\u2120", " "),  # NFKD makes letters of them
    "\u00df": "ss",
    "\u00e6": "ae",
    "\u00c6": "AE",
    "\u0153": "oe",
    "\u0152": "OE",
    "\u00f8": "o",
    "\u00d8": "O",
    "\u0142": "l",
    "\u0141": "L",
    "\u0111": "d",
    "\u0110": "D",
    "\u0131": "i",
}


def fold(character: str) -> str:
    """How a character is written: without accents, width and ornament.

    Example:
        >>> fold("é"), fold("Ａ"), fold("½"), fold("’"), fold("\u00ad")
        ('e', 'A', ' 1/2', "'", '')
    """
    if character in _OTHERS:
        return _OTHERS[character]
    plain = unicodedata.normalize("NFKD", character).replace("\u2044", "/")
    if "/" in plain and plain != character:
        plain = f" {plain}"  # "2½" is not 21/2
    return "".join(c for c in plain if not _is_removed(ord(c)))


def _is_removed(code: int) -> bool:
    return any(first <= code <= last for first, last in _REMOVED)


@functools.cache
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What `fold` does to each character, as arrays.

    Returns:
        The rule of each code point, 0 where it stays; of each rule, the number
        of characters and where they begin; the characters of all rules.
    """
    rules = np.zeros(_END, np.int16)
    lengths, starts, codes = [1], [0], [0]
    for code in range(128, _END):
        character = chr(code)
        plain = fold(character)
        if plain != character and not 0xD800 <= code < 0xE000:
            rules[code] = len(lengths)
            lengths.append(len(plain))
            starts.append(len(codes))
            codes.extend(map(ord, plain))
    codes.append(0)  # so that an empty one begins somewhere
    numbers = (np.array(x, np.int32) for x in (lengths, starts, codes))
    return rules, *numbers


class Folding(tf.Module):
    """Applies `fold` to each character of texts."""

    def __init__(self) -> None:
        super().__init__()
        self._rules, self._lengths, self._starts, self._codes = map(
            tf.constant, _tables()
        )

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Folds the characters of `(batch,)` strings."""
        rows = tf.strings.unicode_decode(texts, "UTF-8")  # (batch, None)
        codes = rows.flat_values
        is_tag = (codes >= _TAGS[0]) & (codes < _TAGS[1])
        index = tf.where(is_tag, 0xAD, tf.minimum(codes, _END - 1))
        rules = tf.cast(tf.gather(self._rules, index), tf.int32)
        lengths = tf.gather(self._lengths, rules)  # of what each becomes
        before = tf.cumsum(lengths, exclusive=True)
        first = tf.gather(self._starts, rules) - before
        places = tf.range(tf.reduce_sum(lengths)) + tf.repeat(first, lengths)
        is_same = tf.repeat(rules == 0, lengths)
        folded = tf.where(
            is_same,
            tf.repeat(codes, lengths),
            tf.gather(self._codes, tf.where(is_same, 0, places)),
        )
        return _joined(folded, lengths, rows.row_splits)


def shorten_runs(texts: tf.Tensor) -> tf.Tensor:
    """Shortens a letter that is written three times or more to two.

    "sooo goooood" becomes "soo good". Three I or X, in any case, may be a
    Roman number and stay.

    Args:
        texts: `(batch,)` strings.
    """
    rows = tf.strings.unicode_decode(texts, "UTF-8")  # (batch, None)
    codes = rows.flat_values
    is_upper = (codes >= ord("A")) & (codes <= ord("Z"))
    lower = tf.where(is_upper, codes + 32, codes)
    is_letter = (lower >= ord("a")) & (lower <= ord("z"))
    row_ids = tf.cast(rows.value_rowids(), tf.int32)
    key = lower + (row_ids % 2) * (sys.maxunicode + 1)  # runs end with a text
    begins = tf.concat([[True], key[1:] != key[:-1]], 0)[: tf.size(key)]
    runs = tf.cumsum(tf.cast(begins, tf.int32)) - 1
    starts = tf.cast(tf.where(begins)[:, 0], tf.int32)
    ends = tf.concat([starts[1:], [tf.size(key)]], 0)
    position = tf.range(tf.size(key)) - tf.gather(starts, runs)
    is_three = tf.gather(ends - starts, runs) == 3
    is_roman = is_three & ((lower == ord("i")) | (lower == ord("x")))
    keep = (position < 2) | ~is_letter | is_roman
    return _joined(codes[keep], tf.cast(keep, tf.int32), rows.row_splits)


def _joined(
    codes: tf.Tensor, lengths: tf.Tensor, splits: tf.Tensor
) -> tf.Tensor:
    """Strings of code points, of which each old one has become some.

    Args:
        codes: of all strings.
        lengths: how many each old code point has become.
        splits: where the strings began in the old code points.
    """
    ends = tf.concat([[0], tf.cumsum(lengths)], 0)
    splits = tf.cast(tf.gather(ends, splits), tf.int64)
    rows = tf.RaggedTensor.from_row_splits(codes, splits, validate=False)
    return tf.strings.unicode_encode(rows, "UTF-8")
