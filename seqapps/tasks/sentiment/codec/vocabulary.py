"""Which words and n-grams are known, learned from the training texts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from seqapps.tasks.sentiment.codec.base import TextCodec, keys, ratios

_AT_ONCE = 512  # texts that are cut at once


class Sizes(NamedTuple):
    """How much is known.

    Args:
        words: so many of the most frequent.
        ngrams: likewise.
        order: longest n-gram; 1 is words alone.
        rare: what occurs less often is not known.
    """

    words: int
    ngrams: int
    order: int
    rare: int


def learn(
    texts, classes, bare: TextCodec, sizes: Sizes, more: Sequence[str] = ()
) -> TextCodec:
    """A codec of the words and n-grams that the training texts have most.

    Args:
        texts: of training.
        classes: the number of each one's class.
        bare: a codec without words, which says how texts are cut.
        sizes: how much is known.
        more: texts whose words count too, but not their n-grams.
    """
    rows, counts = [], Counter()
    for row in _cut(bare, texts):
        counts.update(row)
        rows.append(row)
    for row in _cut(bare, more):
        counts.update(row)
    frequent = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    words = [word for word, n in frequent[: sizes.words] if n >= sizes.rare]
    codec = TextCodec.from_config({**bare.get_config(), "words": words})
    if not sizes.ngrams or sizes.order == 1:
        return codec
    numbers = {word: i for i, word in enumerate(codec._words.tokens)}
    ids = np.array([numbers.get(word, 2) for row in rows for word in row])
    rows = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    having = np.eye(len(codec.labels), dtype=int)[classes]  # (texts, classes)
    found, told = _ngrams(ids, rows, having, codec.base, sizes)
    return TextCodec.from_config(
        {
            **codec.get_config(),
            "ngrams": found,
            "ratios": told,
            "order": sizes.order,
        }
    )


def _cut(codec: TextCodec, texts: Sequence[str]) -> Iterator[list[str]]:
    """The words of each text."""
    for i in range(0, len(texts), _AT_ONCE):
        words = codec.split(tf.constant(texts[i : i + _AT_ONCE]))
        for row in codec.fold(words).to_list():
            yield [word.decode() for word in row]


def _ngrams(ids, rows, classes, base: int, sizes: Sizes) -> tuple:
    """Keys of the most frequent n-grams, and how much each tells."""
    found, often, texts = [], [], []
    for n in range(2, sizes.order + 1):
        key, row = keys(ids, rows, n, base)
        key, place, number = np.unique(
            key, return_inverse=True, return_counts=True
        )
        pairs = np.unique(place * len(classes) + row)  # a text counts once
        place, row = np.divmod(pairs, len(classes))
        have = [
            np.bincount(place, own[row], len(key)) for own in classes.T
        ]  # of each class, how many texts have each n-gram
        kept = number >= max(sizes.rare, 2)
        found.append(key[kept])
        often.append(number[kept])
        texts.append(np.stack(have, 1)[kept])
    found, often, texts = map(np.concatenate, (found, often, texts))
    best = np.lexsort((found, -often))[: sizes.ngrams]
    told = np.round(ratios(texts[best]), 3)
    return found[best].tolist(), told.tolist()
