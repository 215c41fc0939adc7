"""Builds and compiles the classifier's network."""

from typing import Annotated, Any, Literal

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
    codec: Any,
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
    ordered: bool = False,
    shortcut: bool = False,
    dropout: Dropout = 0.4,
    recurrent_dropout: Dropout = 0.0,
    word_dropout: Dropout = 0.0,
    adversary: Amount = 0.0,
) -> Any:
    """Builds and compiles a network that classifies texts.

        x_t = E w_t;  h = RNN(x_1 ... x_T);  p = softmax(W pool(h) + b)

    Args:
        codec: of the data.
        kind: "recurrent"; or a baseline of the lecture: "bag" counts words,
            "window" sees the last few words, "big-window" the last many.
        cell: the recurrent cell.
        units: state size of each layer and direction.
        layers: recurrent layers, one to three.
        bidirectional: run the layers in both directions.
        pooling: how the states of all words become one vector.
        embedding: size of the word vectors.
        window: words of a window; 0 means 5, or 100 for "big-window".
        stride: words per time step, averaged.
        ordered: the classes rise, as stars from 1 to 5 do: numbers, or in the
            order of `--data.class-order`.
        shortcut: add a linear layer from the mean word vector to the logits.
        dropout: rate for word vectors and the pooled vector.
        recurrent_dropout: rate for the state from one step to the next.
        word_dropout: rate of words and n-grams left out in training.
        adversary: length of the adversarial perturbation of the word vectors
            in training, relative to theirs; training takes three times as
            long. 0 for none.

    Returns:
        A compiled `keras.Model` from ids `(batch, time, columns)` to
        logits `(batch, classes)`. Targets are probabilities of that shape.

    Raises:
        InputError: a number is out of its range, or the order of ordered
            classes is not known.
    """
    import keras

    from seqapps.errors import InputError
    from seqapps.tasks.sentiment.network import TextNetwork
    from seqapps.training.optimizer import default_optimizer

    if ordered and not codec.ranked:
        raise InputError(
            "--model.ordered needs classes that are numbers, or "
            f"--data.class-order: {','.join(codec.labels[:20])}"
        )
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
        ordered,
    )
    model.build((None, None, codec.columns))
    if codec.ratios:  # of the n-grams; the weight of words is 1
        words = [1.0] * (len(codec) - len(codec.ratios))
        model.ratios.assign([*words, *codec.ratios])
    model.compile(
        optimizer=default_optimizer(),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, reduction="sum"
        ),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    return model
