"""Readers: from the words of texts to predictions, inside the graph."""

from typing import Any

import tensorflow as tf

from seqapps.tasks.sentiment.evaluation.attributions import integrated_gradients
from seqapps.tasks.sentiment.evaluation.interactions import interactions

Results = dict[str, tf.Tensor]  # each has the batch first


class Reader:
    """A network and its codec.

    Args:
        model: a `TextNetwork`.
        codec: its `TextCodec`.
    """

    def __init__(self, model: Any, codec: Any):
        self.model, self.codec = model, codec

    def split(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """The words of texts, `(batch, None)`."""
        return self.codec.split(texts)

    def classify(self, words: tf.RaggedTensor) -> Results:
        """Probabilities, and "unsure": why a text cannot be judged."""
        ids = self.codec.ids(words)
        inputs = self.codec.pad(self.codec.truncate(ids))
        logits = self.model(inputs, training=False) / self.codec.temperature
        unsure = self.codec.unsure(words, ids)
        return self._predictions(logits) | {"unsure": unsure}

    def explain(self, words: tf.RaggedTensor) -> Results:
        """Probabilities, and what each word contributed."""
        inputs = self.codec.pad(self.codec.truncate(self.codec.ids(words)))
        temperature = self.codec.temperature
        logits, contributions, change = integrated_gradients(
            self.model, inputs, temperature
        )
        neighbours, next_but_one = interactions(self.model, inputs, temperature)
        tokens = self.codec.truncate(words).to_tensor("")  # (batch, time)
        return self._predictions(logits) | {
            "tokens": _pad(tokens, tf.shape(inputs)[1]),
            "contributions": contributions,
            "change": change,
            "interactions": neighbours,
            "interactions_2": next_but_one,
        }

    def _predictions(self, logits: tf.Tensor) -> Results:
        probabilities = tf.nn.softmax(logits)  # (batch, classes)
        results = {
            "label": self.codec.label_names(tf.argmax(logits, -1)),
            "probability": tf.reduce_max(probabilities, -1),
            "probabilities": probabilities,
        }
        if self.model.ordinal:
            places = tf.range(1, len(self.codec.labels) + 1)
            places = tf.cast(places, probabilities.dtype)
            results["expected"] = tf.linalg.matvec(probabilities, places)
        return results


class LengthReader:
    """Two readers: one of texts with few words, one of longer texts.

    Args:
        short: reads texts of at most `words` words.
        long: reads the others; it has the same classes, and splits texts into
            the same words.
        words: the most of a short text.
    """

    def __init__(self, short: Reader, long: Reader, words: int):
        self.short, self.long, self.words = short, long, words

    def split(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """The words of texts, `(batch, None)`."""
        return self.short.split(texts)

    def classify(self, words: tf.RaggedTensor) -> Results:
        """See `Reader.classify`."""
        return self._read(words, self.short.classify, self.long.classify)

    def explain(self, words: tf.RaggedTensor) -> Results:
        """See `Reader.explain`."""
        return self._read(words, self.short.explain, self.long.explain)

    def _read(self, words: tf.RaggedTensor, short: Any, long: Any) -> Results:
        is_short = words.row_lengths() <= self.words  # (batch,)
        rows = [tf.where(is_short)[:, 0], tf.where(~is_short)[:, 0]]
        parts = [
            read(tf.gather(words, own))
            for own, read in zip(rows, (short, long), strict=True)
        ]
        place = tf.math.invert_permutation(tf.concat(rows, 0))  # (batch,)
        return {
            name: tf.gather(_stack([part[name] for part in parts]), place)
            for name in parts[0]
        }


def _stack(parts: list[tf.Tensor]) -> tf.Tensor:
    """Rows under one another; times, `(batch, time)`, are padded."""
    if parts[0].shape.rank == 2:
        time = tf.maximum(*(tf.shape(part)[1] for part in parts))
        parts = [_pad(part, time) for part in parts]
    return tf.concat(parts, 0)


def _pad(values: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
    """Pads `(batch, time)` with 0 or ""."""
    return tf.pad(values, [[0, 0], [0, time - tf.shape(values)[1]]])
