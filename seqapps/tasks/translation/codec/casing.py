"""Capitals of names and accents, where a text lacks them, inside the graph."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import tensorflow as tf

from seqapps import text
from seqapps.tasks.translation.codec import characters
from seqapps.tasks.translation.codec.glossary import capitalise
from seqapps.text.strings import without_accents

_LETTERS = re.compile(r"[^\W\d_]+")
_TYPO = 10  # so many times as frequent is what was meant
_OPENS = re.compile(r"(?:^|[.!?:…¿¡\"«“(—-])\s*$")


def count_words(texts: Iterable[str], most: int = 30_000) -> list[str]:
    """The words of texts as they are mostly written, the most frequent first.

    The first word of a sentence tells nothing about its capital, and is left
    out, as is a word that is 10 times as frequent with other accents.

    Args:
        texts: of training, each a sentence or more.
        most: how many words, at most.
    """
    counts: dict[str, Counter[str]] = {}
    for line in texts:
        for word in _inner_words(line):
            counts.setdefault(word.lower(), Counter())[word] += 1
    totals = {word: forms.total() for word, forms in counts.items()}
    found = sorted(totals, key=lambda word: (-totals[word], word))
    best: dict[str, int] = {}  # of the words that differ in accents alone
    for word in found:
        best.setdefault(without_accents(word), totals[word])
    found = [
        word
        for word in found
        if totals[word] * _TYPO > best[without_accents(word)]
    ]
    return [counts[word].most_common(1)[0][0] for word in found[:most]]


def find_names(
    pairs: Iterable[Sequence[str]], most: int = 100, share: float = 0.8
) -> list[str]:
    """The names that stay as they are in translations, in their order.

    A name is a word with a capital inside a sentence.

    Args:
        pairs: sources and targets of training.
        most: what is in more pairs is left out: a translator knows it.
        share: of the pairs with the name, at least, whose target has it too.
    """
    seen: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for source, target in pairs:
        words = set(_LETTERS.findall(target))
        for word in set(_inner_words(source)):
            if word[0].isupper() and len(word) > 1:
                seen[word] += 1
                kept[word] += word in words
    return sorted(
        name
        for name, count in seen.items()
        if count <= most and kept[name] >= share * count
    )


def _inner_words(line: str) -> Iterator[str]:
    """The words of a line that open no sentence."""
    for match in _LETTERS.finditer(line):
        start = match.start()
        if not _OPENS.search(line, max(0, start - 3), start):
            yield match[0]


class Casing(tf.Module):
    """Knows how words are written: their capitals, and their accents.

    Args:
        words: of the source language, see `count_words`.
        names: that stay as they are in translations, see `find_names`.
    """

    def __init__(self, words: Sequence[str], names: Sequence[str] = ()):
        super().__init__()
        self.names = list(names)
        self._names = text.lookup_table(
            ["", *names], [-1, *range(len(names))], -1
        )
        self.words = list({word.lower(): word for word in words}.values())
        lower = [word.lower() for word in self.words]
        self._table = text.lookup_table(lower, range(len(lower)), -1)
        self._words = tf.constant(["", *self.words])
        known, plain = set(lower), {"": -1}  # a table is not empty
        for i, word in enumerate(lower):
            plain.setdefault(without_accents(word), i)
        plain = {word: i for word, i in plain.items() if word not in known}
        self._plain = text.lookup_table(plain.keys(), plain.values(), -1)

    def find(self, words: tf.Tensor) -> tf.Tensor:
        """The index of each of `(some,)` words, in small letters, or -1."""
        return self._table.lookup(words)

    def keeps(self, names: tf.Tensor) -> tf.Tensor:
        """Whether `(some,)` words with a capital stay as they are.

        They do if they are not known, not even with other accents.
        """
        words = tf.strings.lower(names, encoding="utf-8")
        known = (self.find(words) >= 0) | (self._plain.lookup(words) >= 0)
        return ~known | (self._names.lookup(names) >= 0)

    def keeps_first(self, names: tf.Tensor) -> tf.Tensor:
        """Whether `(some,)` words stay that open a sentence.

        They do if they are names that stay, and no words too.
        """
        words = tf.strings.lower(names, encoding="utf-8")
        written = tf.gather(self._words, self.find(words) + 1)
        return (self._names.lookup(names) >= 0) & (written == names)

    def lacks_accents(self, texts: tf.Tensor) -> tf.Tensor:
        """Whether one of `(batch,)` strings lacks all its accents, `()`."""
        ascii_only = tf.strings.regex_full_match(texts, r"[\x00-\x7F]*")
        texts = characters.pick(texts, ascii_only)
        words = tf.strings.regex_replace(texts, "[^A-Za-z]+", " ")
        words = tf.strings.split(tf.strings.lower(words)).flat_values
        return tf.reduce_any(self._plain.lookup(words) >= 0)

    def restore(
        self,
        texts: tf.Tensor,
        capitals: tf.Tensor,
        lower: tf.Tensor,
        plain: tf.Tensor,
    ) -> tf.Tensor:
        """Gives names their capitals, and words the accents that they lack.

        An accent is restored where a word is known with it alone.

        Args:
            texts: `(batch,)` strings; those of CAPITALS in small letters.
            capitals: `(batch,)`, whether a text was in CAPITALS: a word that
                is not known is then taken for a name.
            lower: `(batch,)`, whether a text is without a capital.
            plain: `(batch,)`, whether a text is without accents.
        """
        read = characters.read(texts)
        is_letter = characters.kinds(read.codes) == characters.LETTER
        begins = characters.begins(read.rows)
        begins |= is_letter != characters.previous(is_letter, False)
        total = tf.reduce_sum(tf.cast(begins, tf.int32))
        parts = read.join(characters.running(begins) - 1, total)
        rows = characters.pick(read.rows, begins)
        flat = tf.gather(capitals | lower, rows)
        small = tf.strings.lower(parts, encoding="utf-8")
        found = self.find(small)
        accented = self._plain.lookup(small)
        accented = tf.where(tf.gather(plain, rows), accented, -1)
        written = tf.gather(self._words, tf.maximum(found, accented) + 1)
        known = (accented >= 0) | (flat & (found >= 0))
        is_name = flat & (found < 0) & (accented < 0)
        is_name &= tf.gather(capitals, rows)
        is_name &= tf.strings.length(parts, unit="UTF8_CHAR") > 1
        begins_large = known & ~flat & (small != parts)
        parts = tf.where(known, written, parts)
        parts = tf.where(is_name | begins_large, capitalise(parts), parts)
        return tf.strings.unsorted_segment_join(parts, rows, read.count)
