"""Masks for names that a translator has never seen, inside the graph."""

import tensorflow as tf

from seqapps.tasks.translation.codec import characters, forms
from seqapps.tasks.translation.codec.casing import Casing
from seqapps.tasks.translation.codec.protection import find

_NAME = r"\p{Lu}['’]?\pL+"
_MASK = r"[\x{E000}-\x{F8FF}]"
_POSSIBLE = rf"(?s).*[\pL\pN\x{{E000}}-\x{{F8FF}}].*{_NAME}.*"
# a capital after one of these tells nothing
_OPENERS = "!?:;…¿¡\"'«“‘([{<—–-/"


def mask(
    texts: tf.Tensor, kept: tf.Tensor, casing: Casing
) -> tuple[tf.Tensor, tf.Tensor]:
    """Puts masks in the places of names that are not known.

    A name is a word with a capital inside a sentence. A text in CAPITALS has
    none.

    Args:
        texts: `(pieces,)` strings, a sentence each, with masks.
        kept: `(masks,)`, what these stand for, one text after the other.
        casing: knows the words that were seen.

    Returns:
        The texts, with U+E000 for each name; and what all masks stand for.
    """
    possible = tf.strings.regex_full_match(texts, _POSSIBLE)
    return tf.cond(
        tf.reduce_any(possible),
        lambda: _mask(texts, kept, casing),
        lambda: (tf.identity(texts), tf.identity(kept)),
    )


def are_in(texts: tf.Tensor, casing: Casing) -> tf.Tensor:
    """Whether `(batch,)` sentences have such names, `()`."""
    words = tf.strings.regex_replace(texts, r"\PL+", " ")
    words = tf.strings.regex_replace(words, r"^ ?\pL*", "")
    words = tf.strings.split(words).flat_values
    large = tf.strings.regex_full_match(words, r"\p{Lu}\pL+")
    return tf.reduce_any(large & ~casing.knows(words))


def _mask(
    texts: tf.Tensor, kept: tf.Tensor, casing: Casing
) -> tuple[tf.Tensor, tf.Tensor]:
    read = characters.read(texts)
    starts, inside, found = find(read, read.codes, f"{_NAME}|{_MASK}")
    place = characters.places_of(starts)  # (found,)
    is_mask = tf.gather(characters.kinds(read.codes), place)
    is_mask = is_mask == characters.MASK
    is_name = ~is_mask & ~casing.knows(found)
    is_name &= ~tf.gather(_opens(read), place)
    capitals = forms.find_form(texts).capitals
    is_name &= ~tf.gather(capitals, tf.gather(read.rows, place))
    # what the masks that stood there are for, and the names
    before = tf.maximum(characters.running(is_mask) - 1, 0)
    values = tf.gather(tf.concat([kept, [""]], 0), before)
    values = tf.where(is_mask, values, found)
    hidden = is_mask | is_name
    kept = characters.pick(values, hidden)
    span = tf.maximum(characters.running(starts) - 1, 0)
    hidden = tf.gather(tf.concat([hidden, [False]], 0), span)
    starts, inside = starts & hidden, inside & hidden
    shown = starts | ~inside
    codes = tf.where(starts, characters.FIRST_MASK, read.codes)
    texts = characters.encode(
        characters.pick(codes, shown),
        characters.pick(read.rows, shown),
        read.count,
    )
    return texts, kept


def _opens(read: characters.Characters) -> tf.Tensor:
    """Whether a sentence may begin at each character, `(all,)`."""
    visible = characters.kinds(read.codes) != characters.SPACE
    # the visible character before each
    count = characters.running(visible) - tf.cast(visible, tf.int32)
    places = tf.concat([[-1], characters.places_of(visible)], 0)
    last = tf.gather(places, count)  # -1 for none
    first = tf.searchsorted(read.rows, read.rows)  # where the row begins
    opener = tf.zeros_like(visible)
    for character in _OPENERS:
        opener |= read.codes == ord(character)
    opens = tf.gather(opener, tf.maximum(last, 0))
    return opens | (last < tf.cast(first, last.dtype))
