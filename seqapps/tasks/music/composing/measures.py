"""Chooses which measures of a theme are rewritten."""

import tensorflow as tf

from seqapps.tasks.music.composing.theme import Theme

_MEASURE_STREAM = -3  # of random numbers


def choose_measures(
    theme: Theme, strength: tf.Tensor, count: tf.Tensor, seed: tf.Tensor
) -> tf.Tensor:
    """Chooses the measures to rewrite, `(count, measures)`.

    Equal measures are chosen together, so that they stay equal. The ends of
    sections are chosen last: they are what a tune is known by.

    Args:
        theme: the tune.
        strength: the share, above 0 and up to 1.
        count: how many variations.
        seed: of the random numbers.
    """
    measures = tf.size(theme.first_equal)
    candidates = theme.all_rewritable & (
        theme.first_equal == tf.range(measures)
    )
    closes = tf.math.unsorted_segment_max(
        tf.cast(theme.closes, tf.float32), theme.first_equal, measures
    )
    available = tf.reduce_sum(tf.cast(candidates, tf.float32))
    wanted = tf.maximum(tf.cast(tf.round(strength * available), tf.int32), 1)
    numbers = tf.random.stateless_uniform(
        [count, measures], tf.stack([seed, _MEASURE_STREAM])
    )
    numbers = tf.where(candidates, numbers - closes, -2.0)
    order = tf.argsort(numbers, direction="DESCENDING", stable=True)
    rank = tf.argsort(order)
    chosen = candidates & (rank < wanted)
    return tf.gather(chosen, theme.first_equal, axis=1)


def choose_bars(
    theme: Theme, first: tf.Tensor, last: tf.Tensor, count: tf.Tensor
) -> tuple[Theme, tf.Tensor]:
    """Chooses the measures of bars `first` to `last`.

    Args:
        theme: the tune.
        first: number of a bar as written, from 1.
        last: likewise.
        count: how many times the passage is rewritten.

    Returns:
        The theme, in which no measure has to stay equal to another, and the
        measures to rewrite, `(count, measures)`.

    Raises:
        InvalidArgumentError: the tune has no such bars, or one of them cannot
            be rewritten.
    """
    bars = tf.reduce_max(theme.bar)
    measure = tf.range(tf.size(theme.bar))
    inside = (theme.bar >= first) & (theme.bar <= last)
    start = tf.reduce_min(tf.where(inside, measure, tf.size(measure)))
    stop = tf.reduce_max(tf.where(inside, measure, -1))
    chosen = (measure >= start) & (measure <= stop)
    checks = [
        tf.debugging.Assert(
            (first >= 1) & (first <= last) & (last <= bars),
            ["there is no passage", first, "to", last, "in", bars, "bars"],
        ),
        tf.debugging.Assert(
            tf.reduce_all(theme.rewritable | ~chosen),
            [
                "a bar cannot be rewritten (a tie leads into it, or its length"
                " is unusual): bar",
                tf.reduce_max(
                    tf.where(chosen & ~theme.rewritable, theme.bar, 0)
                ),
            ],
        ),
    ]
    with tf.control_dependencies(checks):
        rewrite = tf.tile(chosen[tf.newaxis], [count, 1])
    return theme._replace(first_equal=measure), rewrite
