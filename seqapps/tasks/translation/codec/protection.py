"""Masks for what is not to be translated, inside the graph."""

import tensorflow as tf

from seqapps.tasks.translation.codec import characters, numbers
from seqapps.tasks.translation.codec.glossary import (
    any_of,
    forms_of,
    look_up,
    pattern_of,
    variants,
)
from seqapps.tasks.translation.codec.untranslatable import (
    LEFT_AS_THEY_ARE,
    LETTER,
    PATTERN,
    POSSIBLE,
    REST,
    SYMBOL,
)

Names = tuple[tuple[str, str], ...]  # each with its translation

# whole, lest a name be found in it
_EMAIL = r"[\pL\pN._+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)*"
_START, _END = "\ufdd3", "\ufdd4"  # stand around what is found


def protect(
    texts: tf.Tensor,
    glossary: tf.Tensor | None = None,
    languages: tuple[str, str] | None = None,
    names: Names = (),
) -> tuple[tf.Tensor, tf.RaggedTensor]:
    """Puts masks in the places of what is not to be translated.

    These are URLs, e-mail addresses, files and paths, tags and entities of
    HTML, placeholders of programs, #tags, @names, versions, and codes of
    letters and digits; numbers, if languages are given; the terms of a
    glossary, as they are written there, with a capital, or in capitals; and
    names, see `glossary.forms_of`.

    Args:
        texts: `(batch,)` strings.
        glossary: `(terms, 2)`, terms and their translations; a term that is
            its own translation is kept; an empty one is none.
        languages: of the texts and of their translations; see
            `numbers.rewrite`. None leaves numbers to the translator.
        names: as they are always translated; a term of the glossary comes
            before them.

    Returns:
        The texts, with the k-th of them replaced by the character U+E000 + k,
        `(batch,)`; and what is to be written there, ragged `(batch, None)`.
    """
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", "replace")
    pattern = POSSIBLE
    if names:
        pattern += f"|(?s:.*)(?:{pattern_of(names)})"
    possible = tf.strings.regex_full_match(texts, f"(?:{pattern})(?s:.*)")
    terms = tf.reshape(glossary, [-1]) if glossary is not None else None
    possible = tf.reduce_any(possible)
    if terms is not None:
        possible |= tf.reduce_any(terms != "")

    def find() -> tuple[tf.Tensor, ...]:
        masked, kept = _protect(texts, glossary, languages, names)
        return masked, kept.flat_values, kept.row_lengths()

    masked, kept, counts = tf.cond(
        possible,
        find,
        lambda: (texts, tf.fill([0], ""), tf.zeros_like(texts, tf.int64)),
    )
    return masked, characters.ragged(kept, counts)


