"""The network: an encoder, a decoder, and attention between them."""

import keras
from keras import ops

from seqapps import layers as recurrent
from seqapps.layers.cells.arguments import named
from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy
from seqapps.tasks.translation.blocks.memory import Memory, remember
from seqapps.training.mean_loss import MeanLoss
from seqapps.training.train_step import TrainStep

CELLS = {
    "simple_rnn": recurrent.SimpleRNNCell,
    "lstm": recurrent.LSTMCell,
    "gru": recurrent.GRUCell,
    "peephole_lstm": recurrent.PeepholeLSTMCell,
    "coupled_lstm": recurrent.CoupledLSTMCell,
    "layer_norm_lstm": recurrent.LayerNormLSTMCell,
    "layer_norm_gru": recurrent.LayerNormGRUCell,
}
ATTENTION = {
    "additive": recurrent.AdditiveAttention,
    "dot": recurrent.DotAttention,
    "general": recurrent.GeneralAttention,
}


@keras.saving.register_keras_serializable(package="seqapps")
class TranslationNetwork(TrainStep, keras.Model):
    """Reads a sentence in one language and writes it in another.

    ```
    v = BiRNN(F x)                              the source, read both ways
    h = RNN(E y; h_0 = tanh(W_0 v_end))         what has been written
    a_ts = softmax_s(score(h_t, v_s))           where to look next
    c_t = sum_s a_ts v_s                        what is there
    g = RNN([h_t; c_t])                         what to say of it
    logits_t = E tanh(W [g_t; c_t; E y_t]) + b  the next sub-word
    ```
    with y_t the sub-word before the one asked for. No attention goes back into
    h, so training walks whole sequences; `step` does the same for one
    sub-word. Without attention c_t is one vector for all t, made of the
    encoder's last states: the bottleneck that attention was invented for.

    Args:
        source, target: how many numbers each has.
        cell: a name of `CELLS`.
        units: size of a state, in each direction.
        depth: layers of the encoder.
        embedding: size of a sub-word's vector.
        attention: a name of `ATTENTION`, or "none".
        dropout: share of activations that training drops.
        recurrent_dropout: share of a state that it drops, from step to step.
        word_dropout: share of sub-words that it does not see.
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
        **kwargs,
    ):
        arguments = named(locals())
        super().__init__(**kwargs)
        self.arguments = arguments
        small = keras.initializers.RandomNormal(stddev=embedding**-0.5)
        self.embed_source = keras.layers.Embedding(source, embedding, small)
        self.embed_target = keras.layers.ReversibleEmbedding(
            target, embedding, embeddings_initializer=small
        )
        self.drop = keras.layers.Dropout(dropout)
        self.drop_words = keras.layers.Dropout(word_dropout)

        def walk(**kwargs):
            made = CELLS[cell](units, recurrent_dropout=recurrent_dropout)
            kwargs |= {"return_sequences": True, "return_state": True}
            return recurrent.RNN(made, **kwargs)

        self.forward = [walk() for _ in range(depth)]
        self.backward = [walk(go_backwards=True) for _ in range(depth)]
        self.writer, self.speaker = walk(), walk()
        self.begin = keras.layers.Dense(units, activation="tanh")
        self.attend = self.squeeze = self.narrow = None
        if attention == "none":
            self.squeeze = keras.layers.Dense(2 * units, activation="tanh")
        else:
            sizes = [units] if attention == "additive" else []
            self.attend = ATTENTION[attention](*sizes)
        if attention == "dot":  # is for vectors of one size
            self.narrow = keras.layers.Dense(units)
        self.say = keras.layers.Dense(embedding, activation="tanh")

    def build(self, input_shape):
        units, size = self.arguments["units"], self.arguments["embedding"]
        self.embed_source.build((None, None))
        self.embed_target.build((None, None))
        self.writer.build((None, None, size))
        context = units if self.narrow else 2 * units
        self.speaker.build((None, None, units + context))
        self.say.build((None, None, units + context + size))
        for forward, backward in zip(self.forward, self.backward, strict=True):
            forward.build((None, None, size))
            backward.build((None, None, size))
            size = 2 * units
        self.begin.build((None, size))
        if self.narrow:
            self.narrow.build((None, None, size))
        if self.attend:
            self.attend.build((None, None, units), (None, None, context))
        else:
            self.squeeze.build((None, size))
        self.bias = self.add_weight(
            shape=(self.arguments["target"],), initializer="zeros", name="bias"
        )
        self.built = True

    def call(self, inputs, training=False):
        return self.look(inputs, training)[0]

    def look(self, inputs, training=False) -> tuple:
        """Logits `(batch, T, target)` and attention `(batch, T, S)`.

        Args:
            inputs: numbers of the source, `(batch, S)`, and of what has been
                written before each step, `(batch, T)`.
            training: whether to drop.
        """
        source, written = (ops.cast(x, "int32") for x in inputs)
        return self.follow(written, *self.encode(source, training), training)

    def follow(self, written, memory: Memory, states: list, training=False):
        """`look` with what `encode` made of the source."""
        x = self._vectors(self.embed_target, written, training)
        h, *_ = self.writer(x, initial_state=states[0], training=training)
        context, looks = self._look(h, memory.values, memory, training)
        both = ops.concatenate([h, context], axis=-1)
        both = self.drop(both, training=training)
        g, *_ = self.speaker(both, initial_state=states[1], training=training)
        said = self.say(ops.concatenate([g, context, x], axis=-1))
        said = self.drop(said, training=training)  # (batch, T, embedding)
        logits = ops.matmul(said, ops.transpose(self._words()))
        return ops.cast(logits, "float32") + self.bias, looks

    def encode(self, source, training=False) -> tuple:
        """What the decoder needs: the memory, and its first states.

        Args:
            source: `(batch, S)` numbers, 0 where padded.
            training: whether to drop.
        """
        mask = source != 0  # (batch, S)
        x = self._vectors(self.embed_source, source, training)
        for forward, backward in zip(self.forward, self.backward, strict=True):
            ahead, *last = forward(x, mask=mask, training=training)
            back, *first = backward(x, mask=mask, training=training)
            x = ops.concatenate([ahead, ops.flip(back, 1)], axis=-1)
            x = self.drop(x, training=training)  # (batch, S, 2 * units)
        ends = ops.concatenate([last[0], first[0]], axis=-1)
        ends = ops.cast(ends, self.compute_dtype)  # (batch, 2 * units)
        if self.attend is None:
            x, keys = self.squeeze(ends)[:, None], ()
            mask = mask[:, :1]
        else:
            x = self.narrow(x) if self.narrow else x
            keys = self.attend.prepare(x)
        state = self.begin(ends)  # (batch, units)
        states = []
        for layer in (self.writer, self.speaker):
            zeros = layer.cell.get_initial_state(ops.shape(source)[0])
            states.append([ops.cast(state, zeros[0].dtype), *zeros[1:]])
        memory = remember(self, x, keys, mask, self._words())
        return memory, states

    def step(self, tokens, states: list, memory: Memory) -> tuple:
        """One sub-word on: logits `(rows, target)`, states, attention.

        There may be more logits, of no sub-word: they are -inf.

        Args:
            tokens: `(rows,)`, the last; rows of a source stand together.
            states: of the decoder's layers.
            memory: of the sources.
        """
        x = self.embed_target(tokens)  # (rows, embedding)
        h, first = self.writer.cell(x, states[0])  # (rows, units)
        seen, looks = self._look(h[:, None], memory.seen, memory)
        gates = memory.seen.shape[-1] - x.shape[-1]
        given, said = seen[:, 0, :gates], seen[:, 0, gates:]
        cell = self.speaker.cell
        p = memory.project(cell, h, given)
        g, second = cell.advance(p, states[1], cell.draw(h))
        both = ops.concatenate([g, x], axis=-1)
        said = ops.tanh(cell.matmul(both, memory.says) + said + self.say.bias)
        logits = ops.matmul(said, ops.transpose(memory.words))
        logits = ops.cast(logits, "float32") + memory.bias
        return logits, [first, second], looks[:, 0]

    def _words(self):
        """Vectors of all target sub-words, `(target, embedding)`."""
        if self.embed_target.quantization_mode:
            return self.embed_target(ops.arange(self.arguments["target"]))
        return ops.cast(self.embed_target.embeddings, self.compute_dtype)

    def _vectors(self, embed, ids, training):
        x = embed(ids)  # (batch, time, embedding)
        there = ops.cast(ids != 0, x.dtype)[..., None]
        return self.drop(
            x * self.drop_words(there, training=training), training=training
        )

    def _look(self, h, values, memory, training=False):
        """What h sees of values; several rows of h may be of one source."""
        shape = ops.shape(h)
        sources = ops.shape(memory.mask)[0]
        h = ops.reshape(h, (sources, -1, h.shape[-1]))
        if self.attend is None:
            context = ops.zeros_like(h[..., :1]) + values
            looks = context[..., :1] * 0.0
        else:
            context, looks = self.attend(
                self.drop(h, training=training),
                values,
                keys=memory.keys,
                values_mask=memory.mask,
            )  # (batch, T, 2 * units), (batch, T, S)
        context, looks = (
            ops.reshape(y, (*shape[:2], ops.shape(y)[-1]))
            for y in (context, looks)
        )
        return context, looks

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """The compiled loss; of what is held out, without any smoothing."""
        if training:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        return MeanLoss(SmoothedCrossentropy(0.0))(y, y_pred, sample_weight)

    def get_config(self) -> dict:
        return {**super().get_config(), **self.arguments}
