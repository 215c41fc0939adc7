"""What was masked, put back into translations, inside the graph."""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.translation.codec import characters
from seqapps.tasks.translation.codec.characters import (
    CLOSER,
    LETTER,
    MASK,
    SPACE,
)

_INVENTED = r" ?[\x{E000}-\x{F8FF}]"


class _Line(NamedTuple):
    """The characters of texts, without white space.

    Attributes:
        codes: `(all,)` code points.
        rows: `(all,)`, the text of each.
        gaps: `(all,)`, whether white space, or nothing, stands before it.
        kinds: `(all,)`.
    """

    codes: tf.Tensor
    rows: tf.Tensor
    gaps: tf.Tensor
    kinds: tf.Tensor


class _Masks(NamedTuple):
    """The masks of the sources, `(masks,)` each.

    Attributes:
        left: the kind of the character before; SPACE for white space or none.
        right: likewise, after.
        share: of the letters of the source, those before it.
    """

    left: tf.Tensor
    right: tf.Tensor
    share: tf.Tensor


def put_back(
    translations: tf.Tensor, sources: tf.Tensor, kept: tf.RaggedTensor
) -> tf.Tensor:
    """Writes what was kept in the places of the masks of translations.

    A mask that the translation lacks is put where it stands in the source, in
    proportion, between words, and before the mark at the end; of one that it
    has twice the first is taken, and one that the source lacks is left out.
    Each is next to a word, or apart from it, as in the source.

    Args:
        translations: `(batch,)` strings, with single spaces.
        sources: `(batch,)` strings that were translated, with masks U+E000 + k.
        kept: what is to be written for each mask, ragged `(batch, None)`.

    Returns:
        `(batch,)` strings, each with all that was kept.
    """
    kept_values, starts = kept.flat_values, tf.cast(kept.row_splits, tf.int32)

    def written() -> tf.Tensor:
        count = tf.size(translations)
        masks = _masks(_read(sources), count)
        line, ids = _known(_read(translations), starts)
        line, ids = _insert(line, ids, masks, starts, count)
        gaps = _gaps(line, ids, masks)
        shown = characters.encode(
            line.codes, tf.range(tf.size(ids)), tf.size(ids)
        )
        is_mask = ids >= 0
        shown = tf.where(
            is_mask,
            tf.gather(kept_values, tf.maximum(ids, 0)),
            shown,
        )
        shown = tf.strings.join([tf.where(gaps, " ", ""), shown])
        return tf.strings.unsorted_segment_join(shown, line.rows, count)

    return tf.cond(
        (tf.size(kept_values) > 0) & (tf.size(translations) > 0),
        written,
        lambda: tf.strings.regex_replace(translations, _INVENTED, ""),
    )


def fill(masked: tf.Tensor, kept: tf.RaggedTensor) -> tf.Tensor:
    """Writes what was kept for the masks of `(batch,)` sources, in order."""
    read = characters.read(masked)
    is_mask = characters.kinds(read.codes) == MASK
    place = tf.range(tf.size(is_mask))
    shown = read.join(place, tf.size(is_mask))
    values = tf.concat([kept.flat_values, [""]], 0)
    shown = tf.where(
        is_mask,
        tf.gather(values, tf.maximum(characters.running(is_mask) - 1, 0)),
        shown,
    )
    return tf.strings.unsorted_segment_join(shown, read.rows, read.count)


def _read(texts: tf.Tensor) -> _Line:
    found = tf.raw_ops.UnicodeDecode(input=texts, input_encoding="UTF-8")
    codes, splits = found.char_values, tf.cast(found.row_splits, tf.int32)
    rows = characters.rows_of(splits, tf.size(codes))
    kinds = characters.kinds(codes)
    visible = kinds != SPACE
    gaps = ~characters.previous(visible, False) | characters.begins(rows)
    return _some(_Line(codes, rows, gaps, kinds), visible)


def _some(line: _Line, flags: tf.Tensor) -> _Line:
    places = characters.places_of(flags)
    return _Line(*(tf.gather(values, places) for values in line))


def _masks(source: _Line, count: tf.Tensor) -> _Masks:
    is_mask = source.kinds == MASK
    begins = characters.begins(source.rows)
    left = characters.previous(source.kinds, SPACE)
    left = tf.where(source.gaps | begins, SPACE, left)
    # what is after it, unless white space or the next text is
    ends = tf.concat([(source.gaps | begins)[1:], [True]], 0)
    ends = ends[: tf.size(is_mask)]
    right = tf.concat([source.kinds[1:], [SPACE]], 0)[: tf.size(is_mask)]
    right = tf.where(ends, SPACE, right)
    before, total = _letters(source, count)
    share = before / tf.maximum(tf.gather(total, source.rows), 1)
    places = characters.places_of(is_mask)
    return _Masks(
        *(tf.gather(values, places) for values in (left, right, share))
    )


