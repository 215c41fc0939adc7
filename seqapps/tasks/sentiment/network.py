"""The networks: one that reads in order, and three that cannot."""

from typing import Literal

import keras
from keras import ops

from seqapps import layers
from seqapps.tasks.sentiment.blocks import adversarial as adversaries
from seqapps.tasks.sentiment.blocks import pooling as pools
from seqapps.training.train_step import TrainStep


def _irnn(units, **kwargs):
    """ReLU and U = I at first (Le, Jaitly and Hinton 2015)."""
    return layers.SimpleRNNCell(
        units, "relu", recurrent_initializer="identity", **kwargs
    )


CELLS = {
    "simple_rnn": layers.SimpleRNNCell,
    "irnn": _irnn,
    "lstm": layers.LSTMCell,
    "gru": layers.GRUCell,
    "peephole_lstm": layers.PeepholeLSTMCell,
    "coupled_lstm": layers.CoupledLSTMCell,
    "layer_norm_lstm": layers.LayerNormLSTMCell,
    "layer_norm_gru": layers.LayerNormGRUCell,
    "min_gru": layers.MinGRUCell,
}
WINDOWS = {"window": 5, "big-window": 100}


@keras.saving.register_keras_serializable(package="seqapps")
class TextNetwork(TrainStep, keras.Model):
    """What class a text is of.

        x_t = E w_t + sum_n r_n E g_nt    w the word, g_n an n-gram it ends
        recurrent:  h = RNN(x_1 ... x_T);  z = W pool(h) + b  (+ V mean(x))
        bag:        z = W mean(E w) + b          counts, without order
        window:     z = W [E w_{T-4}; ... E w_T] + b      the last words alone
        big-window: the same, of many words      each place learns by itself

    The last three are the straw men of a lecture on why recurrence is wanted.
    r_n is how much n-gram g_n tells of the classes, of which training texts
    know; a vector that tells nothing so learns nothing (see `codec.ratios`).
    With `stride` s the network reads the mean of x over s words at a time.

    Args:
        features: how many numbers of words and n-grams there are.
        columns: numbers a word.
        classes: how many.
        kind: "recurrent", "bag", "window" or "big-window".
        cell: a key of `CELLS`.
        units: size of each layer's state, in each direction.
        depth: recurrent layers.
        bidirectional: read from both ends.
        pooling: "last", "mean", "max", "attention" or "mean-max".
        embedding: size of a word's vector.
        window: words of a window; 0 is 5, or 100 of a big one.
        stride: words a step.
        shortcut: whether mean(x) also goes straight to the classes.
        dropout: share dropped of x, and of what is pooled.
        recurrent_dropout: share dropped of a state on its way to the next.
        word_dropout: share of words and n-grams that training does not see.
        adversary: length of a worst-case step of the vectors, as a share of
            theirs; training adds what it changes to its loss.
        **kwargs: `name`, `dtype`.

    Call arguments:
        inputs: `(batch, time, columns)` integers, padded with 0.
        training: whether to drop.

    Returns:
        Logits, `(batch, classes)`.
    """

    def __init__(
        self,
        features: int,
        columns: int = 1,
        classes: int = 2,
        kind: Literal["recurrent", "bag", "window", "big-window"] = "recurrent",
        cell: str = "lstm",
        units: int = 64,
        depth: int = 1,
        bidirectional: bool = True,
        pooling: str = "max",
        embedding: int = 64,
        window: int = 0,
        stride: int = 1,
        shortcut: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        word_dropout: float = 0.0,
        adversary: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.arguments = {
            "features": features,
            "columns": columns,
            "classes": classes,
            "kind": kind,
            "cell": cell,
            "units": units,
            "depth": depth,
            "bidirectional": bidirectional,
            "pooling": pooling,
            "embedding": embedding,
            "window": window,
            "stride": stride,
            "shortcut": shortcut,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
            "word_dropout": word_dropout,
            "adversary": adversary,
        }
        self.kind, self.stride, self.adversary = kind, stride, adversary
        self.window = window or WINDOWS.get(kind, 0)
        self.embed = keras.layers.Embedding(features, embedding)
        self.drop = keras.layers.Dropout(dropout)
        self.drop_words = keras.layers.Dropout(word_dropout)
        self.head = keras.layers.Dense(classes, dtype="float32")
        self.across = None
        self.recurrent, self.pool = [], None
        if kind != "recurrent":
            return
        for _ in range(depth):
            layer = layers.RNN(
                CELLS[cell](units, recurrent_dropout=recurrent_dropout),
                return_sequences=True,
            )
            both = layers.Bidirectional(layer) if bidirectional else layer
            self.recurrent.append(both)
        self.pool = (
            pools.Last(bidirectional)
            if pooling == "last"
            else pools.POOLINGS[pooling]()
        )
        if shortcut:
            self.across = keras.layers.Dense(
                classes, use_bias=False, dtype="float32"
            )

    def build(self, input_shape):
        size = self.arguments["embedding"]
        self.embed.build((None, None))
        self.ratios = self.add_weight(
            shape=(self.arguments["features"],),
            initializer="ones",
            trainable=False,
            name="ratios",
        )
        if self.across:
            self.across.build((None, size))
        for layer in self.recurrent:
            layer.build((None, None, size))
            size = self.arguments["units"]
            size *= 1 + self.arguments["bidirectional"]
        if self.pool:
            self.pool.build((None, None, size))
            size = self.pool.compute_output_shape((None, None, size))[-1]
        self.head.build((None, size * max(self.window, 1)))
        self.built = True

    def call(self, inputs, training=False):
        inputs = ops.cast(inputs, "int32")  # Keras tries it with floats
        mask = inputs[..., 0] != 0  # (batch, time)
        x = self.vectors(inputs, training)  # (batch, time, embedding)
        if training and self.adversary:
            logits = self.read(x, mask)
            worst = adversaries.unease(
                lambda x: self.read(x, mask), x, logits, self.adversary
            )
            self.add_loss(worst)
        return self.read(x, mask, training)

    def vectors(self, inputs, training=False):
        """Vectors of words, `(batch, time, embedding)`, 0 where padded."""
        if self.kind != "recurrent":
            inputs = inputs[..., :1]  # a straw man knows no n-grams
        there = ops.cast(inputs != 0, self.compute_dtype)
        there = self.drop_words(there, training=training)
        told = ops.cast(ops.take(self.ratios, inputs), there.dtype)
        return ops.sum(self.embed(inputs) * (there * told)[..., None], axis=2)

    def read(self, x, mask, training=False):
        """Logits `(batch, classes)` of vectors.

        Args:
            x: `(batch, time, embedding)`.
            mask: `(batch, time)`, False where padded.
            training: whether to drop.
        """
        if self.kind == "bag":
            return self.head(self.drop(pools.mean(x, mask), training=training))
        if self.window:
            return self.head(pools.last_words(x, mask, self.window))
        x = self.drop(x, training=training)
        straight = self.across(pools.mean(x, mask)) if self.across else 0.0
        if self.stride > 1:
            x, mask = pools.coarser(x, mask, self.stride)
        for layer in self.recurrent:
            x = layer(x, mask=mask, training=training)  # (batch, time, size)
        pooled = self.drop(self.pool(x, mask=mask), training=training)
        return self.head(pooled) + straight  # (batch, classes)

    def get_config(self) -> dict:
        return {**super().get_config(), **self.arguments}
