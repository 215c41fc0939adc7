"""The language model of tunes, whole sequences and one token at a time."""

from collections.abc import Sequence

import keras
from keras import ops

from seqapps import layers as recurrent
from seqapps.training.train_step import TrainStep

CELLS = {
    "lstm": recurrent.LSTMCell,
    "gru": recurrent.GRUCell,
    "simple_rnn": recurrent.SimpleRNNCell,
}


@keras.saving.register_keras_serializable(package="seqapps")
class LanguageModel(TrainStep, keras.Model):
    """What follows in a tune: recurrent layers over tokens and context.

        x_t = [E u_t; C_1 c_1t; C_2 c_2t ...; L v_1t; L v_2t ...]
        h_t = RNN(x_1 ... x_t)
        logits_t = W h_t + b + sum_k g_k(h_t) onehot(v_kt)

    with u the token, c the contexts (where in the bar, which bar), v_k the
    token that stood at this place some bars before, and g = G h + d the
    inclination to repeat it. Tokens from the bars before as inputs are the
    "lookback RNN" of Magenta (Waite 2016); g_k is a pointer to them.

    Args:
        vocabulary: how many tokens there are.
        contexts: sizes of the contexts.
        lookbacks: how many tokens are looked back at.
        cell: a key of `CELLS`.
        units: size of each layer's state.
        depth: how many recurrent layers.
        embedding: size of a token's vector; a context's or lookback's has a
            quarter of it.
        dropout: share dropped after the embedding and after each layer.
        recurrent_dropout: share of a state dropped on its way to the next
            step, the same all through a tune.
        **kwargs: `name`, `dtype`.

    Call arguments:
        inputs: `(batch, time, 1 + contexts + lookbacks)` integers.
        training: whether to drop.

    Returns:
        Logits of the next token, `(batch, time, vocabulary)`.
    """

    def __init__(
        self,
        vocabulary: int,
        contexts: Sequence[int] = (),
        lookbacks: int = 0,
        cell: str = "lstm",
        units: int = 256,
        depth: int = 2,
        embedding: int = 128,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.arguments = {
            "vocabulary": vocabulary,
            "contexts": list(contexts),
            "lookbacks": lookbacks,
            "cell": cell,
            "units": units,
            "depth": depth,
            "embedding": embedding,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
        }
        self.lookbacks = lookbacks
        small = max(embedding // 4, 1)
        sizes = [*contexts, *[vocabulary] * (lookbacks > 0)]
        self.embed = keras.layers.Embedding(vocabulary, embedding)
        self.context = [keras.layers.Embedding(size, small) for size in sizes]
        self.recurrent = [
            recurrent.RNN(
                CELLS[cell](units, recurrent_dropout=recurrent_dropout),
                return_sequences=True,
            )
            for _ in range(depth)
        ]
        self.drop = keras.layers.Dropout(dropout)
        self.head = keras.layers.Dense(vocabulary, dtype="float32")
        self.gate = keras.layers.Dense(max(lookbacks, 1), dtype="float32")

    def build(self, input_shape):
        size = self.arguments["embedding"] + max(
            self.arguments["embedding"] // 4, 1
        ) * (len(self.arguments["contexts"]) + self.lookbacks)
        for layer in [self.embed, *self.context]:
            layer.build((None, None))
        for layer in self.recurrent:
            layer.build((None, None, size))
            size = self.arguments["units"]
        self.head.build((None, None, size))
        if self.lookbacks:
            self.gate.build((None, None, size))
        self.built = True

    def call(self, inputs, training=False):
        x = self.drop(self._read(inputs), training=training)
        for layer in self.recurrent:
            x = layer(x, training=training)  # (batch, time, units)
            x = self.drop(x, training=training)
        return self._predict(x, inputs)  # (batch, time, vocabulary)

    def initial_states(self, batch: int) -> list:
        """Zeros for every layer, `(batch, units)` each."""
        return [layer.cell.get_initial_state(batch) for layer in self.recurrent]

    def step(self, inputs, states: list) -> tuple:
        """One token on: logits `(batch, vocabulary)` and states.

        Args:
            inputs: `(batch, 1 + contexts + lookbacks)`.
            states: of the layers.
        """
        x = self._read(inputs)  # (batch, features)
        after = []
        for layer, state in zip(self.recurrent, states, strict=True):
            x, state = layer.cell(x, state)  # (batch, units)
            after.append(state)
        return self._predict(x, inputs), after

    def _read(self, inputs):
        contexts = len(self.arguments["contexts"])
        parts = [self.embed(inputs[..., 0])]
        for i in range(contexts):
            parts.append(self.context[i](inputs[..., 1 + i]))
        if self.lookbacks:
            looked = self.context[-1](inputs[..., 1 + contexts :])
            shape = ops.shape(looked)  # (..., lookbacks, small)
            parts.append(
                ops.reshape(looked, [*shape[:-2], shape[-2] * shape[-1]])
            )
        return ops.concatenate(parts, axis=-1)

    def _predict(self, x, inputs):
        logits = self.head(x)
        if not self.lookbacks:
            return logits
        gates = self.gate(x)[..., None, :]  # (..., 1, lookbacks)
        vocabulary = self.arguments["vocabulary"]
        looked = ops.one_hot(inputs[..., -self.lookbacks :], vocabulary)
        return logits + ops.squeeze(ops.matmul(gates, looked), -2)

    def get_config(self) -> dict:
        return {**super().get_config(), **self.arguments}
