"""ABC as plain characters: the lecture's own setting, for comparison."""

import math

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec.base import Codec


@keras.saving.register_keras_serializable(package="seqapps")
class CharacterCodec(Codec):
    """One token a character of the metre, the key and the body, as written."""

    escape = math.log(256)  # what an unknown character costs, in nats
    contexts, lookbacks, grammar = (), 0, None
    length = 2100  # characters that a composed tune may have

    def __init__(self, headers: list, tokens: list[str], lengths: list):
        super().__init__(headers, tokens, lengths)
        self.vocabulary = text.Vocabulary(tokens)
        self.banned = tf.constant(
            [i in (text.PAD, text.UNKNOWN) for i in range(len(self))]
        )
        self._newline = self.vocabulary.tokens.index("\n")

    def __len__(self) -> int:
        return len(self.vocabulary)

    def encode(self, abc):
        """Ids of whole tunes `(batch,)`: ragged `(batch, None)`."""
        meter, field, body = self.read(abc)
        body = tf.strings.regex_replace(body, r"\s+", " ")
        end = tf.fill([tf.size(abc), 1], text.END)
        return tf.concat([self._ids(meter, field, body), end], 1)

    def inputs(self, ids):
        """What the network reads of ids `(batch, time)`: themselves."""
        return ids[:, :, tf.newaxis]

    def heads(self, ids):
        """How many tokens of each row are its header, `(batch,)`."""
        lines = tf.cumsum(
            tf.cast(ids.to_tensor() == self._newline, tf.int32),
            axis=1,
            exclusive=True,
        )
        return tf.reduce_sum(tf.cast(lines < 2, tf.int32), axis=1)

    def prompt(self, meters, keys):
        """The first tokens of tunes with these headers, padded."""
        ids = self._ids(
            tf.gather(self._meters, meters), tf.gather(self._fields, keys), ""
        )
        return ids.to_tensor(text.PAD)

    def decode(self, ids, meters, keys):
        """Tunes in ABC from what the network wrote, `(batch,)`."""
        letters = tf.where(text.visible(ids), self.vocabulary.strings(ids), "")
        whole = tf.strings.reduce_join(letters, axis=1)
        body = tf.strings.regex_replace(whole, r"^[^\n]*\n[^\n]*\n", "")
        return self.write(meters, keys, tf.strings.strip(body))

    def _ids(self, meter, field, body):
        whole = tf.strings.join([meter, "\n", field, "\n", body])
        return self.vocabulary.ids(tf.strings.bytes_split(whole))
