"""ABC to ids and back, inside the TensorFlow graph: one token a note."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec import lexer
from seqapps.tasks.music.codec.base import Codec
from seqapps.tasks.music.codec.plans import Plans
from seqapps.tasks.music.codec.spelled import SpelledTokens
from seqapps.tasks.music.grammar import clock, countdown
from seqapps.tasks.music.grammar.lookback import (
    Memory,
    ending_stamp,
    look_at_ending,
    look_back,
)
from seqapps.tasks.music.grammar.mask import Grammar
from seqapps.tasks.music.notation.spelling import TONICS


@keras.saving.register_keras_serializable(package="seqapps")
class NoteCodec(Codec):
    """One token a note, rest, bar line, repeat, ending or tuplet.

    A tune is its metre, mode, key and kind, then the body spelled as if the
    tonic were C (see `spelling`), then the end. Any key can be requested, and
    what is learned in one holds in all.

    Tokens that the vocabulary does not have get ids from `len(codec)` on
    where a tune must keep them as they are written: see `token_ids`.

    Args:
        headers: as for `Codec`.
        tokens: as for `Codec`.
        lengths: as for `Codec`.
        forms: `[metre, mode, rhythm, form, count]` of the training tunes.
            Without them tunes have no kind, and the network is not told how
            many bars are left.
    """

    # added for an unknown token, for saying which of all canonical tokens it
    # is (pitches, signs, lengths, with a tie or without)
    unknown_nats = math.log(35 * 6 * 16 * 2)

    def __init__(
        self,
        headers: list[list[Any]],
        tokens: list[str],
        lengths: list[list[float]],
        forms: Sequence[list[Any]] = (),
    ):
        super().__init__(headers, tokens, lengths)
        self.forms = [tuple(row) for row in forms]
        self.contexts = (clock.POSITIONS, clock.SECTION_BARS)
        self.lookbacks = len(clock.LOOKBACKS)
        self.header_length = 3  # tokens
        self.plans = None
        if forms:
            self.contexts += (
                countdown.SECTION_BARS_LEFT,
                countdown.TUNE_BARS_LEFT,
            )
            self.lookbacks += 1
            self.header_length += 1
            self.plans = Plans(self.forms, self.meters, self.keys)
        rhythms = self.plans.rhythms if self.plans else []
        header_tokens = [
            *(f"M:{meter}" for meter in self.meters),
            *(f"mode:{mode}" for mode in self.modes),
            *(f"K:{key}" for key in TONICS),
            *(f"R:{rhythm}" for rhythm in rhythms),
        ]
        self.vocabulary = text.Vocabulary([*header_tokens, *tokens])
        self.clock = clock.Clock(
            self.vocabulary.tokens, orders_endings=not forms
        )
        self.grammar = Grammar(self.vocabulary.tokens, self.clock)
        self.max_tokens_per_bar = self.grammar.bar_fit.max_tokens_per_bar
        self.ticks = tf.constant(self.clock.ticks)
        first = len(self) - len(tokens)  # id of a body's token
        self.banned = tf.constant(
            [i != text.END and i < first for i in range(len(self))]
        )
        self.spelled = SpelledTokens(tokens, self.keys, first)
        key_ids = range(len(self.keys))
        self._key_ids = text.lookup_table(self.key_fields, key_ids, -1)
        if self.plans:
            self.no_rhythm = self.vocabulary.tokens.index("R:")
        self._key_tokens = tf.constant(
            [[f"mode:{mode}", f"K:{key}"] for key, mode in self.keys]
        )

    def __len__(self) -> int:
        return len(self.vocabulary)

    def get_config(self) -> dict[str, Any]:
        forms = {"forms": [list(row) for row in self.forms]}
        return super().get_config() | (forms if self.forms else {})

    def encode(self, abc: tf.Tensor) -> tf.RaggedTensor:
        """Returns the ids of whole tunes `(batch,)`: `(batch, None)`."""
        meter, key, body = self.split_header(abc)
        tokens = tf.strings.split(lexer.space_tokens(body))  # (batch, None)
        keys = tf.gather(key, tokens.value_rowids())
        ids = self.spelled.ids(keys, tokens.flat_values)
        key_ids = tf.maximum(self.key_id(key), 0)
        end = tf.fill([tf.size(abc), 1], text.END)
        header = self._header(meter, key_ids, lexer.header_field(abc, "R"))
        return tf.concat([header, tokens.with_flat_values(ids), end], 1)

    def header_lengths(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Returns how many tokens of each row are its header, `(batch,)`."""
        return tf.fill([ids.nrows(tf.int32)], self.header_length)

    def inputs(
        self,
        ids: tf.Tensor,
        told: tf.Tensor | bool = False,
        ticks: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Returns the network's inputs for whole tunes; see `whole_inputs`.

        Args:
            ids: `(batch, time)`; those from `len(codec)` on are unknown.
            told: whether the network is told the bars left in the section and
                in the tune, `(batch, 2)` or one for all.
            ticks: written length of each token; None looks it up.
        """
        ids = self.to_vocabulary(ids)
        if self.plans:
            told = tf.broadcast_to(told, [tf.shape(ids)[0], 2])
        return countdown.whole_inputs(
            self.clock, ids, told if self.plans else None, ticks
        )

    def step_inputs(
        self,
        token: tf.Tensor,
        state: clock.ClockState,
        memory: Memory,
        left: countdown.BarsLeft | None = None,
    ) -> tf.Tensor:
        """Returns the network's inputs for one token, as `inputs` does.

        Args:
            token: ids, `(batch,)`.
            state: the clock after the token.
            memory: the tokens so far, this one included.
            left: bars left after the token; for a codec with forms.

        Returns:
            `(batch, 1 + contexts + lookbacks)`.
        """
        stamp = self.clock.stamp(state)
        features = [self.clock.features(state)]
        lookbacks = [look_back(memory, stamp)]
        if self.plans and left:
            features.append(left.features())
            stamp = ending_stamp(stamp, left.section)
            lookbacks.append(look_at_ending(memory, stamp))
        back = tf.concat(lookbacks, axis=-1)
        back = tf.where(back < len(self), back, text.UNKNOWN)
        return tf.concat([token[:, tf.newaxis], *features, back], axis=-1)

    def prompt(
        self,
        meter_ids: tf.Tensor,
        key_ids: tf.Tensor,
        rhythms: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Returns the tokens of headers, `(batch, header_length)`.

        Args:
            meter_ids: `(batch,)`.
            key_ids: `(batch,)`.
            rhythms: names, `(batch,)`; None for none.
        """
        meters = tf.gather(self._meters, meter_ids)
        if rhythms is None:
            rhythms = tf.fill([tf.size(meter_ids)], "")
        return self._header(meters, key_ids, rhythms)

    def key_id(self, field: tf.Tensor) -> tf.Tensor:
        """Returns the id of the key that `K:` names; -1 for no known key."""
        return self._key_ids.lookup(field)

    def token_ids(self, tokens: tf.Tensor, key_id: tf.Tensor) -> tf.Tensor:
        """Returns ids of tokens in a key, `(tokens,)`.

        Token i gets the id `len(codec) + i` if the vocabulary does not have
        it; `decode` takes `tokens` to write it.
        """
        keys = tf.fill([tf.size(tokens)], tf.gather(self._key_fields, key_id))
        ids = self.spelled.ids(keys, tokens)
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
        rhythms = None
        if self.plans:
            rhythms = self.vocabulary.strings(ids[:, 3])
            rhythms = tf.strings.regex_replace(rhythms, "^R:", "")
        ids = ids[:, self.header_length :]  # (batch, time)
        if unknown_tokens is None:
            unknown_tokens = tf.constant([], tf.string)
        tokens = self.spelled.strings(ids, key_ids, unknown_tokens)
        body = tf.where(text.is_before_end(ids), tokens + " ", "")
        body = tf.strings.strip(tf.strings.reduce_join(body, axis=1))
        return self.write_abc(meter_ids, key_ids, body, rhythms)

    def _header(
        self, meter: tf.Tensor, key_ids: tf.Tensor, rhythm: tf.Tensor
    ) -> tf.Tensor:
        meter = tf.strings.join(["M:", meter])[:, tf.newaxis]
        key = tf.gather(self._key_tokens, key_ids)  # (batch, 2)
        ids = self.vocabulary.ids(tf.concat([meter, key], 1))  # (batch, 3)
        if not self.plans:
            return ids
        rhythm_ids = self.vocabulary.ids(tf.strings.join(["R:", rhythm]))
        known = rhythm_ids != text.UNKNOWN
        rhythm_ids = tf.where(known, rhythm_ids, self.no_rhythm)
        return tf.concat([ids, rhythm_ids[:, tf.newaxis]], 1)  # (batch, 4)
