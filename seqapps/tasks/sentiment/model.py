"""The network, built and compiled: what class, given the words."""

from typing import Annotated, Literal

from seqapps.console.arguments import (
    Amount,
    Count,
    Dropout,
    Range,
    Size,
    checked,
)
from seqapps.layers.cells.registry import CellName
from seqapps.training.old_settings import takes_optimizer


@takes_optimizer
@checked
def build_model(
    codec,
    *,
    kind: Literal["recurrent", "bag", "window", "big-window"] = "recurrent",
    cell: CellName = "lstm",
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

    Returns:
        A compiled `keras.Model` from `(batch, time, columns)` numbers to
        `(batch, classes)` logits.

    Raises:
        InputError: a number is out of its range.
    """
    import keras

    from seqapps.tasks.sentiment.network import TextNetwork
    from seqapps.training.optimizer import default_optimizer

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
    model.compile(
        optimizer=default_optimizer(),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="sum"
        ),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    return model
