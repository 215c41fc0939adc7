"""Texts as sentences and the white space between, inside the graph."""

import tensorflow as tf

from seqapps.tasks.translation.codec import characters
from seqapps.tasks.translation.codec.abbreviations import shields
from seqapps.tasks.translation.codec.clauses import CLAUSE, begin_pieces, mark

_CUT = "\ufdd0"  # a sentence begins at or after this
# white space is a space or a line end, and tabs part the cells of a table;
# what is a marker here is none in the text
_SIMPLE = [
    (r"[\t\n\x0B\f\r\x{1C}-\x{1E}\x{85}\x{2028}\x{2029}]", "\n"),
    (r"[\pZ\x{1F}]", " "),
    (r"[\x{FDD0}-\x{FDD5}]", "\ufffd"),
]
_LONGEST_WORD = 300  # characters without a space that are not cut
_SYMBOL = r"(?: *[\p{So}\x{FE0F}\x{200D}\x{1F3FB}-\x{1F3FF}]+)*"
_MASKS = r"\x{E000}-\x{F8FF}"
_MARK = rf"[.!?\x{{2026}}]+[\"'»”’“)\]}}*_{_MASKS}]*{_SYMBOL}"
_OPEN = r"[\"'«»“”„‘’‹(\[¿¡*_–— -]*"
_START = rf"[\p{{Lu}}\p{{Lt}}\p{{Lo}}\pN{_MASKS}]"
# what is one sentence at first sight: no mark but at its end
_ONE = (
    r"[¿¡\"«(]?[\pL\x{E000}-\x{F8FF}][\pL\pM\pN,;:'’\"«»()%€$\x{E000}-\x{F8FF}-]*"
    r"(?: [\pL\pM\pN,;:'’\"«»()%€$\x{E000}-\x{F8FF}-]+)*[.!?…]*"
)
_ENDS = [
    (rf"({_MARK})( +{_OPEN}{_START})", rf"\1{_CUT}\2"),
    (rf"({_MARK})( *[¿¡])", rf"\1{_CUT}\2"),
    (r"(\pL[!?]+)(\p{Lu}\p{Ll})", rf"\1{_CUT}\2"),
    ("([。！？]+[」』”’)]*)", rf"\1{_CUT}"),
    (  # the sign of an item of a list, or of a heading
        r"(?m)^( *(?:[-*+•–—▪◦·>]|#{1,6}|\pN{1,3}[.)])) ",
        rf"\1{_CUT} ",
    ),
    ("\n", f"{_CUT}\n"),
]


