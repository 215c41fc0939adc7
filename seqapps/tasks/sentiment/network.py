"""The classifier's networks: a recurrent one, and three naive baselines."""

from typing import Any, Literal

import keras
from keras import ops

from seqapps import layers
from seqapps.layers.cells.arguments import named
from seqapps.tasks.sentiment.blocks.adversarial import virtual_adversarial_loss
from seqapps.tasks.sentiment.blocks.ordinal import ProportionalOdds
from seqapps.tasks.sentiment.blocks.pooling import (
    POOLINGS,
    Last,
    last_words,
    mean,
    mean_of_strides,
)
from seqapps.training.train_step import TrainStep

WINDOWS = {"window": 5, "big-window": 100}


@keras.saving.register_keras_serializable(package="seqapps")
class TextNetwork(TrainStep, keras.Model):
    """Classifies a text.

        x_t = E w_t + sum_n r_n E g_nt    w: a word, g_n: n-grams ending with it
        recurrent:  h = RNN(x_1 ... x_T);  z = W pool(h) + b  (+ V mean(x))
        bag:        z = W mean(E w) + b                    no word order
        window:     z = W [E w_{T-4}; ... E w_T] + b       the last words only
        big-window: the same of many words                 no shared weights

    The last three show, as in the lecture, why recurrence is needed. r_n is
    the naive Bayes log-count ratio of n-gram g_n in the training texts, so
    that the vector of an uninformative n-gram does not learn (see
    `codec.ratios`). With `stride` s each time step is the mean of x over s
    words.

    Args:
        features: ids of words and n-grams: the size of the embedding.
        columns: ids per word.
        classes: the number of classes.
        kind: "recurrent", "bag", "window" or "big-window".
        cell: a name for `seqapps.layers.make_cell`.
        units: state size of each layer and direction.
        depth: recurrent layers.
        bidirectional: whether the layers run in both directions.
        pooling: "last", "mean", "max", "attention" or "mean-max".
        embedding: size of the word vectors.
        window: words of a window; 0 means 5, or 100 for "big-window".
        stride: words per time step.
        shortcut: whether to add V mean(x) to the logits.
        dropout: rate for x and for the pooled vector.
        recurrent_dropout: rate for the state from one step to the next.
        word_dropout: rate of words and n-grams left out in training.
        adversary: length of the adversarial perturbation in training, as a
            share of the length of x; see `virtual_adversarial_loss`.
        ordered: whether the classes rise from the lowest to the highest: z is
            then one number, and the logits are `ProportionalOdds` of it.
        weighted: whether r is not 1 for all.
        **kwargs: `name`, `dtype`.

    Call arguments:
        inputs: `(batch, time, columns)` ids, padded with 0.
        training: whether dropout is active.

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
        ordered: bool = False,
        weighted: bool = True,
        **kwargs: Any,
    ):
        arguments = named(locals())
        super().__init__(**kwargs)
        self.arguments = arguments
        self.kind, self.stride, self.adversary = kind, stride, adversary
        self.window = window or WINDOWS.get(kind, 0)
        self.embed = keras.layers.Embedding(features, embedding)
        self.drop = keras.layers.Dropout(dropout)
        self.drop_words = keras.layers.Dropout(word_dropout)
        self.ordinal: Any = None
        if ordered:
            self.ordinal = ProportionalOdds(classes, dtype="float32")
            classes = 1
        self.head = keras.layers.Dense(
            classes, use_bias=not ordered, dtype="float32"
        )
        self.shortcut: Any = None
        self.recurrent: list[Any] = []
        self.pool: Any = None
        if kind != "recurrent":
            return
        for _ in range(depth):
            layer = layers.RNN(
                layers.make_cell(
                    cell, units, recurrent_dropout=recurrent_dropout
                ),
                return_sequences=True,
            )
            if bidirectional:
                layer = layers.Bidirectional(layer)
            self.recurrent.append(layer)
        self.pool = (
            Last(bidirectional) if pooling == "last" else POOLINGS[pooling]()
        )
        if shortcut:
            self.shortcut = keras.layers.Dense(
                classes, use_bias=False, dtype="float32"
            )

    def build(self, input_shape: Any) -> None:
        size = self.arguments["embedding"]
        self.embed.build((None, None))
        if self.arguments["weighted"]:
            self.ratios = self.add_weight(
                shape=(self.arguments["features"],),
                initializer="ones",
                trainable=False,
                name="ratios",
            )
        if self.shortcut:
            self.shortcut.build((None, size))
        for layer in self.recurrent:
            layer.build((None, None, size))
            size = self.arguments["units"]
            size *= 1 + self.arguments["bidirectional"]
        if self.pool:
            self.pool.build((None, None, size))
            size = self.pool.compute_output_shape((None, None, size))[-1]
        self.head.build((None, size * max(self.window, 1)))
        if self.ordinal:
            self.ordinal.build((None, 1))
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        inputs = ops.cast(inputs, "int32")  # Keras traces with floats
        mask = inputs[..., 0] != 0  # (batch, time)
        x = self.word_vectors(inputs, training)  # (batch, time, embedding)
        if training and self.adversary:
            loss = virtual_adversarial_loss(
                lambda x: self.classify(x, mask),
                x,
                self.classify(x, mask),
                self.adversary,
            )
            self.add_loss(loss)
        return self.classify(x, mask, training)

    def word_vectors(self, inputs: Any, training: bool = False) -> Any:
        """Word vectors x, `(batch, time, embedding)`, 0 where padded."""
        if self.kind != "recurrent":
            inputs = inputs[..., :1]  # the baselines have no n-grams
        weights = ops.cast(inputs != 0, self.compute_dtype)
        weights = self.drop_words(weights, training=training)
        if self.arguments["weighted"]:
            weights *= ops.cast(ops.take(self.ratios, inputs), weights.dtype)
        return ops.sum(self.embed(inputs) * weights[..., None], axis=2)

    def classify(self, x: Any, mask: Any, training: bool = False) -> Any:
        """Logits `(batch, classes)` of word vectors.

        Args:
            x: `(batch, time, embedding)`.
            mask: `(batch, time)`, False where padded.
            training: whether dropout is active.
        """
        z = self._scores(x, mask, training)
        return self.ordinal(z) if self.ordinal else z

    def _scores(self, x: Any, mask: Any, training: bool) -> Any:
        """z: a number a class, or one for ordered classes."""
        if self.kind == "bag":
            return self.head(self.drop(mean(x, mask), training=training))
        if self.window:
            return self.head(last_words(x, mask, self.window))
        x = self.drop(x, training=training)
        direct = self.shortcut(mean(x, mask)) if self.shortcut else 0.0
        if self.stride > 1:
            x, mask = mean_of_strides(x, mask, self.stride)
        for layer in self.recurrent:
            x = layer(x, mask=mask, training=training)  # (batch, time, size)
        pooled = self.drop(self.pool(x, mask=mask), training=training)
        return self.head(pooled) + direct

    @property
    def across(self) -> Any:
        """The shortcut, by its name in weight files."""
        return self.shortcut

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.arguments}
