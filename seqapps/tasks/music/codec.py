"""ABC to ids and back, inside the graph: notes, or plain characters."""

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.music import header
from seqapps.tasks.music.header import key_field
from seqapps.tasks.music.spelling import NOTE, TONICS, absolute


class _Codec(tf.Module):
    """What both codecs share: headers, chosen by request and by chance.

    Args:
        headers: `[metre, key, mode, count]` of the training tunes.
        tokens: the vocabulary of bodies.
    """

    def __init__(self, headers: list, tokens: list[str]):
        super().__init__()
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

    def read(self, abc):
        """The metre and `K:` fields and the body of whole tunes."""

        def field(name):
            pattern = rf"(?s).*\n{name}:\s*([^\n]*?)\s*\n.*"
            return tf.strings.regex_replace("\n" + abc, pattern, r"\1")

        body = tf.strings.regex_replace(abc, r"(?m)^[A-Za-z]:[^\n]*\n", "")
        return field("M"), field("K"), tf.strings.strip(body)

    def write(self, meters, keys, bodies):
        """Whole tunes in ABC."""
        number = tf.strings.as_string(tf.range(1, tf.size(meters) + 1))
        return tf.strings.join(
            ["X:", number, "\nT:Untitled\nM:", tf.gather(self._meters, meters)]
            + ["\nL:1/8\nK:", tf.gather(self._fields, keys), "\n", bodies, "\n"]
        )


@keras.saving.register_keras_serializable(package="seqapps")
class NoteCodec(_Codec):
    """One token a note, rest, bar line, repeat, ending or tuplet.

    A tune is its metre, mode and key, then the body spelled as if the tonic
    were C (see `spelling`), then the end. Any key can be asked for, and what
    is learned in one holds in all.
    """

    given = 3  # tokens of the header
    length = 700  # tokens that a composed tune may have

    def __init__(self, headers: list, tokens: list[str]):
        super().__init__(headers, tokens)
        signs = [
            *(f"M:{meter}" for meter in self.meters),
            *(f"mode:{mode}" for mode in self.modes),
            *(f"K:{key}" for key in TONICS),
        ]
        self.vocabulary = text.Vocabulary([*signs, *tokens])
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
        pieces = tf.strings.split(body)  # (batch, None)
        fields = tf.gather(field, pieces.value_rowids())
        ids = self._numbers.lookup(
            tf.strings.join([fields, " ", pieces.flat_values])
        )
        key = tf.maximum(self._key_of.lookup(field), 0)
        end = tf.fill([tf.size(abc), 1], text.END)
        return tf.concat(
            [self._header(meter, key), pieces.with_flat_values(ids), end], 1
        )

    def prompt(self, meters, keys):
        """The first tokens of tunes with these headers, `(batch, 3)`."""
        return self._header(tf.gather(self._meters, meters), keys)

    def decode(self, ids, meters, keys):
        """Tunes in ABC from what the network wrote, `(batch,)`."""
        ids = ids[:, self.given :]  # (batch, time)
        seen = text.visible(ids)
        place = tf.maximum(ids - self._first, 0)
        keys_ = tf.broadcast_to(keys[:, tf.newaxis], tf.shape(ids))
        words = tf.gather_nd(self._spelled, tf.stack([keys_, place], -1))
        body = tf.where(seen, words + " ", "")
        body = tf.strings.strip(tf.strings.reduce_join(body, axis=1))
        return self.write(meters, keys, body)

    def _header(self, meter, key):
        signs = tf.gather(self._signs, key)  # (batch, 2)
        meter = tf.strings.join(["M:", meter])[:, tf.newaxis]
        return self.vocabulary.ids(tf.concat([meter, signs], 1))  # (batch, 3)


@keras.saving.register_keras_serializable(package="seqapps")
class CharacterCodec(_Codec):
    """One token a character of the metre, the key and the body, as written."""

    length = 2100  # characters that a composed tune may have

    def __init__(self, headers: list, tokens: list[str]):
        super().__init__(headers, tokens)
        self.vocabulary = text.Vocabulary(tokens)
        self.banned = tf.constant(
            [i in (text.PAD, text.UNKNOWN) for i in range(len(self))]
        )
        longest = max(map(len, self.meters)) + max(
            len(key_field(*key)) for key in self.keys
        )
        self.given = longest + 2

    def __len__(self) -> int:
        return len(self.vocabulary)

    def encode(self, abc):
        """Ids of whole tunes `(batch,)`: ragged `(batch, None)`."""
        meter, field, body = self.read(abc)
        body = tf.strings.regex_replace(body, r"\s+", " ")
        end = tf.fill([tf.size(abc), 1], text.END)
        return tf.concat([self._ids(meter, field, body), end], 1)

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


def _demand(right, name: str, asked, choices: list[str]) -> None:
    tf.debugging.Assert(
        tf.reduce_any(right),
        [f"unknown {name}", asked, f"- choose one of: {', '.join(choices)}"],
    )
