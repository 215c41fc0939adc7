"""Texts that a classifier of English cannot judge, found inside the graph."""

from collections.abc import Sequence

import tensorflow as tf

from seqapps import text

NO_WORDS, NOT_ENGLISH = "no words", "not English"
_ENGLISH = (
    "the and of to is it you that this with for have not they from but what "
    "there would which their about your been she his her who when where how "
    "why because i my we were very him them if can had could should just only "
    "than then these those some into over 's n't 'm 've 're 'll at by"
)
_FOREIGN = (  # German, Spanish, French, Italian, Portuguese, Dutch, Swedish
    "und ich nicht ist ein eine einen einem zu mit auf fur sie wir sich auch "
    "wie dass wird sind haben sehr mein sein nach bei aus oder aber kann diese "
    "nur noch wenn als ihr uber mich que una para se esta les mi su muy pero "
    "como ser ella esto eso todo cuando fue tiene donde est dans une pas je il "
    "elle au aux ce cette qui avec sont vous nous che non sono della nel gli "
    "anche molto questo nao uma dos muito mas em isso het een niet dat ik zijn "
    "maar voor met och att som jag inte av till ikke"
)
_OF_TITLES = (  # also in names and titles that English texts have
    "la le de du el los las del da di al un en et con es te tu yo si y d'un "
    "l'un der den das von van det des lo por per hay pour sur os dem"
)
_OF_BOTH = (  # say nothing: words of English and of another language
    "a in so no me was war an am as on do he i o e hat die im er um son film"
)
_RANKS = [300, 3000, 10000]  # words of English by their frequency
# log-odds of "not English", for each word of a kind: English, foreign, of
# titles, of both, of another script; then by rank, the last for all others
_ODDS = [-2.0, 3.1, 2.2, 0.0, 6.0, -1.7, -0.8, -1.0, 1.6]
_OTHER_SCRIPT, _FIRST_RANK = 4, 5
_PRIOR = -4.9  # no text of one or two Latin words is "not English"
_MIN_COMMON = 20  # English words among the first 100


def is_english(words: Sequence[str]) -> bool:
    """Whether a vocabulary, most frequent words first, is a large English one.

    Large is 10,000 words or more: ranks beyond are those of rare words.
    """
    common = set(_ENGLISH.split()) & set(words[:100])
    return len(words) >= _RANKS[-1] and len(common) >= _MIN_COMMON


class Doubts(tf.Module):
    """Says of texts "no words", "not English", or nothing.

    A text has no words if none of its tokens with a letter, a digit or an
    emoji is in the vocabulary. It is not English if the log-odds of its words
    say so: of frequent ones of English and of its neighbours, of the rank of
    the others in the vocabulary, and of words in another script.

    Args:
        english: whether the vocabulary is English; see `is_english`.
    """

    def __init__(self, english: bool):
        super().__init__()
        self._kinds = None
        if english:
            lists = (_ENGLISH, _FOREIGN, _OF_TITLES, _OF_BOTH)
            kinds = {
                w: k for k, words in enumerate(lists) for w in words.split()
            }
            self._kinds = text.lookup_table(kinds, kinds.values(), -1)

    def __call__(
        self, words: tf.RaggedTensor, ids: tf.RaggedTensor
    ) -> tf.Tensor:
        """Judges texts.

        Args:
            words: `(batch, None)` strings in lower case.
            ids: `(batch, None)`, theirs.

        Returns:
            `(batch,)` strings.
        """
        tokens = words.flat_values
        has_meaning = tf.strings.regex_full_match(tokens, r".*[\pL\pN\p{So}].*")
        is_known = has_meaning & (ids.flat_values != text.UNKNOWN)
        known = words.with_flat_values(tf.cast(is_known, tf.int32))
        none = tf.reduce_sum(known, 1) == 0  # (batch,)
        doubts = tf.where(none, NO_WORDS, "")
        if not self._kinds:
            return doubts
        odds = words.with_flat_values(self._odds(tokens, ids.flat_values))
        foreign = tf.reduce_sum(odds, 1) + _PRIOR > 0
        return tf.where(foreign, NOT_ENGLISH, doubts)

    def _odds(self, words: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """The log-odds of "not English" of each word."""
        ranks = ids - text.UNKNOWN - 1  # -1 of an unknown word
        level = tf.searchsorted(_RANKS, ranks, side="right")
        level = tf.where(ranks < 0, len(_RANKS), level)
        kinds = self._kinds.lookup(words)
        kinds = tf.where(kinds < 0, _FIRST_RANK + level, kinds)
        is_other = tf.strings.regex_full_match(words, r".*[^\PL\p{Latin}].*")
        kinds = tf.where(is_other, _OTHER_SCRIPT, kinds)
        has_letter = tf.strings.regex_full_match(words, r".*\pL.*")
        return tf.where(has_letter, tf.gather(_ODDS, kinds), 0.0)
