"""Divides a tune into measures, for `variation` to rewrite some of them."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec.lexer import TokenizedTune
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.grammar.countdown import BarsLeft, count_down
from seqapps.tasks.music.grammar.sections import LINES, Line

_NO_MEASURE = -1


class Theme(NamedTuple):
    """A tune to vary. A measure is what stands between bar lines.

    Args:
        ids: of its tokens and the end, `(tokens,)`; from `len(codec)` on for
            tokens that the vocabulary does not have.
        ticks: written length of each id.
        measure: index of the measure that each token stands in, `(tokens,)`;
            below 0 for lines.
        measure_ticks: time of each measure, `(measures,)`.
        end: index of the token after each measure.
        bar: number of the bar that each measure is; 0 for a pick-up.
        closes: whether each ends a section as it is heard.
        first_equal: index of the first measure that equals each.
        rewritable: whether each measure may be rewritten.
        left: bars left before each token, `(tokens,)` each.
    """

    ids: tf.Tensor
    ticks: tf.Tensor
    measure: tf.Tensor
    measure_ticks: tf.Tensor
    end: tf.Tensor
    bar: tf.Tensor
    closes: tf.Tensor
    first_equal: tf.Tensor
    rewritable: tf.Tensor
    left: BarsLeft

    @property
    def all_rewritable(self) -> tf.Tensor:
        """Whether each measure and all that equal it may be rewritten."""
        all_ = tf.math.unsorted_segment_min(
            tf.cast(self.rewritable, tf.int32),
            self.first_equal,
            tf.size(self.first_equal),
        )
        return tf.gather(all_, self.first_equal) > 0


def parse_theme(
    codec: NoteCodec,
    tune: TokenizedTune,
    prompt: tf.Tensor,
    key_ids: tf.Tensor,
) -> Theme:
    """Divides a tune into measures.

    Args:
        codec: of the network's tokens.
        tune: the whole tune.
        prompt: ids of its header, `(header_length,)`.
        key_ids: `(1,)`.

    Raises:
        InvalidArgumentError: it has no note.
    """
    has_notes = tf.debugging.Assert(
        tf.reduce_any(tune.ticks > 0), ["there is no note in the ABC"]
    )
    with tf.control_dependencies([has_notes]):
        tokens = tf.identity(tune.tokens)
    ids = codec.token_ids(tokens, key_ids[0])
    ticks = tf.concat([codec.ticks, tune.ticks], 0)
    whole = tf.concat([prompt, ids], 0)[tf.newaxis]
    known = codec.to_vocabulary(whole)
    timeline = codec.clock.scan(known, tf.gather(ticks, whole))
    left = count_down(timeline, codec.clock.closes(known))
    begin = tf.size(prompt) - 1  # the last token before the body
    position = timeline.position[0, begin:]
    times = tf.maximum(position[1:] - position[:-1], 0)
    is_line = tf.reduce_any(
        tokens[:, tf.newaxis] == tf.constant(LINES[: Line.END]), axis=1
    )
    begins = ~is_line & tf.concat([[True], is_line[:-1]], 0)
    count = tf.reduce_sum(tf.cast(begins, tf.int32))
    measure = tf.cumsum(tf.cast(begins, tf.int32)) - 1  # (tokens,)
    inner = tf.where(~is_line)[:, 0]  # indices of the tokens in measures
    owner = tf.gather(measure, inner)

    def reduce(
        segment_reduction: Callable[..., tf.Tensor], values: tf.Tensor
    ) -> tf.Tensor:  # (inner,) to (measures,)
        return segment_reduction(tf.cast(values, tf.int32), owner, count)

    first_equal = _first_equal(tf.gather(tokens, inner), owner, count)
    measure_ticks = reduce(
        tf.math.unsorted_segment_sum, tf.gather(times, inner)
    )
    last = reduce(tf.math.unsorted_segment_max, inner)
    ties_on = tf.strings.regex_full_match(tf.gather(tokens, last), ".*-")
    tied_into = tf.concat([[False], ties_on[:-1]], 0)
    # the clock does not know how long an unknown tuplet is
    unknown_tuplet = (tf.gather(ids, inner) >= len(codec)) & (
        tf.gather(times, inner) == 0
    )
    has_unknown_tuplet = reduce(tf.math.unsorted_segment_max, unknown_tuplet)
    rewritable = (
        codec.grammar.bar_fit.can_fill(measure_ticks)
        & (measure_ticks > 0)
        & ~tied_into
        & (has_unknown_tuplet == 0)
    )
    bars = timeline.bars[0, begin:]
    done = reduce(tf.math.unsorted_segment_min, tf.gather(bars, inner))
    after = tf.gather(bars, tf.minimum(last + 2, tf.size(bars) - 1))
    closers = codec.clock.closes(codec.to_vocabulary(ids))
    following = tf.minimum(last + 1, tf.size(ids) - 1)
    return Theme(
        ids=tf.concat([ids, [text.END]], 0),
        ticks=ticks,
        measure=tf.concat(
            [tf.where(is_line, _NO_MEASURE, measure), [_NO_MEASURE]], 0
        ),
        measure_ticks=measure_ticks,
        end=last + 1,
        bar=tf.where(after > done, done + 1, 0),
        closes=tf.gather(closers, following),
        first_equal=first_equal,
        rewritable=rewritable,
        left=BarsLeft(left.section[0, begin:], left.tune[0, begin:]),
    )


def _first_equal(
    tokens: tf.Tensor, measure: tf.Tensor, count: tf.Tensor
) -> tf.Tensor:
    """Returns the first measure with the same tokens as each, `(measures,)`."""
    rows = tf.RaggedTensor.from_value_rowids(
        tokens, measure, nrows=tf.cast(count, measure.dtype)
    )
    contents = tf.strings.reduce_join(rows, axis=1, separator=" ")
    equal = contents[:, tf.newaxis] == contents[tf.newaxis]
    return tf.argmax(tf.cast(equal, tf.int32), 1, tf.int32)