def number(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Numbers the masks of each text anew.

    Args:
        texts: `(batch,)` strings with masks of any number.

    Returns:
        The texts, with U+E000 + k for the k-th mask; and how many masks there
        are, `(batch,)`.
    """
    read = characters.read(texts)
    is_mask = characters.kinds(read.codes) == characters.MASK
    codes = _numbered(read.codes, is_mask, read.rows)
    counts = tf.math.unsorted_segment_sum(
        tf.cast(is_mask, tf.int64), read.rows, read.count
    )
    return characters.encode(codes, read.rows, read.count), counts


def _protect(
    texts: tf.Tensor,
    glossary: tf.Tensor | None,
    languages: tuple[str, str] | None,
    names: Names,
) -> tuple[tf.Tensor, tf.RaggedTensor]:
    read = characters.read(texts)
    codes = _plain(read.codes)
    if glossary is not None or names:
        terms, translations = _terms(glossary, names)
        codes = tf.cond(
            tf.size(terms) > 0,
            lambda: _hide(read, codes, _EMAIL + "|" + any_of(terms)),
            lambda: tf.identity(codes),
        )
    pattern = PATTERN
    if languages:
        pattern += "|" + numbers.pattern(languages[0])
    starts, inside, found = find(read, codes, pattern)
    if languages:
        found = numbers.rewrite(found, *languages)
    if glossary is not None or names:
        found = look_up(found, terms, translations)
    counts = tf.math.unsorted_segment_sum(
        tf.cast(starts, tf.int64), read.rows, read.count
    )
    codes = _numbered(read.codes, starts, read.rows)
    masked = read.collapse(codes, starts, inside)
    return masked, characters.ragged(found, counts)


def _terms(
    glossary: tf.Tensor | None, names: Names
) -> tuple[tf.Tensor, tf.Tensor]:
    """Terms and names as they may be written, and their translations."""
    forms = forms_of(names)
    known = [list(forms), list(forms.values())]
    if glossary is None:
        return tuple(map(tf.constant, known))
    return tuple(
        tf.concat([terms, tf.constant(more, tf.string)], 0)
        for terms, more in zip(variants(glossary), known, strict=True)
    )


def _plain(codes: tf.Tensor) -> tf.Tensor:
    """Writes `(all,)` characters as the patterns want them."""
    is_letter = characters.kinds(codes) == characters.LETTER
    other = tf.where(is_letter, ord(LETTER), ord(SYMBOL))
    known = (codes < 128) | (characters.kinds(codes) == characters.MASK)
    for character in LEFT_AS_THEY_ARE:
        known |= codes == ord(character)
    return tf.where(known, codes, other)


def _hide(
    read: characters.Characters, codes: tf.Tensor, pattern: tf.Tensor
) -> tf.Tensor:
    """Writes one U+E000, and `REST`, over the terms that are found."""
    starts, inside, _ = find(read, read.codes, pattern)
    codes = tf.where(inside, ord(REST), codes)
    return tf.where(starts, characters.FIRST_MASK, codes)


def find(
    read: characters.Characters, codes: tf.Tensor, pattern: str | tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Finds a pattern in texts, where it is no part of a word.

    Args:
        read: the texts.
        codes: their characters as the pattern wants them, `(all,)`.
        pattern: of RE2.

    Returns:
        Whether a character begins what is found, and whether it is inside,
        `(all,)` flags; and what is found, `(found,)` strings.
    """
    texts = characters.encode(codes, read.rows, read.count)
    # what is a marker here is none in the text
    texts = tf.strings.regex_replace(texts, f"[{_START}{_END}]", "\ufffd")
    marked = tf.strings.regex_replace(texts, pattern, rf"{_START}\0{_END}")
    codes = characters.codes_of(marked)
    is_start, is_end = codes == ord(_START), codes == ord(_END)
    places = tf.where(~(is_start | is_end))[:, 0]  # (all,)
    opened = tf.gather(characters.running(is_start), places)
    closed = tf.gather(characters.running(is_end), places)
    starts = opened != characters.previous(opened, 0)
    inside = opened > closed
    ends = inside & ~_shifted(inside & ~starts, False)
    valid = _is_apart(read, starts, ends)
    span = tf.where(inside, opened - 1, -1)
    found = read.join(span, tf.size(valid))
    inside &= tf.gather(tf.concat([valid, [True]], 0), tf.maximum(span, 0))
    return starts & inside, inside, characters.pick(found, valid)


def _shifted(flags: tf.Tensor, last: bool) -> tf.Tensor:
    """The flag after each of `(all,)`; `last` after the last."""
    return tf.concat([flags, [last]], 0)[1:]


def _is_apart(
    read: characters.Characters, starts: tf.Tensor, ends: tf.Tensor
) -> tf.Tensor:
    """Whether what is found is no part of a word, `(found,)`.

    What begins with a letter or a digit, or with one of @ # $ / . ~, does not
    follow one; what ends with one does not precede one. A % does not follow a
    digit.
    """
    code, first = read.codes, characters.begins(read.rows)
    is_letter = characters.kinds(code) == characters.LETTER
    before = characters.previous(is_letter, False) & ~first
    after = _shifted(is_letter, False) & ~_shifted(first, True)
    # what is found beside it is no part of the word
    free = characters.previous(ends, True)
    joins = is_letter
    for character in "@#$/.~":
        joins |= code == ord(character)
    percent = code == ord("%")
    digit = (code >= ord("0")) & (code <= ord("9"))
    of_number = characters.previous(digit, False) & ~_shifted(percent, False)
    wrong = ((joins & before) | (percent & of_number)) & ~free
    starts_right = ~characters.pick(wrong, starts)
    wrong = is_letter & after & ~_shifted(starts, True)
    wrong &= ~_of_placeholder(code, starts, ends)
    return starts_right & ~characters.pick(wrong, ends)


def _of_placeholder(
    code: tf.Tensor, starts: tf.Tensor, ends: tf.Tensor
) -> tf.Tensor:
    """Whether `(all,)` ends are of what begins with % or a backslash."""
    place = characters.pick(code, starts)
    first = tf.gather(tf.concat([[0], place], 0), characters.running(starts))
    return ends & ((first == ord("%")) | (first == ord("\\")))


def _numbered(
    codes: tf.Tensor, is_mask: tf.Tensor, rows: tf.Tensor
) -> tf.Tensor:
    """Writes U+E000 + k for the k-th mask of a row, to U+F8FF at most."""
    count = characters.running(is_mask)
    start = characters.pick(
        count - tf.cast(is_mask, tf.int32), characters.begins(rows)
    )
    row = characters.running(characters.begins(rows)) - 1
    k = count - 1 - tf.gather(start, row)
    mask = tf.minimum(characters.FIRST_MASK + k, characters.LAST_MASK)
    return tf.where(is_mask, mask, codes)
