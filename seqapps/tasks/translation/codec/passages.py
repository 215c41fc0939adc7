"""Whole texts as pieces to translate, and back, inside the graph."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from seqapps.tasks.translation.codec import (
    characters,
    forms,
    protection,
    restoring,
    sentences,
    untranslatable,
)
from seqapps.tasks.translation.codec import names as names_that_stay
from seqapps.tasks.translation.codec.casing import Casing
from seqapps.tasks.translation.codec.glossary import pattern_of
from seqapps.tasks.translation.codec.protection import Names

_NEVER = -float("inf")
_WORD = r"(?:\p{Lu}?\p{Ll}+|\p{Lu})"
_JOINED = rf"(?:['’-]{_WORD})*"
# a sentence that needs nothing done to it
_PLAIN = rf"(?:¿|¡)?\p{{Lu}}\p{{Ll}}*{_JOINED}(?:[,;:]? {_WORD}{_JOINED})*[.!?]"
_NO_LETTER = r"(?s)[^\pL]*"
_NUMBER_OR_MASK = r"(?s).*[0-9\x{E000}-\x{F8FF}].*"


_TEXTS = tf.TensorSpec([None], tf.string)
_PAIRS = tf.TensorSpec([None, 2], tf.string)
_RAGGED = tf.RaggedTensorSpec([None, None], tf.string, 1)


def apart(function: Callable[..., Any], signature: list[Any]) -> Any:
    """A graph function that is prepared when it is first run, if it is.

    TensorFlow takes seconds to prepare a graph of this size; what is called
    for no text should cost none.
    """
    return tf.function(
        function,
        signature,
        autograph=False,
        experimental_attributes={"_noinline": True},
    )


@functools.cache
def _shared(function: Callable[..., Any], *signature: Any) -> Any:
    """One function in all graphs, however often it is called."""
    return apart(function, list(signature))


@functools.cache
def _splitter(most_words: int, language: str) -> Callable[..., Any]:
    return lambda texts: sentences.split(texts, most_words, language)


@functools.cache
def _protector(
    languages: tuple[str, str] | None, names: Names
) -> Callable[..., Any]:
    return lambda texts, glossary: protection.protect(
        texts, glossary, languages, names
    )


@functools.cache
def _normaliser(casing: Casing | None) -> Callable[..., Any]:
    return lambda texts: forms.normalise(texts, casing)


class Passages(NamedTuple):
    """The pieces of a batch of texts, one text after the other.

    Attributes:
        texts: `(pieces,)`, as a translator knows them.
        masked: `(pieces,)`, as they are written, with masks.
        kept: what the masks stand for, ragged `(pieces, None)`.
        form: of `masked`.
        copied: `(pieces,)`, True for those without a letter, which are not
            translated.
        counts: `(batch,)`, the number of pieces of each text.
        separators: what stands between, ragged `(batch, None)`.
    """

    texts: tf.Tensor
    masked: tf.Tensor
    kept: tf.RaggedTensor
    form: forms.Form
    copied: tf.Tensor
    counts: tf.Tensor
    separators: tf.RaggedTensor


def are_plain(
    texts: tf.Tensor,
    glossary: tf.Tensor,
    most_words: int,
    casing: Casing | None = None,
    names: Names = (),
) -> tf.Tensor:
    """Whether all texts are sentences that are translated as they are, `()`.

    Args:
        texts: `(batch,)` strings.
        glossary: `(terms, 2)` strings.
        most_words: of a piece; see `sentences.split`.
        casing: knows accents; None for none.
        names: see `protection.protect`.
    """
    short = tf.strings.length(texts, unit="UTF8_CHAR") < 2 * most_words
    plain = short & tf.strings.regex_full_match(texts, _PLAIN)
    if names:
        found = f"(?s).*(?:{pattern_of(names)}).*"
        plain &= ~tf.strings.regex_full_match(texts, found)
    found = tf.reduce_all(plain) & tf.reduce_all(glossary[:, 0] == "")
    if casing:
        found &= ~casing.lacks_accents(texts)
        found &= ~names_that_stay.are_in(texts, casing)
    return found


def prepare(
    texts: tf.Tensor,
    glossary: tf.Tensor | None = None,
    most_words: int = 40,
    language: str = "",
    split: bool = True,
    languages: tuple[str, str] | None = None,
    casing: Casing | None = None,
    names: Names = (),
) -> Passages:
    """Masks, splits and normalises texts.

    Args:
        texts: `(batch,)` strings.
        glossary: see `protection.protect`.
        most_words: see `sentences.split`.
        language: see there.
        split: False for one piece a text, as it is.
        languages: see `protection.protect`.
        casing: see `forms.normalise`.
        names: see `protection.protect`.
    """
    if glossary is None:
        glossary = tf.fill([0, 2], "")
    mask = _shared(_protector(languages, names), _TEXTS, _PAIRS)
    masked, kept = mask(texts, glossary)
    if split:
        cut = _splitter(most_words, language)
        pieces, separators = _shared(cut, _TEXTS)(masked)
    else:
        pieces = masked[:, tf.newaxis]
        pieces = tf.RaggedTensor.from_tensor(pieces)
        separators = tf.RaggedTensor.from_tensor(
            tf.fill([tf.size(texts), 2], "")
        )
    masked, known = pieces.flat_values, kept.flat_values
    if casing and languages:  # masks are known
        masked, known = names_that_stay.mask(masked, known, casing)
    masked, masks = _shared(protection.number, _TEXTS)(masked)
    normal, form = _shared(_normaliser(casing), _TEXTS)(masked)
    return Passages(
        normal,
        masked,
        characters.ragged(known, masks),
        form,
        tf.strings.regex_full_match(masked, _NO_LETTER),
        pieces.row_lengths(),
        separators,
    )


def are_kept(passages: Passages) -> tf.Tensor:
    """Whether pieces have numbers or masks, of no endless word, `(pieces,)`."""
    found = tf.strings.regex_full_match(passages.masked, _NUMBER_OR_MASK)
    endless = tf.strings.regex_full_match(
        passages.kept.flat_values, untranslatable.ENDLESS
    )
    endless = passages.kept.with_values(tf.cast(endless, tf.int32))
    return found & (tf.reduce_sum(endless, -1) == 0)


def finish(
    passages: Passages, translations: tf.Tensor, scores: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Puts back what was masked, and the form.

    Args:
        passages: of the sources.
        translations: `(pieces, nbest)` strings with masks.
        scores: `(pieces, nbest)`, -inf for what is no translation.

    Returns:
        Translations and scores of the pieces; of those that are copied there
        is one, with the score 0.
    """
    nbest = tf.shape(translations)[1]
    restored = forms.restore(translations, passages.form)
    row = tf.repeat(tf.range(tf.size(passages.masked)), nbest)
    restored = _shared(restoring.put_back, _TEXTS, _TEXTS, _RAGGED)(
        tf.reshape(restored, [-1]),
        tf.gather(passages.masked, row),
        tf.gather(passages.kept, row),
    )
    restored = tf.reshape(restored, tf.shape(translations))
    copied = passages.copied[:, tf.newaxis]
    first = tf.range(nbest) == 0
    copies = restoring.fill(passages.masked, passages.kept)[:, tf.newaxis]
    scores = tf.where(copied, tf.where(first, 0.0, _NEVER), scores)
    texts = tf.where(copied, copies, restored)
    return tf.where(scores > _NEVER, texts, ""), scores


def join(
    passages: Passages, translations: tf.Tensor, scores: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Translations of whole texts, `(batch, nbest)`, and whether there are.

    Of a text of several pieces there is one: that of their best.

    Args:
        passages: of the sources.
        translations: `(pieces, nbest)`, see `finish`.
        scores: `(pieces, nbest)`, see there.
    """
    nbest = tf.shape(translations)[1]
    first = tf.range(nbest) == 0
    counts = passages.counts
    # a text of one piece has as many as that
    last = tf.maximum(tf.cumsum(counts) - 1, 0)  # (batch,)
    known = tf.pad(scores > _NEVER, [[0, 1], [0, 0]])
    exists = (counts == 1)[:, tf.newaxis] & tf.gather(known, last) | first

    def one(texts: tf.Tensor) -> tf.Tensor:
        pieces = characters.ragged(texts, counts)
        return sentences.join(pieces, passages.separators)

    whole = tf.map_fn(
        one, tf.transpose(translations), fn_output_signature=tf.string
    )  # (nbest, batch)
    return tf.where(exists, tf.transpose(whole), ""), exists
