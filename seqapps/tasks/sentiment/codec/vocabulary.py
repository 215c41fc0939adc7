"""The vocabulary of words and n-grams, built from the training texts."""

from collections import Counter
from collections.abc import Iterator, Sequence
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
    classes: Sequence[int],
    template: TextCodec,
    limits: VocabularyLimits,
    unlabelled: Sequence[str] = (),
) -> TextCodec:
    """Builds a codec of the most frequent words and n-grams.

    Args:
        texts: training texts.
        classes: the class of each.
        template: a codec without words, which defines how texts are split.
        limits: of the vocabulary.
        unlabelled: more texts, of which words are counted but not n-grams.
    """
    rows, counts = [], Counter[str]()
    for row in _split(template, texts):
        counts.update(row)
        rows.append(row)
    for row in _split(template, unlabelled):
        counts.update(row)
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    words = [word for word, n in frequent[: limits.words] if n >= limits.rare]
    english = template.clean and is_english(words)
    codec = TextCodec.from_config(
        {**template.get_config(), "words": words, "english": english}
    )
    if not limits.ngrams or limits.order == 1:
        return codec
    word_ids = {word: i for i, word in enumerate(text.Vocabulary(words).tokens)}
    ids = np.array(
        [word_ids.get(word, text.UNKNOWN) for row in rows for word in row]
    )
    row_of_id = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    one_hot = np.eye(len(codec.labels), dtype=int)[classes]  # (texts, classes)
    keys, ratios = _frequent_ngrams(ids, row_of_id, one_hot, codec.base, limits)
    return TextCodec.from_config(
        {
            **codec.get_config(),
            "ngrams": keys,
            "ratios": ratios,
            "order": limits.order,
        }
    )


def _split(codec: TextCodec, texts: Sequence[str]) -> Iterator[list[str]]:
    """Yields the words of each text."""
    for i in range(0, len(texts), _BATCH_SIZE):
        words = codec.split(tf.constant(texts[i : i + _BATCH_SIZE]))
        for row in codec.fold_case(words).to_list():
            yield [word.decode() for word in row]


def _frequent_ngrams(
    ids: np.ndarray,
    rows: np.ndarray,
    one_hot: np.ndarray,
    base: int,
    limits: VocabularyLimits,
) -> tuple[list[int], list[float]]:
    """Keys and log-count ratios of the most frequent n-grams."""
    keys, counts, text_counts = [], [], []
    for n in range(2, limits.order + 1):
        occurrences, row = ngram_keys(ids, rows, n, base)
        key, index, count = np.unique(
            occurrences, return_inverse=True, return_counts=True
        )
        pairs = np.unique(index * len(one_hot) + row)  # each text counts once
        index, row = np.divmod(pairs, len(one_hot))
        per_class = [
            np.bincount(index, own[row], len(key)) for own in one_hot.T
        ]  # for each class, the number of texts with each n-gram
        frequent = count >= max(limits.rare, 2)
        keys.append(key[frequent])
        counts.append(count[frequent])
        text_counts.append(np.stack(per_class, 1)[frequent])
    all_keys, all_counts, all_text_counts = map(
        np.concatenate, (keys, counts, text_counts)
    )
    best = np.lexsort((all_keys, -all_counts))[: limits.ngrams]
    ratios = np.round(log_count_ratios(all_text_counts[best]), 3)
    return all_keys[best].tolist(), ratios.tolist()
