"""What both codecs share: headers chosen by request, tunes written."""

import tensorflow as tf

from seqapps.tasks.music.codec import lexer
from seqapps.tasks.music.notation import header
from seqapps.tasks.music.notation.header import key_field
from seqapps.tasks.music.notation.spelling import TONICS


class Codec(tf.Module):
    """What both codecs share: headers, chosen by request and by chance.

    Args:
        headers: `[metre, key, mode, count]` of the training tunes.
        tokens: the vocabulary of bodies.
        lengths: `[bars, count]` of the training tunes.
    """

    def __init__(self, headers: list, tokens: list[str], lengths: list):
        super().__init__()
        self.lengths = [tuple(row) for row in lengths]
        self.headers = [tuple(row) for row in headers]
        self.tokens = list(tokens)
        self.meters = sorted({row[0] for row in self.headers})
        modes = sorted({row[2] for row in self.headers})
        self.keys = [
            (key, mode)
            for mode in modes
            for key in TONICS
            if abs(header.fifths(key, mode)) <= 7
        ]
        self.modes = modes
        self.fields = [key_field(*key) for key in self.keys]
        self._fields = tf.constant(self.fields)
        self._meters = tf.constant(self.meters)
        self._choices = self._weigh()

    def get_config(self) -> dict:
        return {
            "headers": [list(row) for row in self.headers],
            "tokens": self.tokens,
            "lengths": [list(row) for row in self.lengths],
        }

    @classmethod
    def from_config(cls, config: dict):
        return cls(**config)

    def _weigh(self):
        """Logs of how often each metre goes with each key, `(metre, key)`."""
        counts = [[1e-3] * len(self.keys) for _ in self.meters]
        for meter, key, mode, count in self.headers:
            place = self.keys.index((key, mode))
            counts[self.meters.index(meter)][place] += count
        return tf.math.log(tf.constant(counts))

    def choose(self, key, mode, meter, count, seed):
        """Draws headers as often as the training tunes have them.

        Args:
            key: a tonic; empty for any. So for the next two.
            mode: such as "minor".
            meter: such as "6/8".
            count: how many.
            seed: of the choice.

        Returns:
            Numbers of metres and of keys, `(count,)` each.
        """
        tonics, modes = zip(*self.keys, strict=True)
        right_key = (key == "") | (tf.constant(tonics) == key)
        right_mode = (mode == "") | (tf.constant(modes) == mode)
        right_meter = (meter == "") | (self._meters == meter)
        _demand(right_key, "key", key, sorted(set(tonics)))
        _demand(right_mode, "mode", mode, self.modes)
        _demand(right_meter, "meter", meter, self.meters)
        right_key &= right_mode
        tf.debugging.Assert(
            tf.reduce_any(right_key),
            ["no key signature for ", key, mode, ": it needs over 7 signs"],
        )
        right = right_meter[:, tf.newaxis] & right_key[tf.newaxis]
        logits = tf.where(right, self._choices, -1e9)
        drawn = tf.random.stateless_categorical(
            tf.reshape(logits, [1, -1]), count, tf.stack([seed, -1]), tf.int32
        )[0]
        return drawn // len(self.keys), drawn % len(self.keys)

    def choose_bars(self, count, least, seed):
        """Draws lengths as often as the training tunes have them.

        Args:
            count: how many.
            least: bars; shorter ones are not drawn.
            seed: of the choice.

        Returns:
            `(count,)` bars; where all are too short, the next four bars.
        """
        bars, often = zip(*self.lengths, strict=True)
        logits = tf.math.log(tf.constant(often, tf.float32))
        right = tf.constant(bars) >= least
        drawn = tf.random.stateless_categorical(
            tf.where(right, logits, -1e9)[tf.newaxis],
            count,
            tf.stack([seed, -2]),
            tf.int32,
        )[0]
        after = least + (-least) % 4
        return tf.where(tf.reduce_any(right), tf.gather(bars, drawn), after)

    def read(self, abc):
        """The metre and `K:` fields and the body of whole tunes."""
        return (
            lexer.field(abc, "M"),
            lexer.field(abc, "K"),
            lexer.body(abc),
        )

    def characters(self, abc):
        """Length of each body written with single spaces, and its end."""
        body = tf.strings.regex_replace(lexer.body(abc), r"\s+", " ")
        return tf.strings.length(body) + 1

    def write(self, meters, keys, bodies):
        """Whole tunes in ABC."""
        number = tf.strings.as_string(tf.range(1, tf.size(meters) + 1))
        return tf.strings.join(
            ["X:", number, "\nT:Untitled\nM:", tf.gather(self._meters, meters)]
            + ["\nL:1/8\nK:", tf.gather(self._fields, keys), "\n", bodies, "\n"]
        )


def _demand(right, name: str, asked, choices: list[str]) -> None:
    tf.debugging.Assert(
        tf.reduce_any(right),
        [f"unknown {name}", asked, f"- choose one of: {', '.join(choices)}"],
    )
