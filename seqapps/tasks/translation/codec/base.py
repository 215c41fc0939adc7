"""Two languages as numbers: sub-words of the source, and of the target."""

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.translation.codec.limits import LETTERS
from seqapps.tasks.translation.codec.subwords import Units


@keras.saving.register_keras_serializable(package="seqapps")
class PairCodec(tf.Module):
    """Turns texts of two languages into numbers, and numbers into texts.

    Args:
        source: `{"pieces": [...], "scores": [...]}`, see `Units`.
        target: likewise.
        longest: sub-words of a source that are read, its end not counted.
    """

    def __init__(self, source: dict, target: dict, longest: int = 150):
        super().__init__()
        self.source, self.target = Units(**source), Units(**target)
        self.longest = longest

    def get_config(self) -> dict:
        return {
            "source": self.source.get_config(),
            "target": self.target.get_config(),
            "longest": self.longest,
        }

    @classmethod
    def from_config(cls, config: dict):
        return cls(**config)

    def inputs(self, texts):
        """Numbers of source texts with their ends, `(batch, time)`."""
        texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", "replace")
        texts = tf.strings.substr(texts, 0, LETTERS, unit="UTF8_CHAR")
        return ended(self.source.encode(texts)[:, : self.longest]).to_tensor(
            text.PAD
        )

    def targets(self, texts):
        """Numbers of target texts with their ends, `(batch, time)`."""
        return ended(self.target.encode(texts)).to_tensor(text.PAD)


def ended(ids):
    """Ragged rows, each with the end behind."""
    ends = tf.fill([ids.nrows(), 1], text.END)
    return tf.concat([ids, ends], 1)


def shifted(targets):
    """What the decoder is given: the beginning, then all but the last.

    The end also stands for the beginning.
    """
    return tf.pad(targets[:, :-1], [[0, 0], [1, 0]], constant_values=text.END)


def batch(source, target):
    """A batch for `Model.fit`, of ragged numbers without their ends."""
    said = ended(target).to_tensor(text.PAD)  # (batch, T)
    x = ended(source).to_tensor(text.PAD), shifted(said)
    return x, said, tf.cast(said != text.PAD, tf.float32)
