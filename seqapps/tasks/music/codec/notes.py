"""ABC to ids and back, inside the graph: one token a note."""

import math

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec import lexer
from seqapps.tasks.music.codec.base import Codec
from seqapps.tasks.music.grammar import clock
from seqapps.tasks.music.grammar.mask import Grammar
from seqapps.tasks.music.notation.header import key_field
from seqapps.tasks.music.notation.spelling import NOTE, TONICS, absolute


@keras.saving.register_keras_serializable(package="seqapps")
class NoteCodec(Codec):
    """One token a note, rest, bar line, repeat, ending or tuplet.

    A tune is its metre, mode and key, then the body spelled as if the tonic
    were C (see `spelling`), then the end. Any key can be asked for, and what
    is learned in one holds in all.
    """

    # what an unknown token costs, in nats: which one of all canonical tokens
    # it is (pitches, signs, lengths, with a tie or without)
    escape = math.log(35 * 6 * 16 * 2)
    contexts = (clock.PLACES, clock.BARS)
    lookbacks = len(clock.LOOKBACKS)
    given = 3  # tokens of the header

    def __init__(self, headers: list, tokens: list[str], lengths: list):
        super().__init__(headers, tokens, lengths)
        signs = [
            *(f"M:{meter}" for meter in self.meters),
            *(f"mode:{mode}" for mode in self.modes),
            *(f"K:{key}" for key in TONICS),
        ]
        self.vocabulary = text.Vocabulary([*signs, *tokens])
        self.clock = clock.Clock(self.vocabulary.tokens)
        self.grammar = Grammar(self.vocabulary.tokens, self.clock)
        self.of_a_bar = self.grammar.fit.most
        self.ticks = tf.constant(self.clock.ticks)
        self._first = 3 + len(signs)
        self.banned = tf.constant(
            [i != text.END and i < self._first for i in range(len(self))]
        )
        spelled, numbers = [], {}
        for key in self.keys:
            row = [absolute(t, *key) or NOTE.sub(r"\2\3\4", t) for t in tokens]
            spelled.append(row)
            for i, token in enumerate(row):
                name = f"{key_field(*key)} {token}"
                numbers.setdefault(name, self._first + i)
        self._spelled = tf.constant(spelled)  # (key, token)
        self._numbers = text.table(numbers, numbers.values(), text.UNKNOWN)
        self._key_of = text.table(self.fields, range(len(self.keys)), -1)
        self._signs = tf.constant(
            [[f"mode:{mode}", f"K:{key}"] for key, mode in self.keys]
        )

    def __len__(self) -> int:
        return len(self.vocabulary)

    def encode(self, abc):
        """Ids of whole tunes `(batch,)`: ragged `(batch, None)`."""
        meter, field, body = self.read(abc)
        pieces = tf.strings.split(lexer.tidy(body))  # (batch, None)
        fields = tf.gather(field, pieces.value_rowids())
        ids = self._numbers.lookup(
            tf.strings.join([fields, " ", pieces.flat_values])
        )
        key = tf.maximum(self._key_of.lookup(field), 0)
        end = tf.fill([tf.size(abc), 1], text.END)
        return tf.concat(
            [self._header(meter, key), pieces.with_flat_values(ids), end], 1
        )

    def heads(self, ids):
        """How many tokens of each row are its header, `(batch,)`."""
        return tf.fill([ids.nrows(tf.int32)], self.given)

    def inputs(self, ids):
        """What the network reads of ids `(batch, time)`: see `Clock`."""
        return self.clock.inputs(ids)

    def seen(self, token, now, memory):
        """What the network reads of one token: `inputs`, a step at a time."""
        back = clock.look_back(memory, self.clock.key(now))
        back = tf.where(back < len(self), back, text.UNKNOWN)
        here = self.clock.features(now)
        return tf.concat([token[:, tf.newaxis], here, back], axis=-1)

    def prompt(self, meters, keys):
        """The first tokens of tunes with these headers, `(batch, 3)`."""
        return self._header(tf.gather(self._meters, meters), keys)

    def key_number(self, field):
        """The number of the key that a `K:` field names; -1 for none."""
        return self._key_of.lookup(field)

    def number(self, pieces, key):
        """Ids of tokens in a key; the unknown follow the vocabulary."""
        fields = tf.fill([tf.size(pieces)], tf.gather(self._fields, key))
        ids = self._numbers.lookup(tf.strings.join([fields, " ", pieces]))
        behind = len(self) + tf.range(tf.size(pieces))
        return tf.where(ids == text.UNKNOWN, behind, ids)

    def decode(self, ids, meters, keys, pieces=None):
        """Tunes in ABC from what the network wrote, `(batch,)`.

        Args:
            ids: `(batch, time)`.
            meters: numbers of metres, `(batch,)`.
            keys: numbers of keys, `(batch,)`.
            pieces: what ids behind the vocabulary say.
        """
        ids = ids[:, self.given :]  # (batch, time)
        seen = text.visible(ids)
        place = tf.clip_by_value(ids - self._first, 0, len(self.tokens) - 1)
        keys_ = tf.broadcast_to(keys[:, tf.newaxis], tf.shape(ids))
        words = tf.gather_nd(self._spelled, tf.stack([keys_, place], -1))
        if pieces is None:
            pieces = tf.constant([], tf.string)
        pieces = tf.concat([pieces, [""]], 0)
        behind = tf.maximum(ids - len(self), 0)
        words = tf.where(ids < len(self), words, tf.gather(pieces, behind))
        body = tf.where(seen, words + " ", "")
        body = tf.strings.strip(tf.strings.reduce_join(body, axis=1))
        return self.write(meters, keys, body)

    def _header(self, meter, key):
        signs = tf.gather(self._signs, key)  # (batch, 2)
        meter = tf.strings.join(["M:", meter])[:, tf.newaxis]
        return self.vocabulary.ids(tf.concat([meter, signs], 1))  # (batch, 3)
