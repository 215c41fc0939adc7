"""Pretraining of the first recurrent layer as a language model.

Dai and Le, Semi-supervised Sequence Learning (2015), section 2.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seqapps import pipeline
from seqapps.tasks.sentiment.blocks import pooling

_NEGATIVE_SAMPLES = 1024


class LanguageModel(keras.Model):
    """Predicts the next word from each state of the first recurrent layer.

        h_t = RNN(x_1 ... x_t),  p(w_{t+1}) = softmax(E P h_t + b)

    The backward layer predicts the previous word. With a `stride` of s words
    per step, each of the next s words is predicted. N-grams are not among the
    inputs: one that ends at t contains the previous word. The softmax over all
    words is estimated from a sample (`tf.nn.sampled_softmax_loss`).

    Args:
        network: a built `TextNetwork`; its weights are shared.
        words: the number of its ids that are words.
    """

    def __init__(self, network: Any, words: int):
        super().__init__()
        # the network is no attribute, so that only these layers are trained
        self.word_vectors, self.embed = network.word_vectors, network.embed
        self.stride, self.words = network.stride, words
        first = network.recurrent[0]
        bidirectional = isinstance(first, keras.layers.Bidirectional)
        self.directions = (
            [first.forward_layer, first.backward_layer]
            if bidirectional
            else [first]
        )
        size = network.arguments["embedding"]
        self.projections = [
            keras.layers.Dense(size, use_bias=False) for _ in self.directions
        ]
        for layer in self.projections:
            layer.build((None, None, network.arguments["units"]))
        self.bias = self.add_weight(shape=(words,), initializer="zeros")
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The loss in nats per word, `(batch,)`.

        Args:
            inputs: `(batch, time, columns)` ids.
            training: whether dropout is active.
        """
        stride = self.stride
        words = inputs[..., :1]  # (batch, time, 1)
        mask = words[..., 0] != 0  # (batch, time)
        x = self.word_vectors(words)
        if stride > 1:
            x, mask = pooling.mean_of_strides(x, mask, stride)
        missing = -tf.shape(words)[1] % stride
        ids = tf.pad(words[..., 0], [[0, 0], [0, missing]])
        ids = tf.reshape(ids, [tf.shape(x)[0], -1, stride])
        losses = []
        for rnn, project in zip(self.directions, self.projections, strict=True):
            h = rnn(x, mask=mask, training=training)  # (batch, steps, units)
            if rnn.go_backwards:
                h = project(tf.reverse(h, [1])[:, 1:])
                losses.append(self._loss(h, ids[:, :-1]))
            else:
                losses.append(self._loss(project(h[:, :-1]), ids[:, 1:]))
        return tf.add_n(losses) / len(losses)

    def _loss(self, h: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """The loss of each row in nats per word, `(batch,)`.

        Args:
            h: `(batch, steps, embedding)`.
            ids: `(batch, steps, stride)`, the words to predict; 0 is padding.
        """
        places = tf.where(ids != 0)  # (words, 3)
        loss = tf.nn.sampled_softmax_loss(
            weights=self.embed.embeddings[: self.words],
            biases=tf.convert_to_tensor(self.bias),
            labels=tf.cast(tf.gather_nd(ids, places)[:, tf.newaxis], tf.int64),
            inputs=tf.gather_nd(h, places[:, :2]),
            num_sampled=min(_NEGATIVE_SAMPLES, self.words),
            num_classes=self.words,
        )  # (words,)
        rows = tf.cast(tf.shape(h)[0], tf.int64)
        total = tf.math.unsorted_segment_sum(loss, places[:, 0], rows)
        count = tf.math.unsorted_segment_sum(
            tf.ones_like(loss), places[:, 0], rows
        )
        return tf.math.divide_no_nan(total, count)


def pretrain(
    network: Any,
    codec: Any,
    texts: Sequence[str],
    epochs: int,
    seed: int,
    batch_size: int = 64,
    learning_rate: float = 0.003,
) -> list[float]:
    """Trains the embedding and the first recurrent layer on unlabelled texts.

    Args:
        network: a built `TextNetwork` of the kind "recurrent".
        codec: its `TextCodec`.
        texts: any texts.
        epochs: passes through the texts.
        seed: of their order.
        batch_size: texts per batch.
        learning_rate: of Adam.

    Returns:
        The mean loss of each epoch.
    """
    encoded = codec.encode_many(texts)
    steps, rows = pipeline.bucketed(encoded.row_lengths().numpy(), batch_size)

    def batch(step: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x = codec.pad(tf.gather(encoded, rows(step, seed)))
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
    history = model.fit(
        pipeline.stream(batch, 0, seed),
        epochs=epochs,
        steps_per_epoch=steps,
        shuffle=False,
        verbose=2,
    )
    return history.history["loss"]
