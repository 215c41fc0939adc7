"""ABC as plain characters: the lecture's own setting, for comparison."""

import math
from typing import Any

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec.base import Codec


@keras.saving.register_keras_serializable(package="seqapps")
class CharacterCodec(Codec):
    """One token a character of the metre, the key and the body, as written."""

    unknown_nats = math.log(256)  # added for saying which character it is
    contexts, lookbacks, grammar, plans = (), 0, None, None
    max_length = 2100  # characters of a composed tune

    def __init__(
        self,
        headers: list[list[Any]],
        tokens: list[str],
        lengths: list[list[float]],
    ):
        super().__init__(headers, tokens, lengths)
        self.vocabulary = text.Vocabulary(tokens)
        self.banned = tf.constant(
            [i in (text.PAD, text.UNKNOWN) for i in range(len(self))]
        )
        self._newline = self.vocabulary.tokens.index("\n")

    def __len__(self) -> int:
        return len(self.vocabulary)

    def encode(self, abc: tf.Tensor) -> tf.RaggedTensor:
        """Returns the ids of whole tunes `(batch,)`: `(batch, None)`."""
        meter, key, body = self.split_header(abc)
        body = tf.strings.regex_replace(body, r"\s+", " ")
        end = tf.fill([tf.size(abc), 1], text.END)
        return tf.concat([self._ids(meter, key, body), end], 1)

    def inputs(
        self, ids: tf.Tensor, told: tf.Tensor | bool = False
    ) -> tf.Tensor:
        """Returns the network's inputs, `(batch, time, 1)`: the ids."""
        return ids[:, :, tf.newaxis]

    def header_lengths(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Returns how many tokens of each row are its header, `(batch,)`."""
        lines = tf.cumsum(
            tf.cast(ids.to_tensor() == self._newline, tf.int32),
            axis=1,
            exclusive=True,
        )
        return tf.reduce_sum(tf.cast(lines < 2, tf.int32), axis=1)

    def prompt(self, meter_ids: tf.Tensor, key_ids: tf.Tensor) -> tf.Tensor:
        """Returns the first tokens of tunes with these headers, padded."""
        meters = tf.gather(self._meters, meter_ids)
        keys = tf.gather(self._key_fields, key_ids)
        return self._ids(meters, keys, "").to_tensor(text.PAD)

    def decode(
        self, ids: tf.Tensor, meter_ids: tf.Tensor, key_ids: tf.Tensor
    ) -> tf.Tensor:
        """Returns the tunes that the network wrote, in ABC, `(batch,)`."""
        characters = tf.where(
            text.is_before_end(ids), self.vocabulary.strings(ids), ""
        )
        whole = tf.strings.reduce_join(characters, axis=1)
        body = tf.strings.regex_replace(whole, r"^[^\n]*\n[^\n]*\n", "")
        return self.write_abc(meter_ids, key_ids, tf.strings.strip(body))

    def _ids(
        self, meter: tf.Tensor, key: tf.Tensor, body: tf.Tensor | str
    ) -> tf.RaggedTensor:
        whole = tf.strings.join([meter, "\n", key, "\n", body])
        return self.vocabulary.ids(tf.strings.bytes_split(whole))
