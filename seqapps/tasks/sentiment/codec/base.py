"""Texts to ids of words and n-grams, inside the TensorFlow graph."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqapps import text
from seqapps.tasks.sentiment.codec.cleaning import Cleaner
from seqapps.tasks.sentiment.codec.doubts import Doubts

_BATCH_SIZE = 512  # texts that are encoded together
_INSIDE = "\ue000"  # placeholder of an apostrophe between letters
# applied in this order: a pattern and its replacement
_RULES = [
    (r"<[bB][rR]\s*/?>|[\pZ\pC]", " "),  # HTML line breaks, white space
    (r"[\x{2018}\x{2019}\x{00b4}`]", "'"),
    (r"([\p{L}\p{N}])'(\p{L})", rf"\1{_INSIDE}\2"),  # "don't" is one word
    (rf"([^\p{{L}}\p{{M}}\p{{N}}\s{_INSIDE}])", r" \1 "),  # punctuation
    (_INSIDE, "'"),
]


@keras.saving.register_keras_serializable(package="seqapps")
class TextCodec(tf.Module):
    """Turns texts into ids of words and n-grams, and classes into labels.

    A text is split into words and single punctuation marks, its tokens. A long
    text keeps its first `head` and its last `tail` tokens. Each token becomes a
    row of ids: its own, and that of each n-gram that ends with it, or 0 if the
    n-gram is not in the vocabulary.

    Args:
        labels: the names of the classes, in order.
        words: the vocabulary; their ids are 3, 4, ...; 2 is any other word.
        ngrams: keys (see `ngram_keys`) of the n-grams in the vocabulary; their
            ids follow those of the words.
        ratios: the weight of each n-gram's vector; see `log_count_ratios`.
        order: the longest n-gram; 1 for words alone.
        cased: whether "Good" and "good" are two words.
        head: tokens kept from the beginning of a long text.
        tail: tokens kept from its end.
        temperature: divides the logits to calibrate the probabilities; see
            `calibration.fit_temperature`.
        clean: whether texts are cleaned first (see `cleaning.Cleaner`), and
            `unsure` knows texts without words.
        english: whether `unsure` knows texts that are not English; see
            `doubts.is_english`.
        ranked: whether the labels are known to rise from the lowest to the
            highest, as ordered classes must.
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
        clean: bool = False,
        english: bool = False,
        ranked: bool = False,
    ):
        super().__init__()
        self.labels, self.words = list(labels), list(words)
        self.ngrams, self.order = [int(key) for key in ngrams], order
        self.ratios = list(ratios)
        self.cased, self.head, self.tail = cased, head, tail
        self.temperature, self.clean = temperature, clean
        self.english, self.ranked = english, ranked
        self._cleaner = Cleaner() if clean else None
        self._doubts = Doubts(english) if clean else None
        self._label_names = tf.constant(self.labels)
        self._words = text.Vocabulary(self.words)
        self._ngrams: Any = None
        if self.ngrams:
            keys = tf.constant(self.ngrams, tf.int64)
            self._ngrams = tf.lookup.StaticHashTable(
                text.Numbering(keys, len(self._words)), text.PAD
            )

    def __len__(self) -> int:
        """The number of ids: the size of the embedding."""
        return len(self._words) + len(self.ngrams)

    @property
    def columns(self) -> int:
        """Ids per token: of the word, the pair, the triple, ..."""
        return self.order if self.ngrams else 1

    def get_config(self) -> dict[str, Any]:
        config = {
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
        # without what an older configuration lacks, unless it is on
        new = ("clean", "english", "ranked")
        return config | {name: True for name in new if getattr(self, name)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TextCodec":
        return cls(**config)

    def split(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Splits texts into tokens, in their original case.

        Those of a codec that cleans are cleaned.

        Args:
            texts: `(batch,)` strings; invalid UTF-8 is replaced.

        Returns:
            A ragged tensor of strings, `(batch, None)`.
        """
        texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", "replace")
        if self._cleaner:
            return tf.strings.split(self._cleaner(texts))
        for pattern, replacement in _RULES:
            texts = tf.strings.regex_replace(texts, pattern, replacement)
        return tf.strings.split(texts)

    def truncate(self, rows: tf.RaggedTensor) -> tf.RaggedTensor:
        """Keeps head and tail of each row of `(batch, None, ...)`."""
        lengths = rows.row_lengths()  # (batch,)
        positions = tf.ragged.range(lengths)  # (batch, None)
        remaining = tf.repeat(lengths, lengths) - positions.flat_values
        keep = (positions.flat_values < self.head) | (remaining <= self.tail)
        return tf.ragged.boolean_mask(rows, positions.with_flat_values(keep))

    def encode(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Ids of words and n-grams, ragged `(batch, None, columns)`."""
        return self.truncate(self.ids(self.split(texts)))

    def encode_many(self, texts: Sequence[str]) -> tf.RaggedTensor:
        """`encode` for many texts, a few hundred at a time."""
        parts = [
            self.encode(tf.constant(texts[i : i + _BATCH_SIZE]))
            for i in range(0, len(texts), _BATCH_SIZE)
        ]
        return tf.concat(parts, 0)

    def inputs(self, texts: tf.Tensor) -> tf.Tensor:
        """The network's inputs: `encode`, padded with 0."""
        return self.pad(self.encode(texts))

    def pad(self, rows: tf.RaggedTensor) -> tf.Tensor:
        """Pads ragged rows to `(batch, time, columns)`; time is at least 1."""
        dense = rows.to_tensor(
            text.PAD, shape=[None, None, self.columns]
        )  # (batch, time, columns)
        missing = tf.maximum(1 - tf.shape(dense)[1], 0)  # for empty texts
        return tf.pad(dense, [[0, 0], [0, missing], [0, 0]])

    def ids(self, words: tf.RaggedTensor) -> tf.RaggedTensor:
        """Ids of whole rows of words, ragged `(batch, None, columns)`."""
        ids = self._words.ids(self.fold_case(words))  # (batch, None)
        columns = [ids.flat_values]
        keys, valid = tf.cast(ids.flat_values, tf.int64), True
        position = tf.ragged.range(ids.row_lengths()).flat_values
        earlier = ids.flat_values
        for n in range(2, self.columns + 1):
            earlier = tf.concat([earlier[:1], earlier[:-1]], 0)  # w_{t-n+1}
            valid &= (position >= n - 1) & (earlier != text.UNKNOWN)
            keys = keys + tf.cast(earlier, tf.int64) * self.base ** (n - 1)
            exists = valid & (ids.flat_values != text.UNKNOWN)
            columns.append(self._ngrams.lookup(tf.where(exists, keys, -1)))
        return ids.with_flat_values(tf.stack(columns, -1))

    def unsure(self, words: tf.RaggedTensor, ids: tf.RaggedTensor) -> tf.Tensor:
        """Why texts cannot be judged: `(batch,)` strings, "" if they can be.

        Args:
            words: of `split`.
            ids: of `ids`, of these words.
        """
        if not self._doubts:
            return tf.fill([words.nrows()], "")
        lower = tf.strings.lower(words.flat_values, "utf-8")
        return self._doubts(words.with_flat_values(lower), ids[..., 0])

    def fold_case(self, words: tf.RaggedTensor) -> tf.RaggedTensor:
        """Words in lower case, unless `cased`."""
        if self.cased:
            return words
        lower = tf.strings.lower(words.flat_values, "utf-8")
        return words.with_flat_values(lower)

    @property
    def base(self) -> int:
        """The base of n-gram keys: w_1 ... w_n has sum_i w_i base^(n-i)."""
        return len(self._words)

    def label_names(self, classes: tf.Tensor) -> tf.Tensor:
        """The labels of class ids of any shape."""
        return tf.gather(self._label_names, classes)


def ngram_keys(
    ids: np.ndarray, rows: np.ndarray, n: int, base: int
) -> tuple[np.ndarray, np.ndarray]:
    """Keys of all n-grams without unknown words, within each row.

    Args:
        ids: word ids of all rows, concatenated.
        rows: the row of each id.
        n: words per n-gram.
        base: one more than the largest id.

    Returns:
        The key and the row of each n-gram.
    """
    keys = np.zeros(max(len(ids) - n + 1, 0), np.int64)
    valid = rows[: len(keys)] == rows[n - 1 :]
    for i in range(n):
        words = ids[i : len(ids) - n + 1 + i]
        keys = keys * base + words
        valid &= words != text.UNKNOWN
    return keys[valid], rows[: len(keys)][valid]


def log_count_ratios(counts: np.ndarray) -> np.ndarray:
    """Naive Bayes log-count ratios of n-grams, without their sign.

        r_gk = log((1 + p_gk) / sum_g (1 + p_gk))
             - log((1 + q_gk) / sum_g (1 + q_gk)),    max_k |r_gk|

    with p the number of texts of class k that contain n-gram g, and q that of
    the other classes. (Wang and Manning, Baselines and Bigrams, 2012, section
    2.1; Li et al., Weighted Neural Bag-of-n-grams Model, 2016, weight vectors
    by them.)

    Args:
        counts: `(n-grams, classes)`, p.

    Returns:
        `(n-grams,)`.
    """
    own = 1 + counts
    rest = 1 + counts.sum(1, keepdims=True) - counts
    ratio = np.log(own / own.sum(0)) - np.log(rest / rest.sum(0))
    return np.abs(ratio).max(1)
