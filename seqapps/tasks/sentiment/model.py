"""The network, built and compiled: what class, given the words."""

from typing import Annotated, Literal

from seqapps.console.arguments import (
    Amount,
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
    kind: Literal["recurrent", "bag", "window", "big-window"] = "recurrent",
    cell: Literal[
        "simple_rnn",
        "irnn",
        "lstm",
        "gru",
        "peephole_lstm",
        "coupled_lstm",
        "layer_norm_lstm",
        "layer_norm_gru",
        "min_gru",
    ] = "lstm",
    units: Count = 64,
    layers: Annotated[int, Range(1, 3)] = 1,
    bidirectional: bool = True,
    pooling: Literal["last", "mean", "max", "attention", "mean-max"] = "max",
    embedding: Count = 64,
    window: Size = 0,
    stride: Count = 1,
    shortcut: bool = False,
    dropout: Dropout = 0.4,
    recurrent_dropout: Dropout = 0.0,
    word_dropout: Dropout = 0.0,
    adversary: Amount = 0.0,
    learning_rate: Positive = 0.002,
    decay_steps: Size = 0,
    weight_decay: Amount = 0.0,
    epsilon: Positive = 1e-7,
    clip: Positive = 1.0,
):
    """Builds and compiles a network that reads a text and says its class.

        x_t = E w_t;  h = RNN(x_1 ... x_T);  p = softmax(W pool(h) + b)

    Args:
        codec: of the data.
        kind: "recurrent"; or what a lecture shows to fail: "bag" counts words,
            "window" sees the last few, "big-window" the last many.
        cell: which recurrent cell.
        units: size of each layer's state, in each direction.
        layers: recurrent layers, one to three.
        bidirectional: read from both ends.
        pooling: how the states of all words become one vector.
        embedding: size of a word's vector.
        window: words of a window; 0 is 5, or 100 of a big one.
        stride: words that are read in one step, as their mean.
        shortcut: the mean of the vectors also goes straight to the classes.
        dropout: share of activations that training drops.
        recurrent_dropout: share of a state that it drops from step to step.
        word_dropout: share of words and of n-grams that it does not see.
        adversary: training also resists the worst step of the vectors that is
            so long, as a share of theirs; it takes three times as long.
        learning_rate: of Adam.
        decay_steps: steps in which the learning rate falls to a hundredth, as
            half a cosine; 0 keeps it.
        weight_decay: share of every weight that a step at rate 1 would take.
        epsilon: of Adam; a larger one, such as 1e-5, keeps rare words and
            n-grams from the long steps that Adam takes for what is rare.
        clip: longest gradient, over all weights together.

    Returns:
        A compiled `keras.Model` from `(batch, time, columns)` numbers to
        `(batch, classes)` logits.

    Raises:
        InputError: a number is out of its range.
    """
    import keras

    from seqapps.tasks.sentiment.network import TextNetwork

    model = TextNetwork(
        len(codec),
        codec.columns,
        len(codec.labels),
        kind,
        cell,
        units,
        layers,
        bidirectional,
        pooling,
        embedding,
        window,
        stride,
        shortcut,
        dropout,
        recurrent_dropout,
        word_dropout,
        adversary,
    )
    model.build((None, None, codec.columns))
    if codec.ratios:  # of the n-grams; words weigh 1
        words = [1.0] * (len(codec) - len(codec.ratios))
        model.ratios.assign([*words, *codec.ratios])
    rate = learning_rate
    if decay_steps:
        rate = keras.optimizers.schedules.CosineDecay(
            learning_rate, decay_steps, alpha=0.01
        )
    model.compile(
        optimizer=keras.optimizers.AdamW(
            rate,
            weight_decay=weight_decay,
            epsilon=epsilon,
            global_clipnorm=clip,
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="sum"
        ),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    model.optimizer.build(model.trainable_variables)
    return model