def split(
    texts: tf.Tensor, most_words: int | tf.Tensor = 40, language: str = ""
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Splits texts into sentences and what stands between them.

    A sentence ends at a full stop, a mark or an ellipsis, with the quotes and
    brackets that close after it, if white space and a capital, a number or an
    opening sign follow; and where a line ends. It goes on after abbreviations,
    initials and ordinals, and if a lower-case letter follows. The sign of an
    item of a list is a piece of its own.

    A sentence that is too long is cut: after ; and :, after a comma, before
    conjunctions, or else between words, so that its parts are about as long;
    and a word of more than 300 characters is cut, too. White space in what is
    not to be cut, such as an HTML tag, is best protected before.

    Args:
        texts: `(batch,)` strings.
        most_words: words of a piece, at most; a word of 20 letters or more
            counts as several.
        language: of the texts: "es", "en", "de", "fr", or "" for any of them.

    Returns:
        The pieces, ragged `(batch, None)`, without white space around them;
        and what stands before, between and after them, one more for each text:
        `join` gives back the text, byte for byte.
    """
    lengths = tf.strings.length(texts, unit="UTF8_CHAR")
    short = tf.strings.regex_full_match(texts, _ONE) & (
        lengths < 2 * most_words
    )
    nothing = tf.fill([2 * tf.size(texts)], "")

    def one() -> tuple[tf.Tensor, ...]:
        return texts, tf.ones_like(lengths, tf.int64), nothing

    def several() -> tuple[tf.Tensor, ...]:
        pieces, between = _split(texts, most_words, language)
        return pieces.flat_values, pieces.row_lengths(), between.flat_values

    pieces, counts, between = tf.cond(tf.reduce_all(short), one, several)
    return (
        characters.ragged(pieces, counts),
        characters.ragged(between, counts + 1),
    )


def _split(
    texts: tf.Tensor, most_words: int | tf.Tensor, language: str
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """`split` for texts of any kind."""
    read = characters.read(texts)
    visible = characters.kinds(read.codes) != characters.SPACE  # (all,)
    begins, clause = _ends(read, language)
    begins |= _too_long(visible)
    begins |= begin_pieces(read.codes, visible, begins, clause, most_words)
    return _cut(read, visible, characters.running(begins) - 1)


def join(pieces: tf.RaggedTensor, separators: tf.RaggedTensor) -> tf.Tensor:
    """Joins the pieces of texts with what stood between them, `(batch,)`."""
    rows = tf.cast(pieces.value_rowids(), tf.int32)
    ends = tf.strings.join([pieces.flat_values, separators[:, 1:].flat_values])
    starts = separators[:, :1].flat_values  # (batch,)
    rest = tf.strings.unsorted_segment_join(ends, rows, tf.size(starts))
    return tf.strings.join([starts, rest])


def _ends(
    read: characters.Characters, language: str
) -> tuple[tf.Tensor, tf.Tensor]:
    """Where texts and sentences begin, and clauses, `(all,)` flags.

    The patterns write as many characters as there are, and markers between.
    """
    texts = characters.encode(read.codes, read.rows, read.count)
    for pattern, replacement in (*_SIMPLE, *shields(language), *_ENDS):
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    texts = mark(texts, language)
    codes = characters.codes_of(texts)
    is_cut, is_clause = codes == ord(_CUT), codes == ord(CLAUSE)
    places = tf.where(~(is_cut | is_clause))[:, 0]  # (all,)
    cuts, clauses = (
        tf.gather(characters.running(flags), places)
        for flags in (is_cut, is_clause)
    )
    begins = characters.begins(read.rows)
    begins |= cuts != characters.previous(cuts, 0)
    return begins, clauses != characters.previous(clauses, 0)


def _too_long(visible: tf.Tensor) -> tf.Tensor:
    """Where a very long word is cut, `(all,)` flags."""
    place = tf.range(tf.size(visible))
    spaces = tf.where(visible, -1, place)
    length = place - _last(spaces)  # 1 for the first character of a word
    return visible & (length > 1) & (length % _LONGEST_WORD == 1)


def _last(places: tf.Tensor) -> tf.Tensor:
    """The last place that is not -1, up to each of `(all,)`."""
    found = tf.concat([[-1], characters.pick(places, places >= 0)], 0)
    return tf.gather(found, characters.running(places >= 0))


def _cut(
    read: characters.Characters, visible: tf.Tensor, segments: tf.Tensor
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Pieces and what stands between, given the segment of each character."""
    place = tf.range(tf.size(segments))
    count = tf.size(segments)
    first = tf.math.unsorted_segment_min(
        tf.where(visible, place, count), segments, count
    )
    last = tf.math.unsorted_segment_max(
        tf.where(visible, place, -1), segments, count
    )
    starts = place == tf.gather(first, segments)
    inside = place >= tf.gather(first, segments)
    inside &= place <= tf.gather(last, segments)
    piece = characters.running(starts)  # from 1
    total = tf.reduce_sum(tf.cast(starts, tf.int32))
    pieces = read.join(tf.where(inside, piece - 1, -1), total)
    rows = characters.pick(read.rows, starts)
    numbers = characters.count_in(rows, read.count)  # (batch,)
    between = read.join(
        tf.where(inside, -1, piece + read.rows), total + read.count
    )
    return (
        characters.ragged(pieces, numbers),
        characters.ragged(between, numbers + 1),
    )
