"""The network, built and compiled: the next sub-word, given the source."""

from typing import Annotated, Literal

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
    cell: CellName = "gru",
    units: Count = 256,
    layers: Annotated[int, Range(1, 3)] = 1,
    embedding: Count = 256,
    attention: Literal["additive", "dot", "general", "none"] = "general",
    dropout: Dropout = 0.3,
    recurrent_dropout: Dropout = 0.0,
    word_dropout: Dropout = 0.0,
    label_smoothing: Dropout = 0.1,
):
    """Builds and compiles an encoder and a decoder with attention.

        a_ts = softmax_s(score(h_t, v_s)),  c_t = sum_s a_ts v_s

    Args:
        codec: of the data.
        cell: which recurrent cell, in the encoder and in the decoder.
        units: size of each layer's state, in each direction.
        layers: of the encoder, one to three; the decoder has two.
        embedding: size of a sub-word's vector; the target's vectors are also
            those that the answer is compared with.
        attention: how a query is compared with a place: "additive" (Bahdanau
            2015), "dot", "general" (Luong 2015); or "none", the lecture's
            bottleneck: one vector for the whole sentence.
        dropout: share of activations that training drops.
        recurrent_dropout: share of a state that it drops from step to step.
        word_dropout: share of sub-words that it does not see.
        label_smoothing: share of the probability for what was not said.

    Returns:
        A compiled `keras.Model` from the numbers of a source `(batch, S)` and
        of what has been written `(batch, T)` to logits `(batch, T, target)`.

    Raises:
        InputError: a number is out of its range.
    """
    import keras

    from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy
    from seqapps.tasks.translation.network import TranslationNetwork
    from seqapps.training.optimizer import default_optimizer

    model = TranslationNetwork(
        len(codec.source),
        len(codec.target),
        cell,
        units,
        layers,
        embedding,
        attention,
        dropout,
        recurrent_dropout,
        word_dropout,
    )
    model.build([(None, None), (None, None)])
    model.compile(
        optimizer=default_optimizer(),
        loss=SmoothedCrossentropy(label_smoothing),
        weighted_metrics=[
            keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        ],
    )
    return model