def _letters(line: _Line, count: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Letters before each character of a row, and those of each row."""
    is_letter = tf.cast(line.kinds == LETTER, tf.int32)
    total = tf.math.unsorted_segment_sum(is_letter, line.rows, count)
    before = tf.cumsum(total, exclusive=True)
    before = tf.cumsum(is_letter, exclusive=True) - tf.gather(before, line.rows)
    return before, total


def _known(line: _Line, starts: tf.Tensor) -> tuple[_Line, tf.Tensor]:
    """Leaves masks out that are of no source, or not the first of theirs.

    Returns:
        The others, and which mask each is, counted through all sources, or -1.
    """
    k = line.codes - characters.FIRST_MASK
    is_mask = line.kinds == MASK
    ids = tf.gather(starts, line.rows) + k
    is_mask &= ids < tf.gather(starts, line.rows + 1)
    ids = tf.where(is_mask, ids, -1)
    place = tf.range(tf.size(ids))
    first = tf.math.unsorted_segment_min(place, ids, starts[-1])
    is_first = is_mask & (tf.gather(first, tf.maximum(ids, 0)) == place)
    known = is_first | (line.kinds != MASK)
    return _some(line, known), characters.pick(ids, known)


def _insert(
    line: _Line,
    ids: tf.Tensor,
    masks: _Masks,
    starts: tf.Tensor,
    count: tf.Tensor,
) -> tuple[_Line, tf.Tensor]:
    """Puts lost masks where they stand in the source, in proportion."""
    seen = tf.math.unsorted_segment_sum(tf.ones_like(ids), ids, starts[-1])
    lost = tf.cast(tf.where(seen == 0)[:, 0], tf.int32)  # (lost,)
    rows = tf.searchsorted(starts, lost, "right") - 1
    before, total = _letters(line, count)
    place = tf.range(tf.size(ids))
    is_end = line.kinds == CLOSER
    for quote in "\"'":
        is_end |= line.codes == ord(quote)
    # a mask may stand before a word, or after the last character of a row
    # that is no mark
    last = tf.math.unsorted_segment_max(
        tf.where(is_end, -1, place), line.rows, count
    )
    first = tf.searchsorted(line.rows, tf.range(count))  # (batch,)
    ends = tf.maximum(last + 1, first)
    begins = line.gaps & ~is_end
    places = tf.concat([characters.pick(place, begins), ends], 0)
    places_rows = tf.concat(
        [characters.pick(line.rows, begins), tf.range(count)], 0
    )
    letters = tf.concat([characters.pick(before, begins), total], 0)
    order = tf.argsort(places_rows, stable=True)
    candidates = tf.RaggedTensor.from_value_rowids(
        tf.stack([tf.gather(places, order), tf.gather(letters, order)], 1),
        tf.cast(tf.gather(places_rows, order), tf.int64),
        tf.cast(count, tf.int64),
        validate=False,
    )
    candidates = tf.gather(candidates.to_tensor(2**30), rows)
    wanted = tf.gather(masks.share, lost) * tf.cast(
        tf.gather(total, rows), masks.share.dtype
    )
    away = tf.cast(candidates[..., 1], wanted.dtype) - wanted[:, tf.newaxis]
    best = tf.argmin(tf.abs(away), 1)  # (lost,)
    where = tf.gather(candidates[..., 0], best, batch_dims=1)
    order = tf.argsort(tf.concat([2 * where, 2 * place + 1], 0), stable=True)
    new = _Line(
        tf.fill([tf.size(lost)], characters.FIRST_MASK),
        rows,
        tf.fill([tf.size(lost)], True),
        tf.fill([tf.size(lost)], MASK),
    )
    both = [
        tf.gather(tf.concat(values, 0), order)
        for values in zip((*new, lost), (*line, ids), strict=True)
    ]
    return _Line(*both[:-1]), both[-1]


def _gaps(line: _Line, ids: tf.Tensor, masks: _Masks) -> tf.Tensor:
    """Whether a space stands before each character, `(all,)`."""
    begins = characters.begins(line.rows)
    is_mask = ids >= 0
    after_mask = characters.previous(is_mask, False)
    before = characters.previous(line.kinds, SPACE)
    own = tf.gather(masks.left, tf.maximum(ids, 0))
    last = tf.gather(masks.right, tf.maximum(characters.previous(ids, -1), 0))
    # as in the source, if the same kind of character is beside it
    right = ~is_mask | (own == before)
    right &= ~after_mask | (last == line.kinds)
    joined = (is_mask | after_mask) & right
    words = is_mask | after_mask
    for kinds in (before, line.kinds):
        words &= (kinds == LETTER) | (kinds == MASK)
    return (line.gaps | words) & ~joined & ~begins
