"""Terms and their translations, inside the TensorFlow graph."""

import tensorflow as tf

from seqapps.tasks.translation.codec import characters

_LARGEST = 2**62  # of a string's hash


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
        tf.gather(terms, order), r"([!-/:-@\[-`{-~])", r"\\\1"
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
