"""The vocabulary of words and n-grams, built from the training texts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from seqapps import text
from seqapps.tasks.sentiment.codec.base import (
    TextCodec,
    log_count_ratios,
    ngram_keys,
)
from seqapps.tasks.sentiment.codec.doubts import is_english

_BATCH_SIZE = 512  # texts that are split together


class VocabularyLimits(NamedTuple):
    """The limits of a vocabulary.

    Args:
        words: at most so many, the most frequent ones.
        ngrams: likewise.
        order: the longest n-gram; 1 for words alone.
        rare: the least count of a word or an n-gram.
    """

    words: int
    ngrams: int
    order: int
    rare: int


def build_codec(
    texts: Sequence[str],
    targets: np.ndarray,
    template: TextCodec,
    limits: VocabularyLimits,
    unlabelled: Sequence[str] = (),
) -> TextCodec:
    """Builds a codec of the most frequent words and n-grams.

    Args:
        texts: training texts.
        targets: the probability of each class, `(texts, classes)`.
        template: a codec without words, which defines how texts are split.
        limits: of the vocabulary.
        unlabelled: more texts, of which words are counted but not n-grams.
    """
    words_seen = _Words(template)
    ids, row_of_id = words_seen.read(texts)
    words_seen.read(unlabelled)
    counts = words_seen.counts
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    words = [word for word, n in frequent[: limits.words] if n >= limits.rare]
    english = template.clean and is_english(words)
    codec = TextCodec.from_config(
        {**template.get_config(), "words": words, "english": english}
    )
    if not limits.ngrams or limits.order == 1:
        return codec
    known = {word: i for i, word in enumerate(text.Vocabulary(words).tokens)}
    id_of_number = [known.get(word, text.UNKNOWN) for word in counts]
    ids = np.array(id_of_number, np.int32)[ids]
    keys, ratios = _frequent_ngrams(ids, row_of_id, targets, codec.base, limits)
    return TextCodec.from_config(
        {
            **codec.get_config(),
            "ngrams": keys,
            "ratios": ratios,
            "order": limits.order,
        }
    )


class _Words:
    """Counts words, and numbers them in the order in which they occur.

    Args:
        codec: defines how texts are split.

    Attributes:
        counts: how often each word occurs.
    """

    def __init__(self, codec: TextCodec):
        self.codec, self.counts = codec, dict[str, int]()
        self._numbers: dict[str, int] = {}
        self._split = tf.function(
            lambda texts: self._unique(texts),
            input_signature=[tf.TensorSpec([None], tf.string)],
            autograph=False,
        )

    def read(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Reads texts; returns the number and the text of each word.

        Both are int32 `(words,)`, of all texts one after the other.
        """
        numbers, rows = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
        for i in range(0, len(texts), _BATCH_SIZE):
            words, index, count, lengths = (
                part.numpy()
                for part in self._split(tf.constant(texts[i : i + _BATCH_SIZE]))
            )
            numbers.append(self._count(words, count)[index])
            row = np.arange(i, i + len(lengths), dtype=np.int32)
            rows.append(np.repeat(row, lengths))
        return np.concatenate(numbers), np.concatenate(rows)

    def _unique(self, texts: tf.Tensor) -> tuple[tf.Tensor, ...]:
        words = self.codec.fold_case(self.codec.split(texts))
        unique = tf.unique_with_counts(words.flat_values)
        return *unique, words.row_lengths()

    def _count(self, words: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Adds to the counts; returns the number of each word."""
        numbers = np.empty(len(words), np.int32)
        for i, (word, count) in enumerate(zip(words, counts, strict=True)):
            name = word.decode()
            numbers[i] = self._numbers.setdefault(name, len(self._numbers))
            self.counts[name] = self.counts.get(name, 0) + int(count)
        return numbers


def _frequent_ngrams(
    ids: np.ndarray,
    rows: np.ndarray,
    targets: np.ndarray,
    base: int,
    limits: VocabularyLimits,
) -> tuple[list[int], list[float]]:
    """Keys and log-count ratios of the most frequent n-grams."""
    keys, counts, text_counts = [], [], []
    for n in range(2, limits.order + 1):
        occurrences, row = ngram_keys(ids, rows, n, base)
        key, count = np.unique(occurrences, return_counts=True)
        frequent = count >= max(limits.rare, 2)
        key, count = key[frequent], count[frequent]
        index = np.searchsorted(key, occurrences)
        is_frequent = np.append(key, -1)[index] == occurrences
        index, row = index[is_frequent], row[is_frequent]
        pairs = np.unique(index * len(targets) + row)  # each text counts once
        index, row = np.divmod(pairs, len(targets))
        per_class = [
            np.bincount(index, own[row], len(key)) for own in targets.T
        ]  # for each class, the number of texts with each n-gram
        keys.append(key)
        counts.append(count)
        text_counts.append(np.stack(per_class, 1))
    all_keys, all_counts, all_text_counts = map(
        np.concatenate, (keys, counts, text_counts)
    )
    best = np.lexsort((all_keys, -all_counts))[: limits.ngrams]
    ratios = np.round(log_count_ratios(all_text_counts[best]), 3)
    return all_keys[best].tolist(), ratios.tolist()
