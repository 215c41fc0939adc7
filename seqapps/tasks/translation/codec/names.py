"""Masks for names that stay as they are, inside the graph."""

import tensorflow as tf

from seqapps.tasks.translation.codec import characters, forms
from seqapps.tasks.translation.codec.casing import Casing
from seqapps.tasks.translation.codec.protection import find

_NAME = r"\p{Lu}['’]?\pL+"
_MASK = r"[\x{E000}-\x{F8FF}]"
_POSSIBLE = rf"(?s).*{_NAME}.*"
# a capital after one of these tells nothing
_OPENERS = "!?:;…¿¡\"'«“‘([{<—–-/"


def mask(
    texts: tf.Tensor, kept: tf.Tensor, casing: Casing
) -> tuple[tf.Tensor, tf.Tensor]:
    """Puts masks in the places of names that stay as they are.

    A name is a word with a capital inside a sentence, or one at its beginning
    that is no word too; an abbreviation with a full stop is none. A text in
    CAPITALS has none.

    Args:
        texts: `(pieces,)` strings, a sentence each, with masks.
        kept: `(masks,)`, what these stand for, one text after the other.
        casing: knows which names stay.

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
    inner = tf.strings.regex_replace(words, r"^ ?\pL*", "")

    def names(words: tf.Tensor) -> tf.Tensor:
        words = tf.strings.split(words).flat_values
        large = tf.strings.regex_full_match(words, r"\p{Lu}\pL+")
        return characters.pick(words, large)

    kept = tf.reduce_any(casing.keeps(names(inner)))
    return kept | tf.reduce_any(casing.keeps_first(names(words)))


def _mask(
    texts: tf.Tensor, kept: tf.Tensor, casing: Casing
) -> tuple[tf.Tensor, tf.Tensor]:
    read = characters.read(texts)
    starts, inside, found = find(read, read.codes, f"{_NAME}|{_MASK}")
    place = characters.places_of(starts)  # (found,)
    is_mask = tf.gather(characters.kinds(read.codes), place)
    is_mask = is_mask == characters.MASK
    opens = tf.gather(_opens(read), place)
    is_name = tf.where(opens, casing.keeps_first(found), casing.keeps(found))
    is_name &= ~is_mask & ~_abbreviates(read, starts, inside)
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
    codes = tf.where(starts, characters.FIRST_MASK, read.codes)
    return read.collapse(codes, starts, inside), kept


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


def _abbreviates(
    read: characters.Characters, starts: tf.Tensor, inside: tf.Tensor
) -> tf.Tensor:
    """Whether a full stop inside the row follows what is found, `(found,)`."""
    stop = (read.codes == ord(".")) & ~inside
    ends = characters.begins(read.rows)  # of the next row
    last = tf.concat([ends[1:], [True]], 0)[: tf.size(stop)]
    stop &= ~last
    before = characters.previous(inside, False)
    count = tf.reduce_sum(tf.cast(starts, tf.int32))
    span = tf.maximum(characters.running(starts) - 1, 0)
    found = tf.cast(stop & before & ~ends, tf.int32)
    return tf.math.unsorted_segment_max(found, span, count) > 0
