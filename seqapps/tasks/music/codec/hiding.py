"""Hides from training tunes what a network may not be told."""

import tensorflow as tf

RHYTHM_COLUMN = 3  # of a header
# shares of the tunes from which something is hidden
_RHYTHMS, _ALL_BARS, _SECTION_BARS = 0.3, 0.35, 0.15


def hide(
    ids: tf.Tensor, no_rhythm: int, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Hides the kind of some tunes, and the bars left of others.

    So a network learns to do with and without them.

    Args:
        ids: of whole tunes, `(batch, time)`.
        no_rhythm: id of the header that names no kind.
        seed: of the random numbers, `(2,)`.

    Returns:
        The ids, and whether the bars left in the section and in the tune are
        told, `(batch, 2)`.
    """
    draw = tf.random.stateless_uniform([3, tf.shape(ids)[0]], seed)
    is_rhythm = tf.range(tf.shape(ids)[1]) == RHYTHM_COLUMN
    hidden = (draw[0] < _RHYTHMS)[:, tf.newaxis] & is_rhythm
    tune = draw[1] >= _ALL_BARS
    section = tune & (draw[2] >= _SECTION_BARS)
    ids = tf.where(hidden, tf.cast(no_rhythm, ids.dtype), ids)
    return ids, tf.stack([section, tune], axis=-1)
