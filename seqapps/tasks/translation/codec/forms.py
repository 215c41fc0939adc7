"""How a text is written, and how a translator knows it, inside the graph."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.translation.codec.casing import Casing
from seqapps.tasks.translation.codec.composition import compose
from seqapps.tasks.translation.codec.glossary import capitalise

_LEAST_CAPITALS = 4  # of a text in CAPITALS
_LEAST_LETTERS = 12  # of a text that lacks accents
_OPENS = r"[^\pL\pN\x{E000}-\x{F8FF}]*"
# a letter, a number or a mask at the end, perhaps in quotes or brackets
_UNENDED = r"(?s).*[\pL\pM\pN%€$£°º\x{E000}-\x{F8FF}][\"'»”’“)\]]*\s*"
_END = r"\s*[.!?…。！？]+([\"'»”’“)\]]*)\s*$"
_LABEL = r"\s*\S+(\s+\S+)?\s*"
# words of English that keep their capital, wherever they stand
_KEEPS_CAPITAL = r"(?s)^[^\pL]*(?:I\b|\p{Lu}[^\s\p{Ll}]*\p{Lu}).*"


class Form(NamedTuple):
    """How texts are written, `(batch,)` flags each.

    Attributes:
        capitals: in CAPITALS; masks and digits are of neither case.
        lower: without a capital.
        begins_lower: the first character is a lower-case letter.
        plain: long enough for an accent, and without one.
        unended: without a mark at the end.
    """

    capitals: tf.Tensor
    lower: tf.Tensor
    begins_lower: tf.Tensor
    plain: tf.Tensor
    unended: tf.Tensor


def find_form(texts: tf.Tensor) -> Form:
    """Finds how `(batch,)` strings are written."""

    def count(pattern: str) -> tf.Tensor:
        left = tf.strings.regex_replace(texts, pattern, "")
        return tf.strings.length(left, unit="UTF8_CHAR")

    def match(pattern: str) -> tf.Tensor:
        return tf.strings.regex_full_match(texts, pattern)

    capitals, small = count(r"[^\p{Lu}]+"), count(r"[^\p{Ll}]+")
    letters = capitals + small
    return Form(
        capitals=(capitals >= _LEAST_CAPITALS)
        & (capitals > 9 * small)
        & match(r"(?s).*\p{Lu}{3}.*"),  # no "EE. UU."
        lower=(capitals == 0) & (small > 0),
        begins_lower=match(r"(?s)[¿¡\"'«“‘(\[]*\p{Ll}.*"),
        plain=(letters >= _LEAST_LETTERS) & match(r"[\x00-\x7F]*"),
        unended=match(_UNENDED),
    )


def normalise(
    texts: tf.Tensor, casing: Casing | None = None
) -> tuple[tf.Tensor, Form]:
    """Writes texts as a translator knows them.

    Accents are made one with their letters; CAPITALS become a sentence with
    one capital, and a small letter at the beginning becomes a capital; names
    get theirs, in CAPITALS and in a text without any, and words their accents,
    in a text without any; a line ends with a line feed; and a text without a
    mark at its end gets one: ? after ¿, ! after ¡, else a full stop.

    Args:
        texts: `(batch,)` strings, a sentence each, with masks.
        casing: knows these words; None for none.

    Returns:
        The texts `(batch,)`; and the form that they had.
    """
    texts = compose(texts)
    form = find_form(texts)
    texts = tf.strings.regex_replace(texts, r"\r\n?", "\n")
    lowered = tf.strings.lower(texts, encoding="utf-8")
    texts = tf.where(form.capitals, lowered, texts)
    if casing:
        flags = form.capitals, form.lower, form.plain
        some = tf.reduce_any(tf.stack(flags))
        texts = tf.cond(
            some,
            lambda: casing.restore(texts, *flags),
            lambda: tf.identity(texts),
        )
    begins = form.capitals | form.begins_lower
    texts = tf.where(begins, _begin(texts, capitalise), texts)
    mark = tf.where(_holds(texts, "¡"), "!", ".")
    mark = tf.where(_holds(texts, "¿"), "?", mark)
    ended = tf.strings.join([texts, tf.where(form.unended, mark, "")])
    return ended, form


def restore(translations: tf.Tensor, form: Form) -> tf.Tensor:
    """Brings translations to the form of their sources.

    A label of one or two words in CAPITALS again, while a sentence is written
    as sentences are; with a small letter at the beginning, but for "I" and
    abbreviations; without a mark at the end.

    Args:
        translations: `(batch, nbest)` strings, with masks.
        form: of their sources.
    """
    unended, capitals, begins = (
        flags[:, tf.newaxis]
        for flags in (
            form.unended,
            form.capitals,
            form.begins_lower & ~form.capitals,
        )
    )
    without = tf.strings.regex_replace(translations, _END, r"\1")
    texts = tf.where(unended, without, translations)
    flat = tf.reshape(texts, [-1])
    small = tf.reshape(_begin(flat, _small), tf.shape(texts))
    keeps = tf.strings.regex_full_match(texts, _KEEPS_CAPITAL)
    texts = tf.where(begins & ~keeps, small, texts)
    upper = tf.strings.upper(texts, encoding="utf-8")
    is_label = tf.strings.regex_full_match(texts, _LABEL)
    return tf.where(capitals & is_label, upper, texts)


def _holds(texts: tf.Tensor, character: str) -> tf.Tensor:
    return tf.strings.regex_full_match(texts, f"(?s).*{character}[^.!?]*")


def _small(texts: tf.Tensor) -> tf.Tensor:
    first = tf.strings.regex_replace(texts, "(?s)^(.).*", r"\1")
    rest = tf.strings.regex_replace(texts, "(?s)^.", "")
    return tf.strings.join([tf.strings.lower(first, encoding="utf-8"), rest])


def _begin(
    texts: tf.Tensor, change: Callable[[tf.Tensor], tf.Tensor]
) -> tf.Tensor:
    """Changes the first letter of `(batch,)` strings, after what opens."""
    opens = tf.strings.regex_replace(texts, rf"(?s)^({_OPENS}).*", r"\1")
    rest = tf.strings.regex_replace(texts, f"^{_OPENS}", "")
    return tf.strings.join([opens, change(rest)])
