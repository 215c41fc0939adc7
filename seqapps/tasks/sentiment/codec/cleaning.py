"""Cleans texts as people write them, before they are split into words."""

import string

import tensorflow as tf

from seqapps.tasks.sentiment.codec.characters import Folding, shorten_runs
from seqapps.tasks.sentiment.codec.entities import Entities
from seqapps.tasks.sentiment.codec.matching import change_where, replace_all

_INSIDE = "\ue000"  # placeholder of an apostrophe inside a word
_FLAG = "[\U0001f1e6-\U0001f1ff]"  # two of them are one flag
_BEYOND_ASCII = [
    (r"\x{200d}\p{So}", ""),  # of joined emoji the first stays
]
_FLAGS = [(f"({_FLAG}{{2}})", r" \1 ")]
_OUTSIDE, _LAST = r"\s<>\"')", r"\].,;:!?"  # not in an address, not at its end
_URL = rf"(?i)\b(?:[a-z][a-z+.-]{{1,9}}://|www\.)[^{_OUTSIDE}]*"
_ADDRESSES = [
    (rf"{_URL}[^{_OUTSIDE}{_LAST}]", " "),
    (r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w", " "),
    (r"(^|[^\w@])@\w+", r"\1 "),
    (r"(^|[^\w&#])#(\pL)", r"\1\2"),
]
_EMOTICONS = [  # each becomes an emoji, which is one token
    (r"[:=][-o^]?[)\]]+|\([-o^]?[:=]\B", "\U0001f642"),
    (r"[:;=]'[-]?\(+|\bT_T\b|;_;", "\U0001f622"),
    (r"[:=][-o^]?[(\[]+\B", "\U0001f641"),
    (r";[-o^]?\)+", "\U0001f609"),
    (r"[:=]-?D+\b", "\U0001f603"),
    (r"\b[xX]D+\b", "\U0001f606"),
    (r"[:;=]-?[pP]\b", "\U0001f61b"),
    (r"[:]-?[oO]\b", "\U0001f62e"),
    (r":-?[/\\]\B", "\U0001f615"),
    (r":-?\|\B", "\U0001f610"),
    (r":-?\*\B", "\U0001f618"),
    (r"\^_*\^", "\U0001f60a"),
    (r"-_+-", "\U0001f611"),
    (r"</3\b", "\U0001f494"),
    (r"<3+\b", "\u2764"),
]
_TREEBANK = [  # how it writes quotes, brackets and slashes
    (r"``|''", '"'),
    (r"(?i)-lrb-", "("),
    (r"(?i)-rrb-", ")"),
    (r"\\([/*])", r"\1"),
]
_RUN = "(?i)" + "|".join(letter * 3 for letter in string.ascii_lowercase)
_NEGATED = (
    "do|does|did|is|are|was|were|ai|has|have|had|ca|could|wo|would|should|"
    "must|need"
)
_WORDS = [
    (r"<[bB][rR]\s*/?>|[\pZ\pC]", " "),  # HTML line breaks, white space
    ("`", "'"),
    (  # "isn't", "isnt": "is n't"
        rf"(?i)(?:(\pL)(n)'(t)|\b({_NEGATED})(n)(t))\b",
        rf"\1\4 \2\5{_INSIDE}\3\6",
    ),
    (r"(?i)\b(can)(not)\b", r"\1 \2"),
    (r"(?i)'(s|m|d|ll|re|ve)\b", rf" {_INSIDE}\1"),  # "it's": "it 's"
    (r"([\p{L}\p{N}])'(\p{L})", rf"\1{_INSIDE}\2"),  # "o'clock" is one word
    (rf"([^\p{{L}}\p{{M}}\p{{N}}\s{_INSIDE}{_FLAG[1:-1]}])", r" \1 "),
    (_INSIDE, "'"),
]


class Cleaner(tf.Module):
    """Writes texts so that one word is written in one way.

    HTML character references, accents, full-width letters, typographic quotes
    and invisible characters are resolved; addresses of the web and of people
    are left out; emoticons become emoji; a letter is written twice at most; a
    negation is a word of its own, as in the Penn Treebank: "isn't" is "is n't".
    """

    def __init__(self) -> None:
        super().__init__()
        self._entities, self._folding = Entities(), Folding()

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Cleans `(batch,)` strings of valid UTF-8; spaces part the tokens."""
        texts = self._entities(texts)
        texts = change_where(texts, r"[^\x00-\x7f]", self._fold)
        for rules in (_ADDRESSES, _EMOTICONS, _TREEBANK):
            pattern = "|".join(f"(?:{pattern})" for pattern, _ in rules)
            texts = change_where(
                texts,
                pattern,
                lambda some, rules=rules: replace_all(some, rules),
            )
        texts = change_where(texts, _RUN, shorten_runs)
        return replace_all(texts, _WORDS)

    def _fold(self, texts: tf.Tensor) -> tf.Tensor:
        texts = self._folding(replace_all(texts, _BEYOND_ASCII))
        return replace_all(texts, _FLAGS)
