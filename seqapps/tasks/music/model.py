"""The network: what comes next, given what came before."""

from typing import Annotated, Literal

from seqapps.console.arguments import (
    Count,
    Dropout,
    Positive,
    Range,
    Size,
    checked,
)


@checked
def build_model(
    codec,
    *,
    cell: Literal["lstm", "gru", "simple_rnn"] = "lstm",
    units: Count = 256,
    layers: Annotated[int, Range(1, 3)] = 2,
    embedding: Count = 128,
    dropout: Dropout = 0.2,
    recurrent_dropout: Dropout = 0.0,
    learning_rate: Positive = 0.002,
    decay_steps: Size = 0,
    clip: Positive = 1.0,
):
    """Builds and compiles a network that reads a tune and says what follows.

        e_t = E[x_t];  h_t = RNN(e_1 ... e_t);  p(x_{t+1}) = softmax(W h_t + b)

    Args:
        codec: of the data; its length is the size of the vocabulary.
        cell: which recurrent cell.
        units: size of each layer's state.
        layers: recurrent layers, one to three.
        embedding: size of a token's vector.
        dropout: share of activations that training drops between layers.
        recurrent_dropout: share of a state that it drops from step to step.
        learning_rate: of Adam.
        decay_steps: steps in which the learning rate falls to a hundredth, as
            half a cosine; 0 keeps it.
        clip: longest gradient, over all weights together.

    Returns:
        A compiled `keras.Model` from `(batch, time)` tokens to
        `(batch, time, vocabulary)` logits.

    Raises:
        InputError: a number is out of its range.
    """
    import keras

    from seqapps.tasks.music.network import LanguageModel

    model = LanguageModel(
        len(codec),
        codec.contexts,
        codec.lookbacks,
        cell,
        units,
        layers,
        embedding,
        dropout,
        recurrent_dropout,
    )
    model.build((None, None, None))
    rate = learning_rate
    if decay_steps:
        rate = keras.optimizers.schedules.CosineDecay(
            learning_rate, decay_steps, alpha=0.01
        )
    model.compile(
        optimizer=keras.optimizers.Adam(rate, global_clipnorm=clip),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="sum"
        ),
    )
    model.optimizer.build(model.trainable_variables)
    return model
