"""The language model of tunes: whole sequences, or one token at a time."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from seqapps import layers as recurrent
from seqapps.layers.cells.arguments import named
from seqapps.training.train_step import TrainStep


@keras.saving.register_keras_serializable(package="seqapps")
class LanguageModel(TrainStep, keras.Model):
    """Predicts the next token of a tune: recurrent layers over its tokens.

        x_t = [E u_t; C_1 c_1t; C_2 c_2t ...; L v_1t; L v_2t ...]
        h_t = RNN(x_1 ... x_t)
        logits_t = W h_t + b + sum_k g_k(h_t) onehot(v_kt)

    with u the token, c the contexts (position in the bar, bar of the section),
    v_k the token that stood at this position some bars before, and g = G h + d
    what is added to its logit. Tokens of earlier bars as inputs are the
    "lookback RNN" of Magenta (Waite 2016); g_k is a pointer to them.

    Args:
        vocabulary: number of tokens.
        contexts: number of values of each context.
        lookbacks: number of lookbacks.
        cell: a name for `seqapps.layers.make_cell`.
        units: size of each layer's state.
        depth: number of recurrent layers.
        embedding: size of a token's embedding; a context's or lookback's has a
            quarter of it.
        dropout: dropout rate after the embedding and after each layer.
        recurrent_dropout: dropout rate of the state from step to step; one
            mask for all steps of a tune.
        **kwargs: `name`, `dtype`.

    Call arguments:
        inputs: `(batch, time, 1 + contexts + lookbacks)` integers.
        training: whether dropout applies.

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
        **kwargs: Any,
    ):
        arguments = named(locals())
        arguments["contexts"] = list(contexts)
        super().__init__(**kwargs)
        self.arguments = arguments
        self.lookbacks = lookbacks
        small = max(embedding // 4, 1)
        sizes = [*contexts, *[vocabulary] * (lookbacks > 0)]
        self.embed = keras.layers.Embedding(vocabulary, embedding)
        self.context = [keras.layers.Embedding(size, small) for size in sizes]
        self.recurrent = [
            recurrent.RNN(
                recurrent.make_cell(
                    cell, units, recurrent_dropout=recurrent_dropout
                ),
                return_sequences=True,
            )
            for _ in range(depth)
        ]
        self.drop = keras.layers.Dropout(dropout)
        self.head = keras.layers.Dense(vocabulary, dtype="float32")
        self.gate = keras.layers.Dense(max(lookbacks, 1), dtype="float32")

    def build(self, input_shape: Any) -> None:
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

    def call(self, inputs: Any, training: bool = False) -> Any:
        x = self.drop(self._embed_inputs(inputs), training=training)
        for layer in self.recurrent:
            x = layer(x, training=training)  # (batch, time, units)
            x = self.drop(x, training=training)
        return self._logits(x, inputs)  # (batch, time, vocabulary)

    def initial_states(self, batch: int) -> list[Any]:
        """Returns zeros for every layer, `(batch, units)` each."""
        return [layer.cell.get_initial_state(batch) for layer in self.recurrent]

    def step(self, inputs: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """Returns logits `(batch, vocabulary)` and states after one token.

        Args:
            inputs: `(batch, 1 + contexts + lookbacks)`.
            states: of the layers.
        """
        x = self._embed_inputs(inputs)  # (batch, features)
        new_states = []
        for layer, state in zip(self.recurrent, states, strict=True):
            x, state = layer.cell(x, state)  # (batch, units)
            new_states.append(state)
        return self._logits(x, inputs), new_states

    def _embed_inputs(self, inputs: Any) -> Any:
        contexts = len(self.arguments["contexts"])
        parts = [self.embed(inputs[..., 0])]
        for i in range(contexts):
            parts.append(self.context[i](inputs[..., 1 + i]))
        if self.lookbacks:
            lookbacks = self.context[-1](inputs[..., 1 + contexts :])
            shape = ops.shape(lookbacks)  # (..., lookbacks, small)
            parts.append(
                ops.reshape(lookbacks, [*shape[:-2], shape[-2] * shape[-1]])
            )
        return ops.concatenate(parts, axis=-1)

    def _logits(self, x: Any, inputs: Any) -> Any:
        logits = self.head(x)
        if not self.lookbacks:
            return logits
        gates = self.gate(x)[..., None, :]  # (..., 1, lookbacks)
        vocabulary = self.arguments["vocabulary"]
        lookbacks = ops.one_hot(inputs[..., -self.lookbacks :], vocabulary)
        return logits + ops.squeeze(ops.matmul(gates, lookbacks), -2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.arguments}
