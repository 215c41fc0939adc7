"""The network and its loss."""

from typing import Annotated

from seqapps.console.arguments import Count, Dropout, Range, checked
from seqapps.layers.cells.registry import CellName


@checked
def build_model(
    codec,
    *,
    cell: CellName = "lstm",
    units: Count = 192,
    layers: Annotated[int, Range(1, 3)] = 1,
    embedding: Count = 48,
    dropout: Dropout = 0.3,
    recurrent_dropout: Dropout = 0.0,
):
    """Builds and compiles the network; see `ChoraleModel`.

    Args:
        codec: of the data.
        cell: which recurrent cell.
        units: size of each layer's state.
        layers: recurrent layers of each of the three directions.
        embedding: size of a note's vector.
        dropout: share of activations that training drops between layers.
        recurrent_dropout: share of a state that it drops from step to step.

    Returns:
        A compiled `keras.Model` from `(batch, time, features)` integers to
        `(batch, time, 4, vocabulary)` logits.

    Raises:
        InputError: a number is out of its range.
    """
    import keras

    from seqapps.tasks.chorale.network import ChoraleModel
    from seqapps.training.optimizer import default_optimizer

    model = ChoraleModel(
        cell, units, layers, embedding, dropout, recurrent_dropout
    )
    model.build((None, None, None))
    model.compile(
        optimizer=default_optimizer(),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="sum"
        ),
    )
    return model
