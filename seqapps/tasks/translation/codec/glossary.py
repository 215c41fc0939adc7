"""Terms and their translations, inside the TensorFlow graph."""

import re
import unicodedata
from collections.abc import Iterable

import tensorflow as tf

from seqapps.tasks.translation.codec import characters
from seqapps.text.strings import without_accents

_LARGEST = 2**62  # of a string's hash
_SPECIAL, _ESCAPED = r"([!-/:-@\[-`{-~])", r"\\\1"  # of ASCII, for RE2


def forms_of(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names as they may be written, and the translation of each form.

    These are as given, in capitals, and either without accents or with
    accents that are characters of their own. The translation of capitals has
    small letters, as the sentence around it will have.

    Args:
        names: pairs of a name and its translation.
    """
    forms: dict[str, str] = {}
    for name, translation in names:
        apart = unicodedata.normalize("NFD", name)
        for form in (name, without_accents(name), apart):
            forms.setdefault(form, translation)
            forms.setdefault(form.upper(), translation)
    return forms


def pattern_of(names: Iterable[tuple[str, str]]) -> str:
    """A pattern of RE2 of all forms of names, the longest first."""
    forms = sorted(forms_of(names), key=len, reverse=True)
    return "|".join(re.sub(_SPECIAL, _ESCAPED, form) for form in forms)


def variants(glossary: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Terms and translations as written, with a capital, and in capitals.

    Args:
        glossary: `(terms, 2)` strings; a row without a term is left out.
    """
    rows = characters.pick(glossary, glossary[:, 0] != "")
    return tuple(
        tf.concat([side, capitalise(side), _upper(side)], 0)
        for side in (rows[:, 0], rows[:, 1])
    )


def _upper(texts: tf.Tensor) -> tf.Tensor:
    return tf.strings.upper(texts, encoding="utf-8")


def capitalise(texts: tf.Tensor) -> tf.Tensor:
    """Begins strings `(...)` with a capital; the rest stays."""
    first = tf.strings.regex_replace(texts, "(?s)^(.).*", r"\1")
    rest = tf.strings.regex_replace(texts, "(?s)^.", "")
    return tf.strings.join([_upper(first), rest])


def any_of(terms: tf.Tensor) -> tf.Tensor:
    """A pattern `()` of any of the terms, the longest first."""
    order = tf.argsort(-tf.strings.length(terms), stable=True)
    escaped = tf.strings.regex_replace(
        tf.gather(terms, order), _SPECIAL, _ESCAPED
    )
    return tf.strings.reduce_join(escaped, separator="|")


def look_up(
    found: tf.Tensor, terms: tf.Tensor, translations: tf.Tensor
) -> tf.Tensor:
    """Replaces terms by their translations, and leaves what is none."""
    terms = tf.concat([terms, [""]], 0)
    translations = tf.concat([translations, [""]], 0)
    hashes = tf.strings.to_hash_bucket_fast(terms, _LARGEST)
    order = tf.argsort(hashes, stable=True)
    wanted = tf.strings.to_hash_bucket_fast(found, _LARGEST)
    place = tf.searchsorted(tf.gather(hashes, order), wanted)
    place = tf.gather(order, tf.minimum(place, tf.size(order) - 1))
    return tf.where(
        tf.gather(terms, place) == found,
        tf.gather(translations, place),
        found,
    )
