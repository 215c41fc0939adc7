"""Sentences that are too long, cut where a clause begins, inside the graph."""

import tensorflow as tf

from seqapps.tasks.translation.codec import characters

CLAUSE = "\ufdd2"  # stands before the space before a conjunction
_CONJUNCTIONS = {
    "es": "y|e|o|u|ni|pero|sino|porque|aunque|cuando|mientras|donde|como|que",
    "en": "and|or|nor|but|because|although|though|when|while|where|if|which|so",
    "de": "und|oder|aber|sondern|weil|obwohl|wenn|während|wo|dass|denn|damit",
    "fr": "et|ou|ni|mais|car|parce|quoique|quand|lorsque|où|que|qui|si|donc",
}
_LETTERS = 20  # of a word that counts as one
# what a cut costs, in words that it is away from where it should be
_COMMA, _CONJUNCTION = 1.0, 2.0
_NO_CLAUSE = 0.35  # of the most words


def mark(texts: tf.Tensor, language: str = "") -> tf.Tensor:
    """Puts `CLAUSE` before the conjunctions of `(batch,)` strings."""
    words = _CONJUNCTIONS.get(language) or "|".join(_CONJUNCTIONS.values())
    return tf.strings.regex_replace(texts, rf"( (?:{words})) ", rf"{CLAUSE}\1 ")


def begin_pieces(
    codes: tf.Tensor,
    visible: tf.Tensor,
    begins: tf.Tensor,
    clause: tf.Tensor,
    most_words: int | tf.Tensor,
) -> tf.Tensor:
    """Finds where the parts of sentences that are too long begin.

    A sentence of n words is cut in two, near n/k times the half of its
    k = ceil(n / most_words) parts, and what is still too long is cut again.

    Args:
        codes: `(all,)` code points.
        visible: `(all,)`, False for white space.
        begins: `(all,)`, whether a sentence begins.
        clause: `(all,)`, whether a conjunction follows this white space.
        most_words: words of a part, at most.

    Returns:
        `(all,)` flags, at the first letters of the parts.
    """
    word_begins = visible & (begins | ~characters.previous(visible, False))
    word = characters.running(word_begins) - 1  # (all,)
    places = tf.where(word_begins)[:, 0]  # (words,)
    count = tf.size(places)
    lengths = tf.math.unsorted_segment_sum(
        tf.cast(visible, tf.int32), word, count
    )
    weights = 1 + (lengths - 1) // _LETTERS
    before = tf.cumsum(weights, exclusive=True)  # (words,)
    # white space belongs to the word before: its end, and what follows it
    last = tf.gather(codes, tf.maximum(_ends(word, visible, count), 0))
    last = characters.previous(last, 0)
    follows = characters.previous(_any(clause & ~visible, word, count), False)
    cost = tf.fill([count], _NO_CLAUSE * tf.cast(most_words, tf.float32))
    cost = tf.where(follows, _CONJUNCTION, cost)
    cost = tf.where(last == ord(","), _COMMA, cost)
    cost = tf.where((last == ord(";")) | (last == ord(":")), 0.0, cost)
    first = tf.gather(begins, places)
    sentence = tf.gather(characters.running(begins), places)
    first |= sentence != characters.previous(sentence, 0)
    cut = _cut(first, weights, before, cost, most_words)
    return tf.scatter_nd(places[:, tf.newaxis], cut, [tf.size(codes, tf.int64)])


def _cut(
    first: tf.Tensor,
    weights: tf.Tensor,
    before: tf.Tensor,
    cost: tf.Tensor,
    most: int | tf.Tensor,
) -> tf.Tensor:
    """Which of `(words,)` begin a part; those that are `first` do."""
    count = tf.size(first)
    index = tf.range(count)

    def measure(begins: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        part = characters.running(begins) - 1  # (words,)
        total = tf.math.unsorted_segment_sum(weights, part, count)
        words = tf.math.unsorted_segment_sum(tf.ones_like(weights), part, count)
        too_long = (total > most) & (words > 1)
        return part, total, tf.gather(too_long, part)

    def halve(begins: tf.Tensor) -> tuple[tf.Tensor]:
        part, total, too_long = measure(begins)
        parts = -(-total // most)
        target = total * (parts // 2) / tf.maximum(parts, 1)
        start = tf.math.unsorted_segment_min(before, part, count)
        away = tf.cast(before - tf.gather(start, part), tf.float32)
        away -= tf.cast(tf.gather(target, part), tf.float32)
        costs = tf.abs(away) + cost
        costs = tf.where(too_long & ~begins, costs, float("inf"))
        least = tf.math.unsorted_segment_min(costs, part, count)
        best = too_long & ~begins & (costs == tf.gather(least, part))
        best = tf.math.unsorted_segment_min(
            tf.where(best, index, count), part, count
        )
        return (begins | (index == tf.gather(best, part)),)

    (begins,) = tf.while_loop(
        lambda begins: tf.reduce_any(measure(begins)[2]), halve, (first,)
    )
    return begins


def _ends(word: tf.Tensor, visible: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """The place of the last letter of each word, `(words,)`."""
    place = tf.range(tf.size(word))
    return tf.math.unsorted_segment_max(
        tf.where(visible, place, -1), word, count
    )


def _any(flags: tf.Tensor, word: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Whether a flag of each word is True, `(words,)`."""
    return (
        tf.math.unsorted_segment_max(tf.cast(flags, tf.int32), word, count) > 0
    )
