"""The language model of tunes, whole sequences and one token at a time."""

import keras

from seqapps import layers as recurrent
from seqapps.train_step import TrainStep

CELLS = {
    "lstm": recurrent.LSTMCell,
    "gru": recurrent.GRUCell,
    "simple_rnn": recurrent.SimpleRNNCell,
}


@keras.saving.register_keras_serializable(package="seqapps")
class LanguageModel(TrainStep, keras.Model):
    """Embedding, recurrent layers with dropout between them, logits.

    Args:
        vocabulary: how many tokens there are.
        cell: a key of `CELLS`.
        units: size of each layer's state.
        depth: how many recurrent layers.
        embedding: size of a token's vector.
        dropout: share dropped after the embedding and after each layer.
        **kwargs: `name`, `dtype`.

    Call arguments:
        tokens: `(batch, time)` integers.
        training: whether to drop.

    Returns:
        Logits of the next token, `(batch, time, vocabulary)`.
    """

    def __init__(
        self,
        vocabulary: int,
        cell: str = "lstm",
        units: int = 256,
        depth: int = 2,
        embedding: int = 128,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.arguments = {
            "vocabulary": vocabulary,
            "cell": cell,
            "units": units,
            "depth": depth,
            "embedding": embedding,
            "dropout": dropout,
        }
        self.embed = keras.layers.Embedding(vocabulary, embedding)
        self.recurrent = [
            recurrent.RNN(CELLS[cell](units), return_sequences=True)
            for _ in range(depth)
        ]
        self.drop = keras.layers.Dropout(dropout)
        self.head = keras.layers.Dense(vocabulary, dtype="float32")

    def build(self, input_shape):
        size = self.arguments["embedding"]
        self.embed.build((None, None))
        for layer in self.recurrent:
            layer.build((None, None, size))
            size = self.arguments["units"]
        self.head.build((None, None, size))
        self.built = True

    def call(self, tokens, training=False):
        x = self.drop(self.embed(tokens), training=training)
        for layer in self.recurrent:
            x = layer(x, training=training)  # (batch, time, units)
            x = self.drop(x, training=training)
        return self.head(x)  # (batch, time, vocabulary)

    def initial_states(self, batch: int) -> list:
        """Zeros for every layer, `(batch, units)` each."""
        return [layer.cell.get_initial_state(batch) for layer in self.recurrent]

    def step(self, tokens, states: list) -> tuple:
        """One token `(batch,)` on: logits `(batch, vocabulary)`, states."""
        x = self.embed(tokens)  # (batch, embedding)
        after = []
        for layer, state in zip(self.recurrent, states, strict=True):
            x, state = layer.cell(x, state)  # (batch, units)
            after.append(state)
        return self.head(x), after

    def get_config(self) -> dict:
        return {**super().get_config(), **self.arguments}
