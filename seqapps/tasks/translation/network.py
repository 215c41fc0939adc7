"""The network: an encoder, a decoder, and attention between them."""

from typing import Any

import keras
from keras import ops

from seqapps import layers as recurrent
from seqapps.layers.cells.arguments import named
from seqapps.tasks.translation.blocks.choices import ATTENTION
from seqapps.tasks.translation.blocks.memory import Memory, build_memory
from seqapps.tasks.translation.blocks.output_loss import Outputs
from seqapps.tasks.translation.blocks.output_step import OutputStep
from seqapps.tasks.translation.blocks.pointer import Pointer
from seqapps.tasks.translation.blocks.weight_names import FormerNames


@keras.saving.register_keras_serializable(package="seqapps")
class TranslationNetwork(FormerNames, OutputStep, keras.Model):
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
        copy: whether sub-words are also copied from the source, by a
            `Pointer`; the ids of both sides are then the same.
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
        copy: bool = False,
        low_precision: bool = False,
        **kwargs: Any,
    ):
        arguments = named(locals())
        super().__init__(**kwargs)
        self.arguments, self.low = arguments, low_precision
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
        self.pointer = Pointer(dtype="float32") if copy else absent

    def build(self, input_shape: Any) -> None:
        units, size = self.arguments["units"], self.arguments["embedding"]
        self.embed_source.build((None, None))
        self.embed_target.build((None, None))
        self.target_rnn.build((None, None, size))
        context = units if self.value_projection else 2 * units
        self.output_rnn.build((None, None, units + context))
        self.output_hidden.build((None, None, units + context + size))
        if self.pointer:
            self.pointer.build((None, None, units + context + size))
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
        return build_memory(self, values, keys, mask, source), states

    def decode(
        self,
        previous: Any,
        memory: Memory,
        states: list[Any],
        training: bool = False,
    ) -> tuple[Any, Any]:
        """`call_with_attention` for sources that are encoded already."""
        outputs = self.outputs(previous, memory, states, training)
        vectors = ops.transpose(outputs.embeddings)
        logits = ops.matmul(outputs.hidden, vectors)
        logits = ops.cast(logits, "float32") + ops.cast(self.bias, "float32")
        if self.pointer:
            logits = self.pointer(logits, outputs.z, *outputs[4:6])
        return logits, outputs.weights

    def outputs(
        self,
        previous: Any,
        memory: Memory,
        states: list[Any],
        training: bool = False,
    ) -> Outputs:
        """What the logits of `decode` are made of."""
        x = self._embed(self.embed_target, previous, training)
        h, *_ = self.target_rnn(x, initial_state=states[0], training=training)
        query = self.drop(h, training=training)
        context, weights = memory.attend(self.attend, query, memory.values)
        y = ops.concatenate([h, context], axis=-1)
        y = self.drop(y, training=training)
        g, *_ = self.output_rnn(y, initial_state=states[1], training=training)
        features = ops.concatenate([g, context, x], axis=-1)
        y = self.output_hidden(features)
        hidden = self.drop(y, training=training)  # (batch, T, embedding)
        z = self.pointer.gate(features) if self.pointer else None
        vectors, copies = self.target_embeddings(), memory.copies
        parts = hidden, vectors, self.bias, z, weights, copies
        return Outputs(*parts, right=[], low=self.low)

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
        attend, products = self.attend, memory.products
        context, weights = memory.attend(attend, h[:, None], products)
        end = products.shape[-1] - bool(self.pointer)
        gates = end - x.shape[-1]
        context, output, of_gate = ops.split(context[:, 0], [gates, end], -1)
        cell = self.output_rnn.cell
        projected = memory.project(cell, h, context)
        g, second = cell.advance(projected, states[1], cell.draw(h))
        y = cell.matmul(ops.concatenate([g, x], axis=-1), memory.output_kernel)
        hidden = ops.tanh(y + output + self.output_hidden.bias)
        logits = ops.matmul(hidden, ops.transpose(memory.embeddings))
        logits = ops.cast(logits, "float32") + memory.bias
        if memory.copies:
            z = of_gate + self.pointer.gate_of_step(g, x)
            logits = self.pointer.step(logits, z, weights, memory.copies)
        return logits, [first, second], weights[:, 0]

    def target_embeddings(self) -> Any:
        """Vectors of all target sub-words, `(target, embedding)`."""
        if self.embed_target.quantization_mode:
            return self.embed_target(ops.arange(self.arguments["target"]))
        return ops.cast(self.embed_target.embeddings, self.compute_dtype)

    def _embed(self, embed: Any, ids: Any, training: bool) -> Any:
        x = embed(ids)  # (batch, time, embedding)
        weights = ops.cast(ids != 0, x.dtype)[..., None]
        weights = self.drop_words(weights, training=training)
        return self.drop(x * weights, training=training)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.arguments}
