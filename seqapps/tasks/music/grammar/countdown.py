"""How many bars are left, and whole tunes as inputs of the network.

The bars left are counted to the end of the section as it is heard: before a
first ending, to the end of that ending. So the last bar has the same number in
every section, and the network can look back at how an earlier one ended.
"""

from typing import NamedTuple

import tensorflow as tf

from seqapps.tasks.music.grammar.clock import Clock, Timeline
from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.grammar.lookback import (
    NOT_TOLD,
    ending_stamp,
    look_back_in_whole,
)
from seqapps.tasks.music.grammar.sections import Ending, GrammarState, Phase

# how many values each has as an input: not told, 0, 1, 2 ...
SECTION_BARS_LEFT, TUNE_BARS_LEFT = 34, 66


class BarsLeft(NamedTuple):
    """Bars left with this one, `(batch,)` or `(batch, time)`.

    Args:
        section: to the end of the section as it is heard; `NOT_TOLD` where
            the network is not to know.
        tune: to the end of the tune as it is written; likewise.
    """

    section: tf.Tensor
    tune: tf.Tensor

    def features(self) -> tf.Tensor:
        """Returns two columns for the network, `(..., 2)`."""
        section = tf.minimum(self.section + 1, SECTION_BARS_LEFT - 1)
        tune = tf.minimum(self.tune + 1, TUNE_BARS_LEFT - 1)
        return tf.stack([section, tune], axis=-1)


def bars_left(state: GrammarState, form: Form) -> BarsLeft:
    """Returns the bars left in tunes that are being composed, `(batch,)`.

    Args:
        state: the grammar's.
        form: of the tunes; without a plan, the section's bars are not told.
    """
    ending = form.at(form.ending_bars, state.section)
    done = tf.where(state.ending == Ending.NONE, 0, state.ending_bars)
    # before an ending that is not planned, it is not known
    first = (state.bars_left + done) // 2
    in_first = (state.ending == Ending.FIRST) & (state.phase == Phase.MUSIC)
    heard = state.bars_left - tf.where(
        in_first,
        first,
        tf.where(state.ending == Ending.NONE, tf.maximum(ending, 0), 0),
    )
    heard = tf.where(state.phase == Phase.OVER, 0, heard)
    later = tf.range(tf.shape(form.bars)[1]) > state.section[:, tf.newaxis]
    following = tf.reduce_sum(tf.where(later, form.bars, 0), axis=1)
    return BarsLeft(
        section=tf.where(form.strict, heard, NOT_TOLD),
        tune=state.bars_left + following,
    )


def count_down(timeline: Timeline, closes: tf.Tensor) -> BarsLeft:
    """Returns the bars left after each token of whole tunes.

    Args:
        timeline: of the tunes.
        closes: whether each token is a bar line that is no plain one.
    """
    batch, time = tf.unstack(tf.shape(timeline.bars))
    after = tf.cumsum(tf.cast(closes, tf.int32), axis=1)  # closed so far
    row = tf.range(batch)[:, tf.newaxis] * (time + 1)
    bars_at_close = tf.math.unsorted_segment_max(
        tf.where(closes, timeline.bars, 0),
        row + tf.where(closes, after - 1, time),
        batch * (time + 1),
    )
    next_close = tf.gather(bars_at_close, row + after)
    total = tf.reduce_max(timeline.bars, axis=1, keepdims=True)
    return BarsLeft(
        section=tf.maximum(next_close, timeline.bars) - timeline.bars,
        tune=total - timeline.bars,
    )


def whole_inputs(
    clock: Clock,
    ids: tf.Tensor,
    told: tf.Tensor | None = None,
    ticks: tf.Tensor | None = None,
) -> tf.Tensor:
    """Returns the network's inputs for whole tunes.

    Args:
        clock: of the vocabulary.
        ids: `(batch, time)`.
        told: whether the network is told the bars left in the section and in
            the tune, `(batch, 2)`; None for a network that has no such input.
        ticks: written length of each token; None looks it up.

    Returns:
        `(batch, time, 3 + lookbacks)`: the token, where the tune stands after
        it, and the tokens that stood at the same position some bars before.
        If told, two columns more, and the token that stood as many bars
        before the end of a section.
    """
    timeline = clock.scan(ids, ticks)
    columns = [ids[:, :, tf.newaxis], timeline.features]
    ending_stamps = None
    closes = clock.closes(ids)
    if told is not None:
        left = count_down(timeline, closes)
        section = tf.where(told[:, :1], left.section, NOT_TOLD)
        tune = tf.where(told[:, 1:], left.tune, NOT_TOLD)
        columns.append(BarsLeft(section, tune).features())
        ending_stamps = ending_stamp(timeline.stamps, section)
    lookbacks = look_back_in_whole(ids, timeline.stamps, ending_stamps, closes)
    return tf.concat([*columns, lookbacks], -1)
