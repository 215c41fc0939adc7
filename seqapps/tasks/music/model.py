"""The network: what comes next, given what came before."""

from typing import Annotated

from seqapps.console.arguments import (
    Count,
    Dropout,
    Range,
    checked,
)
from seqapps.layers.cells.registry import CellName
from seqapps.training.old_settings import takes_optimizer


@takes_optimizer
@checked
def build_model(
    codec,
    *,
    cell: CellName = "lstm",
    units: Count = 256,
    layers: Annotated[int, Range(1, 3)] = 2,
    embedding: Count = 128,
    dropout: Dropout = 0.2,
    recurrent_dropout: Dropout = 0.0,
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

    Returns:
        A compiled `keras.Model` from `(batch, time)` tokens to
        `(batch, time, vocabulary)` logits.

    Raises:
        InputError: a number is out of its range.
    """
    import keras

    from seqapps.tasks.music.network import LanguageModel
    from seqapps.training.optimizer import default_optimizer

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
    model.compile(
        optimizer=default_optimizer(),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="sum"
        ),
    )
    return model
