"""The range of the notes that tunes are to keep to."""

from typing import NamedTuple

import tensorflow as tf


class Compass(NamedTuple):
    """The notes that tunes may have.

    Args:
        narrow: whether they are not all, `()`; then bars are filled with notes
            of common lengths, for rare ones may lack in the range.
        notes: which tokens are no note or in the range, `(batch, vocabulary)`.
    """

    narrow: tf.Tensor
    notes: tf.Tensor
