"""Tokens as they are spelled in each key, inside the TensorFlow graph."""

from collections.abc import Sequence

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.notation.bars import parse_note
from seqapps.tasks.music.notation.key_signature import key_field, signature
from seqapps.tasks.music.notation.pitch import (
    ALTERATIONS,
    diatonic_step,
    midi_pitch,
)
from seqapps.tasks.music.notation.spelling import NOTE_PATTERN, from_c


class SpelledTokens(tf.Module):
    """Tables between the tokens of a vocabulary and their spellings.

    Args:
        tokens: of bodies, spelled as if the tonic were C.
        keys: `(tonic, mode)` of every key.
        first_id: of the first of the tokens; the others follow.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        keys: Sequence[tuple[str, str]],
        first_id: int,
    ):
        super().__init__()  # a module, for it has a table to be saved
        self._first_id, self._end_id = first_id, first_id + len(tokens)
        spelled = [
            [from_c(t, *key) or NOTE_PATTERN.sub(r"\2\3\4", t) for t in tokens]
            for key in keys
        ]
        ids: dict[str, int] = {}
        for key, row in zip(keys, spelled, strict=True):
            for i, token in enumerate(row, first_id):
                ids.setdefault(f"{key_field(*key)} {token}", i)
        self._spelled = tf.constant(spelled)  # (key, token)
        self._pitches = tf.constant(
            [
                [_pitch(token, *key) for token in row]
                for key, row in zip(keys, spelled, strict=True)
            ],
            tf.int16,
        )
        self._ids = text.lookup_table(ids, ids.values(), text.UNKNOWN)

    def ids(self, fields: tf.Tensor, tokens: tf.Tensor) -> tf.Tensor:
        """Returns the ids of tokens; UNKNOWN where the vocabulary has none.

        Args:
            fields: what `K:` says for each, `(tokens,)`.
            tokens: `(tokens,)`.
        """
        return self._ids.lookup(tf.strings.join([fields, " ", tokens]))

    def fit(
        self, key_ids: tf.Tensor, lowest: tf.Tensor, highest: tf.Tensor
    ) -> tf.Tensor:
        """Returns which ids have no pitch, or one in a range, `(batch, ids)`.

        Args:
            key_ids: `(batch,)`.
            lowest: of MIDI, `()`.
            highest: likewise.
        """
        pitches = tf.cast(tf.gather(self._pitches, key_ids), tf.int32)
        plain = tf.where(pitches >= 0, pitches % 256, lowest)
        sounding = tf.where(pitches >= 0, pitches // 256, lowest)
        fits = (tf.minimum(plain, sounding) >= lowest) & (
            tf.maximum(plain, sounding) <= highest
        )
        before = [[0, 0], [self._first_id, 0]]
        return tf.pad(fits, before, constant_values=True)

    def strings(
        self, ids: tf.Tensor, key_ids: tf.Tensor, unknown_tokens: tf.Tensor
    ) -> tf.Tensor:
        """Returns the spelled tokens of tunes, `(batch, time)`.

        Args:
            ids: `(batch, time)`.
            key_ids: `(batch,)`.
            unknown_tokens: what ids behind the vocabulary stand for.
        """
        column = tf.clip_by_value(
            ids - self._first_id, 0, self._end_id - self._first_id - 1
        )
        row = tf.broadcast_to(key_ids[:, tf.newaxis], tf.shape(ids))
        tokens = tf.gather_nd(self._spelled, tf.stack([row, column], -1))
        unknown_tokens = tf.concat([unknown_tokens, [""]], 0)
        unknown = tf.gather(unknown_tokens, tf.maximum(ids - self._end_id, 0))
        return tf.where(ids < self._end_id, tokens, unknown)


def _pitch(token: str, key: str, mode: str) -> int:
    """A note's pitch times 256, and that of its letter in the key if tied.

    What a tie leads to has no accidental, and must be in range too. -1 where
    there is no pitch.
    """
    note = parse_note(token)
    if note is None or note.pitch == "z":
        return -1
    step = diatonic_step(note.pitch)
    in_key = signature(key, mode).get(note.pitch[0].upper(), 0)
    sign = ALTERATIONS.get(note.accidental, in_key)
    sounding = max(midi_pitch(step, sign), 0)
    plain = max(midi_pitch(step, in_key), 0) if note.tied else sounding
    return sounding * 256 + plain
