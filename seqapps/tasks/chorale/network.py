"""The network: reads what is given both ways, and writes step by step."""

from typing import Any

import keras
from keras import ops

from seqapps import layers as recurrent
from seqapps.layers.cells.arguments import named
from seqapps.tasks.chorale.codec import base as columns
from seqapps.tasks.chorale.codec.base import ORDER
from seqapps.training.train_step import TrainStep

_VOICES = len(ORDER)


@keras.saving.register_keras_serializable(package="seqapps")
class ChoraleModel(TrainStep, keras.Model):
    """Writes the free notes of a chorale, given all others.

        g_t = the given notes of step t, position, fermata, mode, key
        c_1 ... c_T = BiRNN(g_1 ... g_T)
        h_t = RNN([c_t; s_{t-1}])
        p(n_tv | given, n_<t, n_t of earlier voices)
            = softmax(W_v tanh(U_v [h_t; c_t; n_t of earlier voices]))

    with s_t what sounds in the four voices, free or given, and whether it has
    just begun. Voices are written in the order soprano, bass, alto, tenor. The
    product over all free notes is an exact likelihood given the others. That
    constraints ahead reach a forward network by a backward one is the
    anticipation RNN of Hadjeres and Nielsen (2018).

    Args:
        cell: a name for `seqapps.layers.make_cell`.
        units: size of each layer's state.
        depth: layers of h; c has as many.
        embedding: size of a token's embedding.
        dropout: dropout rate after the embeddings and each layer.
        recurrent_dropout: dropout rate of the state from step to step.
        **kwargs: `name`, `dtype`.

    Call arguments:
        inputs: `(batch, time, FEATURES)` integers of a codec.
        training: whether dropout applies.

    Returns:
        Logits of every note, `(batch, time, 4, vocabulary)`.
    """

    def __init__(
        self,
        cell: str = "lstm",
        units: int = 192,
        depth: int = 1,
        embedding: int = 48,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **kwargs: Any,
    ):
        arguments = named(locals())
        super().__init__(**kwargs)
        self.arguments = arguments

        def rnn(**kwargs: Any) -> Any:
            made = recurrent.make_cell(
                cell, units, recurrent_dropout=recurrent_dropout
            )
            return recurrent.RNN(made, return_sequences=True, **kwargs)

        def embeddings(size: int, count: int) -> list[Any]:
            return [
                keras.layers.Embedding(size, embedding) for _ in range(count)
            ]

        # one row more than the vocabulary: what is free
        self.given = embeddings(columns.VOCABULARY + 1, _VOICES)
        self.sound = embeddings(columns.VOCABULARY + 1, _VOICES)
        sizes = (columns.MOST_BAR_STEPS,) + (columns.MOST_BAR_STEPS + 1,)
        self.context = [
            keras.layers.Embedding(size, max(embedding // 2, 1))
            for size in (*sizes, 3, 3, columns.SHIFTS)
        ]
        self.ahead = [rnn(go_backwards=True) for _ in range(depth)]
        self.behind = [rnn() for _ in range(depth)]
        self.writer = [rnn() for _ in range(depth)]
        self.drop = keras.layers.Dropout(dropout)
        self.hidden = [
            keras.layers.Dense(units, activation="tanh") for _ in ORDER
        ]
        self.head = [
            keras.layers.Dense(columns.VOCABULARY, dtype="float32")
            for _ in ORDER
        ]

    def build(self, input_shape: Any) -> None:
        units, size = self.arguments["units"], self.arguments["embedding"]
        for layer in [*self.given, *self.sound, *self.context]:
            layer.build((None, None))
        small = max(size // 2, 1)
        width = _VOICES * 2 * size + len(self.context) * small
        for ahead, behind in zip(self.ahead, self.behind, strict=True):
            ahead.build((None, None, width))
            behind.build((None, None, width))
            width = 2 * units
        context = width
        width += _VOICES * (size + 1)
        for layer in self.writer:
            layer.build((None, None, width))
            width = units
        for place, (hidden, head) in enumerate(
            zip(self.hidden, self.head, strict=True)
        ):
            hidden.build((None, None, units + context + place * size))
            head.build((None, None, units))
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        context = self.encode(inputs, training)
        tokens = inputs[..., columns.TOKENS]
        sounds = inputs[..., columns.SOUNDS]
        begins = ops.cast(tokens != columns.ID_HOLD, self.compute_dtype)
        first = [[0, 0], [1, 0], [0, 0]]
        x = self._written(
            context,
            ops.pad(sounds[:, :-1], first),
            ops.pad(begins[:, :-1], first),
        )
        for layer in self.writer:
            x = layer(self.drop(x, training=training), training=training)
        x = self.drop(x, training=training)
        logits: list[Any] = [None] * _VOICES
        for place, voice in enumerate(ORDER):
            earlier = [sounds[..., other] for other in ORDER[:place]]
            logits[voice] = self.logits(x, context, earlier)
        return ops.stack(logits, axis=-2)  # (batch, time, 4, vocabulary)

    def encode(self, inputs: Any, training: bool = False) -> Any:
        """Returns what the given notes say of each step, `(batch, time, 2u)`.

        Args:
            inputs: `(batch, time, FEATURES)`.
            training: whether dropout applies.
        """
        free = inputs[..., columns.FREE] > 0
        parts = []
        for kind, layers in (
            (columns.TOKENS, self.given),
            (columns.SOUNDS, self.sound),
        ):
            ids = ops.where(free, columns.ID_OPEN, inputs[..., kind])
            parts += [each(ids[..., v]) for v, each in enumerate(layers)]
        for i, layer in enumerate(self.context):
            parts.append(layer(inputs[..., columns.POSITION + i]))
        x = ops.concatenate(parts, axis=-1)
        valid = inputs[..., columns.VALID] > 0
        for ahead, behind in zip(self.ahead, self.behind, strict=True):
            x = self.drop(x, training=training)
            backwards = ahead(x, mask=valid, training=training)
            x = ops.concatenate(
                [
                    behind(x, mask=valid, training=training),
                    ops.flip(backwards, axis=1),
                ],
                axis=-1,
            )
        return x

    def initial_states(self, batch: Any) -> list[Any]:
        """Returns zeros for every layer of h, `(batch, units)` each."""
        return [layer.cell.get_initial_state(batch) for layer in self.writer]

    def step(
        self, context: Any, sounds: Any, begins: Any, states: list[Any]
    ) -> tuple[Any, list[Any]]:
        """Returns h_t, `(batch, units)`, and the states of its layers.

        Args:
            context: c_t, `(batch, 2 units)`.
            sounds: what sounded the step before, `(batch, 4)`; 0 at first.
            begins: 1 where it began then, `(batch, 4)`.
            states: of the layers.
        """
        x = self._written(context, sounds, begins)
        new_states = []
        for layer, state in zip(self.writer, states, strict=True):
            x, state = layer.cell(x, state)
            new_states.append(state)
        return x, new_states

    def logits(self, h: Any, context: Any, earlier: list[Any]) -> Any:
        """Returns the logits of the next voice of `ORDER`, `(..., vocabulary)`.

        Args:
            h: `(..., units)`.
            context: `(..., 2 units)`.
            earlier: what sounds in the voices before it, `(...)` each.
        """
        place = len(earlier)
        sounds = [
            self.sound[voice](ids)
            for voice, ids in zip(ORDER, earlier, strict=False)
        ]
        hidden = self.hidden[place](
            ops.concatenate([h, context, *sounds], axis=-1)
        )
        return self.head[place](hidden)

    def _written(self, context: Any, sounds: Any, begins: Any) -> Any:
        parts = [each(sounds[..., v]) for v, each in enumerate(self.sound)]
        return ops.concatenate(
            [context, *parts, ops.cast(begins, context.dtype)], axis=-1
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.arguments}
