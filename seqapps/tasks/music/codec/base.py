"""The codecs' common part: headers and lengths are sampled, ABC is written."""

from typing import Any, Self

import tensorflow as tf

from seqapps.tasks.music.codec import lexer
from seqapps.tasks.music.notation import key_signature
from seqapps.tasks.music.notation.key_signature import key_field
from seqapps.tasks.music.notation.spelling import TONICS

_UNSEEN = 1e-3  # count of a metre and a key that no training tune has
_NEVER = -1e9  # logit
_HEADER_STREAM, _LENGTH_STREAM = -1, -2  # of random numbers, beside the steps'


class Codec(tf.Module):
    """What both codecs have in common.

    Args:
        headers: `[metre, key, mode, count]` of the training tunes.
        tokens: the vocabulary of bodies.
        lengths: `[bars, count]` of the training tunes.
    """

    def __init__(
        self,
        headers: list[list[Any]],
        tokens: list[str],
        lengths: list[list[float]],
    ):
        super().__init__()
        self.lengths = [tuple(row) for row in lengths]
        self.headers = [tuple(row) for row in headers]
        self.tokens = list(tokens)
        self.meters = sorted({row[0] for row in self.headers})
        self.modes = sorted({row[2] for row in self.headers})
        self.keys = [
            (key, mode)
            for mode in self.modes
            for key in TONICS
            if abs(key_signature.fifths(key, mode)) <= 7
        ]
        self.key_fields = [key_field(*key) for key in self.keys]
        self._key_fields = tf.constant(self.key_fields)
        self._meters = tf.constant(self.meters)
        self._header_logits = tf.math.log(tf.constant(self._header_counts()))

    def get_config(self) -> dict[str, Any]:
        return {
            "headers": [list(row) for row in self.headers],
            "tokens": self.tokens,
            "lengths": [list(row) for row in self.lengths],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)

    def _header_counts(self) -> list[list[float]]:
        """Returns how often each metre goes with each key, `(metre, key)`."""
        counts = [[_UNSEEN] * len(self.keys) for _ in self.meters]
        for meter, key, mode, count in self.headers:
            column = self.keys.index((key, mode))
            counts[self.meters.index(meter)][column] += count
        return counts

    def sample_headers(
        self,
        key: tf.Tensor,
        mode: tf.Tensor,
        meter: tf.Tensor,
        count: tf.Tensor | int,
        seed: tf.Tensor | int,
        log_shares: tf.Tensor | float = 0.0,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Samples headers by how often the training tunes have them.

        Args:
            key: a tonic; empty for any.
            mode: such as "minor"; empty for any.
            meter: such as "6/8"; empty for any.
            count: how many.
            seed: of the random numbers.
            log_shares: added to the logits, `(metres, keys)`.

        Returns:
            Ids of metres and of keys, `(count,)` each.

        Raises:
            InvalidArgumentError: no header is as requested.
        """
        tonics, modes = zip(*self.keys, strict=True)
        key_fits = (key == "") | (tf.constant(tonics) == key)
        mode_fits = (mode == "") | (tf.constant(modes) == mode)
        meter_fits = (meter == "") | (self._meters == meter)
        _demand_any(key_fits, "key", key, sorted(set(tonics)))
        _demand_any(mode_fits, "mode", mode, self.modes)
        _demand_any(meter_fits, "meter", meter, self.meters)
        key_fits &= mode_fits
        tf.debugging.Assert(
            tf.reduce_any(key_fits),
            ["no key signature for ", key, mode, ": it needs over 7 signs"],
        )
        fits = meter_fits[:, tf.newaxis] & key_fits[tf.newaxis]  # (metre, key)
        logits = self._header_logits + log_shares
        logits = tf.where(fits, tf.maximum(logits, _NEVER), _NEVER)
        tf.debugging.Assert(
            tf.reduce_any(logits > _NEVER / 2),
            ["no tune that was learned from is of this rhythm and in", meter],
        )
        sample = tf.random.stateless_categorical(
            tf.reshape(logits, [1, -1]),
            count,
            tf.stack([seed, _HEADER_STREAM]),
            tf.int32,
        )[0]
        return sample // len(self.keys), sample % len(self.keys)

    def sample_bars(
        self,
        count: tf.Tensor | int,
        least: tf.Tensor | int,
        seed: tf.Tensor | int,
    ) -> tf.Tensor:
        """Samples lengths by how often the training tunes have them.

        Args:
            count: how many.
            least: fewest bars that are sampled.
            seed: of the random numbers.

        Returns:
            Bars, `(count,)`; if all training tunes are shorter, the next
            multiple of four.
        """
        bars, counts = zip(*self.lengths, strict=True)
        logits = tf.math.log(tf.constant(counts, tf.float32))
        fits = tf.constant(bars) >= least
        sample = tf.random.stateless_categorical(
            tf.where(fits, logits, _NEVER)[tf.newaxis],
            count,
            tf.stack([seed, _LENGTH_STREAM]),
            tf.int32,
        )[0]
        rounded = least + (-least) % 4
        return tf.where(tf.reduce_any(fits), tf.gather(bars, sample), rounded)

    def split_header(
        self, abc: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Returns the `M:` field, the `K:` field and the body of tunes."""
        return (
            lexer.header_field(abc, "M"),
            lexer.header_field(abc, "K"),
            lexer.body_text(abc),
        )

    def count_characters(self, abc: tf.Tensor) -> tf.Tensor:
        """Returns the length of each body with single spaces, and its end."""
        body = tf.strings.regex_replace(lexer.body_text(abc), r"\s+", " ")
        return tf.strings.length(body) + 1

    def write_abc(
        self,
        meter_ids: tf.Tensor,
        key_ids: tf.Tensor,
        bodies: tf.Tensor,
        rhythms: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Returns whole tunes in ABC, `(batch,)`."""
        rhythm = ""
        if rhythms is not None:
            field = tf.strings.join(["\nR:", rhythms])
            rhythm = tf.where(rhythms == "", "", field)
        number = tf.strings.as_string(tf.range(1, tf.size(meter_ids) + 1))
        meters = tf.gather(self._meters, meter_ids)
        keys = tf.gather(self._key_fields, key_ids)
        return tf.strings.join(
            ["X:", number, "\nT:Untitled", rhythm, "\nM:", meters]
            + ["\nL:1/8\nK:", keys, "\n", bodies, "\n"]
        )


def _demand_any(
    fits: tf.Tensor, name: str, requested: tf.Tensor, choices: list[str]
) -> None:
    tf.debugging.Assert(
        tf.reduce_any(fits),
        [
            f"unknown {name}",
            requested,
            f"- choose one of: {', '.join(choices)}",
        ],
    )
