"""Divides a tune into measures, for `variation` to rewrite some of them."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec.lexer import TokenizedTune
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.grammar.clock import ClockState
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
        first_equal: index of the first measure that equals each.
        rewritable: whether each measure may be rewritten.
    """

    ids: tf.Tensor
    ticks: tf.Tensor
    measure: tf.Tensor
    measure_ticks: tf.Tensor
    end: tf.Tensor
    first_equal: tf.Tensor
    rewritable: tf.Tensor


def parse_theme(
    codec: NoteCodec,
    tune: TokenizedTune,
    meter_ids: tf.Tensor,
    key_ids: tf.Tensor,
) -> Theme:
    """Divides a tune into measures.

    Args:
        codec: of the network's tokens.
        tune: the whole tune.
        meter_ids: `(1,)`.
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
    prompt = codec.prompt(meter_ids, key_ids)[0]
    times = _times(codec, prompt, ids, ticks)
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
    all_rewritable = tf.math.unsorted_segment_min(
        tf.cast(rewritable, tf.int32), first_equal, count
    )
    return Theme(
        ids=tf.concat([ids, [text.END]], 0),
        ticks=ticks,
        measure=tf.concat(
            [tf.where(is_line, _NO_MEASURE, measure), [_NO_MEASURE]], 0
        ),
        measure_ticks=measure_ticks,
        end=last + 1,
        first_equal=first_equal,
        rewritable=tf.gather(all_rewritable, first_equal) > 0,
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


def _times(
    codec: NoteCodec, prompt: tf.Tensor, ids: tf.Tensor, ticks: tf.Tensor
) -> tf.Tensor:
    """Returns the ticks that each token takes, in tuplets too, `(tokens,)`."""
    tokens = tf.concat([prompt, ids], 0)
    count = tf.size(tokens)
    times = tf.TensorArray(tf.int32, count, element_shape=[])

    def body(
        i: tf.Tensor, clock: ClockState, times: tf.TensorArray
    ) -> tuple[tf.Tensor, ClockState, tf.TensorArray]:
        token = tokens[i][tf.newaxis]
        length = tf.gather(ticks, token)
        after = codec.clock.advance(codec.to_vocabulary(token), clock, length)
        time = tf.where(length > 0, after.position - clock.position, 0)[0]
        return i + 1, after, times.write(i, time)

    *_, times = tf.while_loop(
        lambda i, *_: i < count,
        body,
        (tf.constant(0), codec.clock.initial_state(1), times),
    )
    return times.stack()[tf.size(prompt) :]
