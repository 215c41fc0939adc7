"""The network: an encoder, a decoder, and attention between them."""

from typing import Any

import keras
from keras import ops

from seqapps import layers as recurrent
from seqapps.layers.cells.arguments import named
from seqapps.tasks.translation.blocks.choices import ATTENTION
from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy
from seqapps.tasks.translation.blocks.memory import Memory, build_memory
from seqapps.tasks.translation.blocks.weight_names import FormerNames
from seqapps.training.mean_loss import MeanLoss
from seqapps.training.train_step import TrainStep


@keras.saving.register_keras_serializable(package="seqapps")
class TranslationNetwork(FormerNames, TrainStep, keras.Model):
    """Translates by an encoder and a decoder with attention.

    ```
    v = BiRNN(F x)                              encoder
    h = RNN(E y; h_0 = tanh(W_0 v_end))         decoder, first layer
    a_ts = softmax_s(score(h_t, v_s))           attention weights
    c_t = sum_s a_ts v_s                        context
    g = RNN([h_t; c_t])                         decoder, second layer
    logits_t = E tanh(W [g_t; c_t; E y_t]) + b  of the next sub-word
    ```
    with y_t the previous sub-word. Attention is not fed back into h, so that
    training processes whole sequences; `step` is the same for one sub-word.
    Without attention c_t is one vector of the encoder's last states for all t.

    Args:
        source, target: the number of ids of each language.
        cell: a name for `seqapps.layers.make_cell`.
        units: size of a state, in each direction.
        depth: layers of the encoder.
        embedding: size of the sub-word vectors.
        attention: a key of `ATTENTION`, or "none".
        dropout: rate for the layers' inputs and outputs.
        recurrent_dropout: rate for the state from one step to the next.
        word_dropout: rate of sub-words left out in training.
        **kwargs: `name`, `dtype`.
    """

    def __init__(
        self,
        source: int,
        target: int,
        cell: str = "gru",
        units: int = 256,
        depth: int = 1,
        embedding: int = 256,
        attention: str = "general",
        dropout: float = 0.3,
        recurrent_dropout: float = 0.0,
        word_dropout: float = 0.0,
        **kwargs: Any,
    ):
        arguments = named(locals())
        super().__init__(**kwargs)
        self.arguments = arguments
        initializer = keras.initializers.RandomNormal(stddev=embedding**-0.5)
        self.embed_source = keras.layers.Embedding(
            source, embedding, initializer
        )
        self.embed_target = keras.layers.ReversibleEmbedding(
            target, embedding, embeddings_initializer=initializer
        )
        self.drop = keras.layers.Dropout(dropout)
        self.drop_words = keras.layers.Dropout(word_dropout)

        def rnn(**kwargs: Any) -> Any:
            layer = recurrent.make_cell(
                cell, units, recurrent_dropout=recurrent_dropout
            )
            kwargs |= {"return_sequences": True, "return_state": True}
            return recurrent.RNN(layer, **kwargs)

        self.forward = [rnn() for _ in range(depth)]
        self.backward = [rnn(go_backwards=True) for _ in range(depth)]
        self.target_rnn, self.output_rnn = rnn(), rnn()
        self.bridge = keras.layers.Dense(units, activation="tanh")
        absent: Any = None
        self.attend = self.bottleneck = self.value_projection = absent
        if attention == "none":
            self.bottleneck = keras.layers.Dense(2 * units, activation="tanh")
        else:
            sizes = [units] if attention == "additive" else []
            self.attend = ATTENTION[attention](*sizes)
        if attention == "dot":  # needs queries and values of one size
            self.value_projection = keras.layers.Dense(units)
        self.output_hidden = keras.layers.Dense(embedding, activation="tanh")

    def build(self, input_shape: Any) -> None:
        units, size = self.arguments["units"], self.arguments["embedding"]
        self.embed_source.build((None, None))
        self.embed_target.build((None, None))
        self.target_rnn.build((None, None, size))
        context = units if self.value_projection else 2 * units
        self.output_rnn.build((None, None, units + context))
        self.output_hidden.build((None, None, units + context + size))
        for forward, backward in zip(self.forward, self.backward, strict=True):
            forward.build((None, None, size))
            backward.build((None, None, size))
            size = 2 * units
        self.bridge.build((None, size))
        if self.value_projection:
            self.value_projection.build((None, None, size))
        if self.attend:
            self.attend.build((None, None, units), (None, None, context))
        else:
            self.bottleneck.build((None, size))
        self.bias = self.add_weight(
            shape=(self.arguments["target"],), initializer="zeros", name="bias"
        )
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.call_with_attention(inputs, training)[0]

    def call_with_attention(
        self, inputs: Any, training: bool = False
    ) -> tuple[Any, Any]:
        """Logits `(batch, T, target)` and attention weights `(batch, T, S)`.

        Args:
            inputs: ids of the source, `(batch, S)`, and of the sub-word before
                each target position, `(batch, T)`.
            training: whether dropout is active.
        """
        source, previous = (ops.cast(x, "int32") for x in inputs)
        memory, states = self.encode(source, training)
        return self.decode(previous, memory, states, training)

    def encode(
        self, source: Any, training: bool = False
    ) -> tuple[Memory, list[Any]]:
        """The memory of the source, and the decoder's initial states.

        Args:
            source: `(batch, S)` ids, 0 where padded.
            training: whether dropout is active.
        """
        mask = source != 0  # (batch, S)
        x = self._embed(self.embed_source, source, training)
        for forward, backward in zip(self.forward, self.backward, strict=True):
            ahead, *last = forward(x, mask=mask, training=training)
            back, *first = backward(x, mask=mask, training=training)
            x = ops.concatenate([ahead, ops.flip(back, 1)], axis=-1)
            x = self.drop(x, training=training)  # (batch, S, 2 * units)
        ends = ops.concatenate([last[0], first[0]], axis=-1)
        ends = ops.cast(ends, self.compute_dtype)  # (batch, 2 * units)
        if self.attend is None:
            values, keys = self.bottleneck(ends)[:, None], ()
            mask = mask[:, :1]
        else:
            values = self.value_projection(x) if self.value_projection else x
            keys = self.attend.prepare(values)
        state = self.bridge(ends)  # (batch, units)
        states = []
        for layer in (self.target_rnn, self.output_rnn):
            zeros = layer.cell.get_initial_state(ops.shape(source)[0])
            states.append([ops.cast(state, zeros[0].dtype), *zeros[1:]])
        embeddings = self._target_embeddings()
        return build_memory(self, values, keys, mask, embeddings), states

    def decode(
        self,
        previous: Any,
        memory: Memory,
        states: list[Any],
        training: bool = False,
    ) -> tuple[Any, Any]:
        """`call_with_attention` for sources that are encoded already."""
        x = self._embed(self.embed_target, previous, training)
        h, *_ = self.target_rnn(x, initial_state=states[0], training=training)
        context, weights = self._attend(h, memory.values, memory, training)
        y = ops.concatenate([h, context], axis=-1)
        y = self.drop(y, training=training)
        g, *_ = self.output_rnn(y, initial_state=states[1], training=training)
        y = self.output_hidden(ops.concatenate([g, context, x], axis=-1))
        hidden = self.drop(y, training=training)  # (batch, T, embedding)
        logits = ops.matmul(hidden, ops.transpose(self._target_embeddings()))
        return ops.cast(logits, "float32") + self.bias, weights

    def step(
        self, tokens: Any, states: list[Any], memory: Memory
    ) -> tuple[Any, list[Any], Any]:
        """One step: logits `(rows, vocabulary)`, states, attention weights.

        The vocabulary is padded: the logits of the padding are -inf.

        Args:
            tokens: `(rows,)`, the previous ids; rows of a source are adjacent.
            states: of the decoder's layers.
            memory: of the sources.
        """
        x = self.embed_target(tokens)  # (rows, embedding)
        h, first = self.target_rnn.cell(x, states[0])  # (rows, units)
        context, weights = self._attend(h[:, None], memory.products, memory)
        gates = memory.products.shape[-1] - x.shape[-1]
        context, output = context[:, 0, :gates], context[:, 0, gates:]
        cell = self.output_rnn.cell
        projected = memory.project(cell, h, context)
        g, second = cell.advance(projected, states[1], cell.draw(h))
        y = cell.matmul(ops.concatenate([g, x], axis=-1), memory.output_kernel)
        hidden = ops.tanh(y + output + self.output_hidden.bias)
        logits = ops.matmul(hidden, ops.transpose(memory.embeddings))
        logits = ops.cast(logits, "float32") + memory.bias
        return logits, [first, second], weights[:, 0]

    def _target_embeddings(self) -> Any:
        """Vectors of all target sub-words, `(target, embedding)`."""
        if self.embed_target.quantization_mode:
            return self.embed_target(ops.arange(self.arguments["target"]))
        return ops.cast(self.embed_target.embeddings, self.compute_dtype)

    def _embed(self, embed: Any, ids: Any, training: bool) -> Any:
        x = embed(ids)  # (batch, time, embedding)
        weights = ops.cast(ids != 0, x.dtype)[..., None]
        weights = self.drop_words(weights, training=training)
        return self.drop(x * weights, training=training)

    def _attend(
        self, h: Any, values: Any, memory: Memory, training: bool = False
    ) -> tuple[Any, Any]:
        """Context and attention weights; rows of h may share a source."""
        shape = ops.shape(h)[:2]
        sources = ops.shape(memory.mask)[0]
        h = ops.reshape(h, (sources, -1, h.shape[-1]))
        if self.attend is None:
            context = ops.zeros_like(h[..., :1]) + values
            weights = context[..., :1] * 0.0
        else:
            context, weights = self.attend(
                self.drop(h, training=training),
                values,
                keys=memory.keys,
                values_mask=memory.mask,
            )  # (batch, T, 2 * units), (batch, T, S)
        context = ops.reshape(context, (*shape, ops.shape(context)[-1]))
        return context, ops.reshape(weights, (*shape, ops.shape(weights)[-1]))

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The compiled loss; without label smoothing when not training."""
        if training:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        return MeanLoss(SmoothedCrossentropy(0.0))(y, y_pred, sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.arguments}
