"""Texts to numbers, inside the graph: words, n-grams, head and tail."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from seqapps import text

_AT_ONCE = 512  # texts that are encoded at once
_INSIDE = "\ue000"  # stands for an apostrophe between letters, for a while
# in this order: a rule, and what takes the place of what it finds
_RULES = [
    (r"<[bB][rR]\s*/?>|[\pZ\pC]", " "),  # line breaks of HTML, blanks
    (r"[\x{2018}\x{2019}\x{00b4}`]", "'"),
    (r"([\p{L}\p{N}])'(\p{L})", rf"\1{_INSIDE}\2"),  # "don't" is one word
    (rf"([^\p{{L}}\p{{M}}\p{{N}}\s{_INSIDE}])", r" \1 "),  # marks stand alone
    (_INSIDE, "'"),
]


@keras.saving.register_keras_serializable(package="seqapps")
class TextCodec(tf.Module):
    """Turns texts into numbers of words and n-grams, and classes into names.

    A text is cut into words and single marks. A long one keeps its first
    `head` and its last `tail` of them. Each is then a row of numbers: its own,
    and one for each n-gram that ends with it; 0 where that n-gram has none.

    Args:
        labels: names of the classes, in order.
        words: the vocabulary, numbered 3, 4, ...; 2 is any other word.
        ngrams: keys (see `keys`) of the n-grams that are known, numbered
            after the words.
        ratios: of each n-gram, how much more often one class has it than the
            others; see `ratios`. The network weighs its vector so.
        order: longest n-gram; 1 is words alone.
        cased: whether "Good" and "good" are two words.
        head: words kept of a long text's beginning.
        tail: and of its end.
        temperature: divides the logits, for probabilities to be believed.
    """

    def __init__(
        self,
        labels: Sequence[str],
        words: Sequence[str],
        ngrams: Sequence[int] = (),
        ratios: Sequence[float] = (),
        order: int = 1,
        cased: bool = False,
        head: int = 200,
        tail: int = 200,
        temperature: float = 1.0,
    ):
        super().__init__()
        self.labels, self.words = list(labels), list(words)
        self.ngrams, self.order = [int(key) for key in ngrams], order
        self.ratios = list(ratios)
        self.cased, self.head, self.tail = cased, head, tail
        self.temperature = temperature
        self._names = tf.constant(self.labels)
        self._words = text.Vocabulary(self.words)
        self._ngrams = None
        if self.ngrams:
            first = len(self._words)
            numbers = np.arange(first, first + len(self.ngrams), dtype=np.int32)
            self._ngrams = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(
                    tf.constant(self.ngrams, tf.int64), tf.constant(numbers)
                ),
                text.PAD,
            )

    def __len__(self) -> int:
        """How many numbers there are: the size of an embedding."""
        return len(self._words) + len(self.ngrams)

    @property
    def columns(self) -> int:
        """Numbers a word: itself, a pair, a triple, ..."""
        return self.order if self.ngrams else 1

    def get_config(self) -> dict:
        return {
            "labels": self.labels,
            "words": self.words,
            "ngrams": self.ngrams,
            "ratios": self.ratios,
            "order": self.order,
            "cased": self.cased,
            "head": self.head,
            "tail": self.tail,
            "temperature": self.temperature,
        }

    @classmethod
    def from_config(cls, config: dict):
        return cls(**config)

    def split(self, texts):
        """Cuts texts into words and marks, as they are written.

        Args:
            texts: `(batch,)` strings; what is no UTF-8 is replaced.

        Returns:
            A ragged tensor of strings, `(batch, None)`.
        """
        texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", "replace")
        for pattern, new in _RULES:
            texts = tf.strings.regex_replace(texts, pattern, new)
        return tf.strings.split(texts)

    def shorten(self, rows):
        """Keeps head and tail of each row, `(batch, None, ...)` ragged."""
        lengths = rows.row_lengths()  # (batch,)
        place = tf.ragged.range(lengths)  # (batch, None)
        left = tf.repeat(lengths, lengths) - place.flat_values
        kept = (place.flat_values < self.head) | (left <= self.tail)
        return tf.ragged.boolean_mask(rows, place.with_flat_values(kept))

    def encode(self, texts):
        """Numbers of words and n-grams, ragged `(batch, None, columns)`."""
        return self.shorten(self.number(self.split(texts)))

    def encoded(self, texts: Sequence[str]):
        """The same of many texts, a few hundred at a time."""
        parts = [
            self.encode(tf.constant(texts[i : i + _AT_ONCE]))
            for i in range(0, len(texts), _AT_ONCE)
        ]
        return tf.concat(parts, 0)

    def inputs(self, texts):
        """The same, dense, padded with 0: what the network takes."""
        return self.dense(self.encode(texts))

    def dense(self, rows):
        """Pads ragged rows to `(batch, time, columns)`; time is never 0."""
        dense = rows.to_tensor(
            text.PAD, shape=[None, None, self.columns]
        )  # (batch, time, columns)
        missing = tf.maximum(1 - tf.shape(dense)[1], 0)  # of empty texts
        return tf.pad(dense, [[0, 0], [0, missing], [0, 0]])

    def number(self, words):
        """Numbers whole rows of words, ragged `(batch, None, columns)`."""
        ids = self._words.ids(self.fold(words))  # (batch, None)
        columns = [ids.flat_values]
        keys, known = tf.cast(ids.flat_values, tf.int64), True
        place = tf.ragged.range(ids.row_lengths()).flat_values
        before = ids.flat_values
        for n in range(2, self.columns + 1):
            before = tf.concat([before[:1], before[:-1]], 0)  # n - 1 ago
            known &= (place >= n - 1) & (before != text.UNKNOWN)
            keys = keys + tf.cast(before, tf.int64) * self.base ** (n - 1)
            right = known & (ids.flat_values != text.UNKNOWN)
            columns.append(self._ngrams.lookup(tf.where(right, keys, -1)))
        return ids.with_flat_values(tf.stack(columns, -1))

    def fold(self, words):
        """Words as the vocabulary has them: in lower case, unless `cased`."""
        if self.cased:
            return words
        lower = tf.strings.lower(words.flat_values, "utf-8")
        return words.with_flat_values(lower)

    @property
    def base(self) -> int:
        """Of the keys: an n-gram w_1 ... w_n has the key sum w_i base^(n-i)."""
        return len(self._words)

    def names(self, classes):
        """Names of classes, of any shape."""
        return tf.gather(self._names, classes)


def keys(ids: np.ndarray, rows: np.ndarray, n: int, base: int) -> tuple:
    """Keys of all n-grams of known words in rows that follow one another.

    Args:
        ids: numbers of all words.
        rows: the row of each.
        n: words in an n-gram.
        base: one more than the largest number.

    Returns:
        The key and the row of each n-gram.
    """
    total = np.zeros(max(len(ids) - n + 1, 0), np.int64)
    right = rows[: len(total)] == rows[n - 1 :]
    for i in range(n):
        part = ids[i : len(ids) - n + 1 + i]
        total = total * base + part
        right &= part != text.UNKNOWN
    return total[right], rows[: len(total)][right]


def ratios(counts: np.ndarray) -> np.ndarray:
    """How much an n-gram tells: naive Bayes's log-count ratio, without sign.

        r_gk = log((1 + p_gk) / sum_g (1 + p_gk))
             - log((1 + q_gk) / sum_g (1 + q_gk)),    max_k |r_gk|

    with p how many texts of class k have n-gram g, and q how many of the
    others. (Wang and Manning, Baselines and Bigrams, 2012, section 2.1; Li et
    al., Weighted Neural Bag-of-n-grams Model, 2016, weigh vectors so.)

    Args:
        counts: `(n-grams, classes)`, p.

    Returns:
        `(n-grams,)`.
    """
    own = 1 + counts
    rest = 1 + counts.sum(1, keepdims=True) - counts
    ratio = np.log(own / own.sum(0)) - np.log(rest / rest.sum(0))
    return np.abs(ratio).max(1)
