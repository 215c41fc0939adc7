"""A language model first: what the recurrent layer learns without classes.

Dai and Le, Semi-supervised Sequence Learning (2015), section 2.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf

from seqapps import pipeline
from seqapps.tasks.sentiment.blocks import pooling

_SAMPLES = 1024  # words that each right one is told from


class LanguageModel(keras.Model):
    """Each direction of a network's first recurrent layer names what comes.

        h_t = RNN(x_1 ... x_t),  p(w_{t+1}) = softmax(E P h_t + b)

    and the layer that reads from the end names the word before. With a
    `stride` of s words a step, each of the next s words is named. The n-grams
    are not read, for one that ends here has the word before in it. The sum
    over all words is estimated from a sample (`tf.nn.sampled_softmax_loss`).

    Args:
        network: a built `TextNetwork`; it shares its weights.
        words: how many of its features are words.
    """

    def __init__(self, network, words: int):
        super().__init__()
        # Only what is learned here is a layer of this model.
        self.vectors, self.embed = network.vectors, network.embed
        self.stride, self.words = network.stride, words
        first = network.recurrent[0]
        both = isinstance(first, keras.layers.Bidirectional)
        self.readers = [first.forward_layer] if both else [first]
        self.readers += [first.backward_layer] if both else []
        size = network.arguments["embedding"]
        self.naming = [
            keras.layers.Dense(size, use_bias=False) for _ in self.readers
        ]
        for layer in self.naming:
            layer.build((None, None, network.arguments["units"]))
        self.bias = self.add_weight(shape=(words,), initializer="zeros")
        self.built = True

    def call(self, inputs, training=False):
        """Nats a word, `(batch,)`, of `(batch, time, columns)` numbers."""
        stride = self.stride
        words = inputs[..., :1]  # (batch, time, 1)
        mask = words[..., 0] != 0  # (batch, time)
        x, seen = self.vectors(words), mask
        if stride > 1:
            x, seen = pooling.coarser(x, seen, stride)
        missing = -tf.shape(words)[1] % stride
        ids = tf.pad(words[..., 0], [[0, 0], [0, missing]])
        ids = tf.reshape(ids, [tf.shape(x)[0], -1, stride])
        losses = []
        for reader, naming in zip(self.readers, self.naming, strict=True):
            h = reader(x, mask=seen, training=training)  # (batch, steps, n)
            if reader.go_backwards:
                h = naming(tf.reverse(h, [1])[:, 1:])  # of what comes before
                losses.append(self._loss(h, ids[:, :-1]))
            else:
                losses.append(self._loss(naming(h[:, :-1]), ids[:, 1:]))
        return tf.add_n(losses) / len(losses)

    def _loss(self, h, ids):
        """Nats a word of each row, `(batch,)`.

        Args:
            h: `(batch, steps, embedding)`.
            ids: `(batch, steps, stride)`, what each is to name; 0 is nothing.
        """
        there = tf.where(ids != 0)  # (found, 3)
        loss = tf.nn.sampled_softmax_loss(
            weights=self.embed.embeddings[: self.words],
            biases=tf.convert_to_tensor(self.bias),
            labels=tf.cast(tf.gather_nd(ids, there)[:, tf.newaxis], tf.int64),
            inputs=tf.gather_nd(h, there[:, :2]),
            num_sampled=min(_SAMPLES, self.words),
            num_classes=self.words,
        )  # (found,)
        rows = tf.cast(tf.shape(h)[0], tf.int64)
        total = tf.math.unsorted_segment_sum(loss, there[:, 0], rows)
        count = tf.math.unsorted_segment_sum(
            tf.ones_like(loss), there[:, 0], rows
        )
        return tf.math.divide_no_nan(total, count)


def pretrain(
    network,
    codec,
    texts: Sequence[str],
    epochs: int,
    seed: int,
    batch_size: int = 64,
    learning_rate: float = 0.003,
) -> list[float]:
    """Trains a network's vectors and first recurrent layer on texts alone.

    Args:
        network: a built `TextNetwork` of the kind "recurrent".
        codec: of its words.
        texts: any.
        epochs: passes through the texts.
        seed: of their order.
        batch_size: texts a batch.
        learning_rate: of Adam.

    Returns:
        The mean loss of each epoch.
    """
    encoded = codec.encoded(texts)
    steps, rows = pipeline.bucketed(encoded.row_lengths().numpy(), batch_size)

    def batch(step, seed):
        x = codec.dense(tf.gather(encoded, rows(step, seed)))
        return x, tf.zeros(tf.shape(x)[:1])

    with network.distribute_strategy.scope():
        model = LanguageModel(network, len(codec) - len(codec.ngrams))
        rate = keras.optimizers.schedules.CosineDecay(
            learning_rate, epochs * steps, alpha=0.01
        )
        model.compile(
            optimizer=keras.optimizers.Adam(rate, global_clipnorm=1.0),
            loss=lambda _, loss: loss,
        )
    log = model.fit(
        pipeline.stream(batch, 0, seed),
        epochs=epochs,
        steps_per_epoch=steps,
        shuffle=False,
        verbose=2,
    )
    return log.history["loss"]
