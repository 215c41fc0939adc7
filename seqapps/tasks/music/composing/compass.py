"""Turns a range that is requested into the notes that tunes may have."""

import tensorflow as tf

from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.grammar.compass import Compass

LOWEST, HIGHEST = 0, 127  # of MIDI: all notes


def build_compass(
    codec: NoteCodec,
    key_ids: tf.Tensor,
    lowest: tf.Tensor,
    highest: tf.Tensor,
) -> Compass:
    """Builds the compass of tunes.

    Args:
        codec: of the network's tokens.
        key_ids: of the tunes, `(batch,)`.
        lowest: note of MIDI, `()`.
        highest: likewise.

    Raises:
        InvalidArgumentError: the range is too narrow: notes of some length
            that a bar may need are not in it.
    """
    fits = codec.spelled.fit(key_ids, lowest, highest)  # (batch, vocabulary)
    # defaults of a signature are plain numbers
    lowest, highest = map(tf.convert_to_tensor, (lowest, highest))
    narrow = (lowest > LOWEST) | (highest < HIGHEST)
    fit = codec.grammar.bar_fit
    lengths = fit.common_lengths[:, tf.newaxis]
    is_note = (codec.ticks == lengths) & fit.notes  # (lengths, vocabulary)
    found = tf.reduce_any(is_note & fits[:, tf.newaxis], axis=2)
    enough = tf.reduce_all(found) & (tf.size(fit.common_lengths) > 0)
    check = tf.debugging.Assert(
        ~narrow | enough,
        [
            "the range is too narrow, or too far off, for tunes in this key:",
            "give an octave or more",
        ],
    )
    with tf.control_dependencies([check]):
        return Compass(narrow, fits | ~narrow)
