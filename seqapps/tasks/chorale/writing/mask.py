"""What a voice may do: keep to its range, and not cross another."""

import tensorflow as tf

from seqapps.tasks.chorale.codec.base import (
    ID_HOLD,
    ID_PITCH,
    LOWEST,
    VOCABULARY,
)
from seqapps.tasks.chorale.notation.chorale import RANGES

_NONE_ABOVE, _NONE_BELOW = 1000, -1000
_FIFTH = 7  # semitones


def allowed(
    voice: int,
    sounds: tf.Tensor,
    before: tf.Tensor,
    may_hold: tf.Tensor,
    shift: tf.Tensor,
) -> tf.Tensor:
    """Returns which tokens a voice may have, `(batch, vocabulary)`.

    A pitch is allowed between the nearest voices whose note in this step is
    known, and in the voice's range; to hold, if what sounded before is. The
    limits of the ranges rise from voice to voice, so some pitch is always
    allowed as long as the known ones are in range and do not cross.

    Args:
        voice: which.
        sounds: the pitches of the voices in this step, negative where they
            rest or are not known; `(batch, 4)`.
        before: the pitch of the voice in the step before; `(batch,)`.
        may_hold: whether that note may go on; `(batch,)`.
        shift: of the key; `(batch,)`.
    """
    low, high = RANGES[voice]
    known = sounds >= 0
    above = tf.where(known, sounds, _NONE_ABOVE)[:, :voice]
    below = tf.where(known, sounds, _NONE_BELOW)[:, voice + 1 :]
    if voice > 0:
        high = tf.minimum(high, tf.reduce_min(above, 1))
    if voice < len(RANGES) - 1:
        low = tf.maximum(low, tf.reduce_max(below, 1))
    low, high = (
        tf.broadcast_to(limit, tf.shape(before))[:, tf.newaxis]
        for limit in (low, high)
    )
    ids = tf.range(VOCABULARY)[tf.newaxis]
    pitches = pitches_of_ids(shift)
    right = (ids >= ID_PITCH) & (pitches >= low) & (pitches <= high)
    before = before[:, tf.newaxis]
    holds = may_hold[:, tf.newaxis] & (before >= low) & (before <= high)
    return right | (holds & (ids == ID_HOLD))


def pitches_of_ids(shift: tf.Tensor) -> tf.Tensor:
    """Returns the MIDI pitch of each token, `(batch, vocabulary)`."""
    ids = tf.range(VOCABULARY)[tf.newaxis]
    return ids - ID_PITCH + LOWEST - shift[:, tf.newaxis]


def parallel(
    voice: int,
    before: tf.Tensor,
    now: tf.Tensor,
    own_before: tf.Tensor,
    own_now: tf.Tensor,
) -> tf.Tensor:
    """Returns which pitches of a voice go in parallel fifths or octaves.

    Two voices do if both go to other pitches in the same direction, and both
    intervals are fifths, or both octaves, compound ones counted.

    Args:
        voice: which.
        before: the pitches of all voices in one step, negative where they
            rest or are not known; `(batch, 4)`.
        now: those in the next step; `(batch, 4)`.
        own_before: of the voice in the one step; `(batch, pitches)`, or 1.
        own_now: in the next; `(batch, pitches)`, or 1.

    Returns:
        `(batch, pitches)`.
    """
    found = tf.constant(False)
    known = (own_before >= 0) & (own_now >= 0)
    moved = own_now - own_before
    for other in range(len(RANGES)):
        if other == voice:
            continue
        one, two = before[:, other, tf.newaxis], now[:, other, tf.newaxis]
        sign = 1 if voice < other else -1
        interval = sign * (own_before - one) % 12
        alike = (sign * (own_now - two) % 12 == interval) & known
        alike &= (interval == 0) | (interval == _FIFTH)
        # in the same direction: the product of the two moves is positive
        found |= alike & (one >= 0) & (two >= 0) & (moved * (two - one) > 0)
    return found


def can_be_written(tokens: tf.Tensor, free: tf.Tensor) -> tf.Tensor:
    """Returns the steps whose given notes leave room for what is free.

    Args:
        tokens: what sounds; `(batch, time, 4)`.
        free: what is to be written.

    Returns:
        `(batch, time)`, True also where nothing is free.
    """
    known = ~free & (tokens >= 0)
    low, high = (tf.constant(limits) for limits in zip(*RANGES, strict=True))
    ranged = ~known | ((tokens >= low) & (tokens <= high))
    below = tf.where(known, tokens, _NONE_BELOW)
    right = tf.reduce_all(ranged, -1)
    for voice in range(len(RANGES) - 1):
        lower = tf.reduce_max(below[..., voice + 1 :], -1)
        right &= ~known[..., voice] | (lower <= tokens[..., voice])
    return right | ~tf.reduce_any(free, -1)
