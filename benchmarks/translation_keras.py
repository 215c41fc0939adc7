"""The translator of Keras's layers: the peer of `translation.py train`.

The same sizes, the same dropout, loss and optimizer; Keras's own train step.
"""

import keras
import tensorflow as tf
from keras import layers

from seqapps import layers as ours
from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy

_LAYERS = {
    "gru": (layers.GRU, ours.GRU),
    "lstm": (layers.LSTM, ours.LSTM),
}


def network(codec, jit: bool, *, cell: str, units: int, **sizes):
    """A compiled functional model, as `translation.build_model` makes ours.

    Args:
        codec: of the data.
        jit: whether XLA compiles the train step.
        cell: "gru" or "lstm".
        units: of every state.
        **sizes: `layers` of the encoder, and the `embedding`.
    """
    kind = _LAYERS[cell][0]
    size = sizes["embedding"]
    drop = layers.Dropout(0.3)
    source = keras.Input([None], dtype="int32")
    written = keras.Input([None], dtype="int32")

    x = layers.Embedding(len(codec.source), size, mask_zero=True)(source)
    x = drop(x)  # it goes with its mask, up to the attention
    for _ in range(sizes["layers"]):
        walk = kind(units, return_sequences=True, return_state=True)
        x, *ends = layers.Bidirectional(walk)(x)
        x = drop(x)  # (batch, S, 2 * units)
    half = len(ends) // 2
    ends = layers.Concatenate()([ends[0], ends[half]])
    state = layers.Dense(units, activation="tanh")(ends)
    states = [state, layers.Lambda(tf.zeros_like)(state)][:half]

    embed = layers.ReversibleEmbedding(len(codec.target), size)
    y = drop(embed(written))
    h = kind(units, return_sequences=True)(y, initial_state=states)
    keys = layers.Dense(units, use_bias=False)(x)
    context = layers.Attention()([drop(h), x, keys])
    both = drop(layers.Concatenate()([h, context]))
    g = kind(units, return_sequences=True)(both, initial_state=states)
    said = layers.Concatenate()([g, context, y])
    said = drop(layers.Dense(size, activation="tanh")(said))
    logits = _Bias()(embed(said, reverse=True))

    model = keras.Model([source, written], logits)
    model.compile(
        optimizer=keras.optimizers.AdamW(
            0.002, weight_decay=0.0, global_clipnorm=1.0
        ),
        loss=SmoothedCrossentropy(0.1, reduction="mean_with_sample_weight"),
        weighted_metrics=[
            keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        ],
        jit_compile=jit,
    )
    return model


class _Bias(layers.Layer):
    """Adds a number to each class."""

    def build(self, input_shape):
        self.bias = self.add_weight((input_shape[-1],), "zeros")

    def call(self, inputs):
        return inputs + self.bias


def recurrent(
    cell: str, units: int, embedding: int, depth: int, batches
) -> dict:
    """Functions that walk both recurrent stacks forward and back.

    The encoder's walks are masked, each by its batch; the decoder's are not.
    Vectors are drawn once.
    """
    theirs, mine = _LAYERS[cell]
    draw = tf.random.Generator.from_seed(1)
    given = []
    for (source, written), *_ in batches:
        x = draw.normal([*source.shape, embedding])
        y = draw.normal([*written.shape, embedding])
        context = draw.normal([*written.shape, 2 * units])
        given.append((source != 0, x, y, context))
    ways = {"ours": (mine, False), "keras True": (theirs, True)}
    ways["keras False"] = theirs, False
    return {
        name: _walks(_Stacks(kind, units, depth, embedding), given, jit)
        for name, (kind, jit) in ways.items()
    }


class _Stacks:
    """All recurrent layers of the network, and nothing else."""

    def __init__(self, kind, units: int, depth: int, embedding: int):
        def walk(size, go_backwards=False):
            made = kind(units, return_sequences=True, go_backwards=go_backwards)
            made.build((None, None, size))
            return made

        sizes = [embedding] + [2 * units] * (depth - 1)
        self.pairs = [(walk(size), walk(size, True)) for size in sizes]
        self.writer, self.speaker = walk(embedding), walk(3 * units)
        every = [*sum(self.pairs, ()), self.writer, self.speaker]
        self.weights = [w.value for x in every for w in x.trainable_weights]

    def __call__(self, there, x, y, context):
        for ahead, back in self.pairs:
            both = ahead(x, mask=there, training=True)
            other = back(x, mask=there, training=True)
            x = tf.concat([both, tf.reverse(other, [1])], -1)
        h = self.writer(y, training=True)
        both = tf.concat([h, context], -1)
        return x, self.speaker(both, training=True)


def _walks(stacks, given: list, jit: bool):
    # of any length and any number of pairs, as `fit` has them
    spec = [tf.TensorSpec([None] * 2 + x.shape[2:], x.dtype) for x in given[0]]

    @tf.function(input_signature=spec, jit_compile=jit, autograph=False)
    def step(there, *inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = stacks(there, *inputs)
        return tape.gradient(outputs, [*inputs, *stacks.weights])

    def run():
        for inputs in given:
            step(*inputs)[-1].numpy()

    return run
