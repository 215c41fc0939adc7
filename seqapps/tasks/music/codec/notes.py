"""ABC to ids and back, inside the TensorFlow graph: one token a note."""

import math
from typing import Any

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec import lexer
from seqapps.tasks.music.codec.base import Codec
from seqapps.tasks.music.grammar import clock
from seqapps.tasks.music.grammar.lookback import Memory, look_back
from seqapps.tasks.music.grammar.mask import Grammar
from seqapps.tasks.music.notation.key_signature import key_field
from seqapps.tasks.music.notation.spelling import NOTE_PATTERN, TONICS, from_c


@keras.saving.register_keras_serializable(package="seqapps")
class NoteCodec(Codec):
    """One token a note, rest, bar line, repeat, ending or tuplet.

    A tune is its metre, mode and key, then the body spelled as if the tonic
    were C (see `spelling`), then the end. Any key can be requested, and what
    is learned in one holds in all.

    Tokens that the vocabulary does not have get ids from `len(codec)` on
    where a tune must keep them as they are written: see `token_ids`.
    """

    # added for an unknown token, for saying which of all canonical tokens it
    # is (pitches, signs, lengths, with a tie or without)
    unknown_nats = math.log(35 * 6 * 16 * 2)
    contexts = (clock.POSITIONS, clock.SECTION_BARS)
    lookbacks = len(clock.LOOKBACKS)
    header_length = 3  # tokens

    def __init__(
        self,
        headers: list[list[Any]],
        tokens: list[str],
        lengths: list[list[float]],
    ):
        super().__init__(headers, tokens, lengths)
        header_tokens = [
            *(f"M:{meter}" for meter in self.meters),
            *(f"mode:{mode}" for mode in self.modes),
            *(f"K:{key}" for key in TONICS),
        ]
        self.vocabulary = text.Vocabulary([*header_tokens, *tokens])
        self.clock = clock.Clock(self.vocabulary.tokens)
        self.grammar = Grammar(self.vocabulary.tokens, self.clock)
        self.max_tokens_per_bar = self.grammar.bar_fit.max_tokens_per_bar
        self.ticks = tf.constant(self.clock.ticks)
        self._first_body_id = len(self) - len(tokens)
        self.banned = tf.constant(
            [
                i != text.END and i < self._first_body_id
                for i in range(len(self))
            ]
        )
        spelled = [
            [from_c(t, *key) or NOTE_PATTERN.sub(r"\2\3\4", t) for t in tokens]
            for key in self.keys
        ]
        ids: dict[str, int] = {}
        for key, row in zip(self.keys, spelled, strict=True):
            for i, token in enumerate(row, self._first_body_id):
                ids.setdefault(f"{key_field(*key)} {token}", i)
        self._spelled = tf.constant(spelled)  # (key, token)
        self._ids = text.lookup_table(ids, ids.values(), text.UNKNOWN)
        key_ids = range(len(self.keys))
        self._key_ids = text.lookup_table(self.key_fields, key_ids, -1)
        self._key_tokens = tf.constant(
            [[f"mode:{mode}", f"K:{key}"] for key, mode in self.keys]
        )

    def __len__(self) -> int:
        return len(self.vocabulary)

    def encode(self, abc: tf.Tensor) -> tf.RaggedTensor:
        """Returns the ids of whole tunes `(batch,)`: `(batch, None)`."""
        meter, key, body = self.split_header(abc)
        tokens = tf.strings.split(lexer.space_tokens(body))  # (batch, None)
        keys = tf.gather(key, tokens.value_rowids())
        ids = self._ids.lookup(tf.strings.join([keys, " ", tokens.flat_values]))
        key_ids = tf.maximum(self.key_id(key), 0)
        end = tf.fill([tf.size(abc), 1], text.END)
        return tf.concat(
            [self._header(meter, key_ids), tokens.with_flat_values(ids), end], 1
        )

    def header_lengths(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Returns how many tokens of each row are its header, `(batch,)`."""
        return tf.fill([ids.nrows(tf.int32)], self.header_length)

    def inputs(self, ids: tf.Tensor) -> tf.Tensor:
        """Returns the network's inputs for `(batch, time)`: see `Clock`."""
        return self.clock.inputs(ids)

    def step_inputs(
        self, token: tf.Tensor, state: clock.ClockState, memory: Memory
    ) -> tf.Tensor:
        """Returns the network's inputs for one token, as `inputs` does.

        Args:
            token: ids, `(batch,)`.
            state: the clock after the token.
            memory: the tokens so far, this one included.

        Returns:
            `(batch, 3 + lookbacks)`.
        """
        lookbacks = look_back(memory, self.clock.stamp(state))
        lookbacks = tf.where(lookbacks < len(self), lookbacks, text.UNKNOWN)
        features = self.clock.features(state)
        return tf.concat([token[:, tf.newaxis], features, lookbacks], axis=-1)

    def prompt(self, meter_ids: tf.Tensor, key_ids: tf.Tensor) -> tf.Tensor:
        """Returns the tokens of these headers, `(batch, 3)`."""
        return self._header(tf.gather(self._meters, meter_ids), key_ids)

    def key_id(self, field: tf.Tensor) -> tf.Tensor:
        """Returns the id of the key that `K:` names; -1 for no known key."""
        return self._key_ids.lookup(field)

    def token_ids(self, tokens: tf.Tensor, key_id: tf.Tensor) -> tf.Tensor:
        """Returns ids of tokens in a key, `(tokens,)`.

        Token i gets the id `len(codec) + i` if the vocabulary does not have
        it; `decode` takes `tokens` to write it.
        """
        keys = tf.fill([tf.size(tokens)], tf.gather(self._key_fields, key_id))
        ids = self._ids.lookup(tf.strings.join([keys, " ", tokens]))
        unknown_ids = len(self) + tf.range(tf.size(tokens))
        return tf.where(ids == text.UNKNOWN, unknown_ids, ids)

    def to_vocabulary(self, token: tf.Tensor) -> tf.Tensor:
        """Returns the ids, UNKNOWN for those from `len(codec)` on."""
        return tf.where(token < len(self), token, text.UNKNOWN)

    def decode(
        self,
        ids: tf.Tensor,
        meter_ids: tf.Tensor,
        key_ids: tf.Tensor,
        unknown_tokens: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Returns the tunes that the network wrote, in ABC, `(batch,)`.

        Args:
            ids: `(batch, time)`.
            meter_ids: `(batch,)`.
            key_ids: `(batch,)`.
            unknown_tokens: what ids from `len(codec)` on stand for.
        """
        ids = ids[:, self.header_length :]  # (batch, time)
        visible = text.is_before_end(ids)
        column = tf.clip_by_value(
            ids - self._first_body_id, 0, len(self.tokens) - 1
        )
        row = tf.broadcast_to(key_ids[:, tf.newaxis], tf.shape(ids))
        tokens = tf.gather_nd(self._spelled, tf.stack([row, column], -1))
        if unknown_tokens is None:
            unknown_tokens = tf.constant([], tf.string)
        unknown_tokens = tf.concat([unknown_tokens, [""]], 0)
        unknown = tf.gather(unknown_tokens, tf.maximum(ids - len(self), 0))
        tokens = tf.where(ids < len(self), tokens, unknown)
        body = tf.where(visible, tokens + " ", "")
        body = tf.strings.strip(tf.strings.reduce_join(body, axis=1))
        return self.write_abc(meter_ids, key_ids, body)

    def _header(self, meter: tf.Tensor, key_ids: tf.Tensor) -> tf.Tensor:
        meter = tf.strings.join(["M:", meter])[:, tf.newaxis]
        key = tf.gather(self._key_tokens, key_ids)  # (batch, 2)
        return self.vocabulary.ids(tf.concat([meter, key], 1))  # (batch, 3)
