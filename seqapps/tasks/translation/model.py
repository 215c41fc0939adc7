"""Builds and compiles the translator's network."""

from typing import Annotated, Any, Literal

from seqapps.console.arguments import (
    Count,
    Dropout,
    Range,
    checked,
)
from seqapps.errors import InputError
from seqapps.layers.cells.registry import CellName
from seqapps.training.old_settings import takes_optimizer


@takes_optimizer
@checked
def build_model(
    codec: Any,
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
    copy: bool = False,
    low_precision: bool = False,
) -> Any:
    """Builds and compiles an encoder and a decoder with attention.

        a_ts = softmax_s(score(h_t, v_s)),  c_t = sum_s a_ts v_s

    Args:
        codec: of the data.
        cell: the recurrent cell of the encoder and the decoder.
        units: state size of each layer and direction.
        layers: of the encoder, one to three; the decoder has two.
        embedding: size of the sub-word vectors; those of the target are also
            the weights of the output layer.
        attention: the score of a query and a source position: "additive"
            (Bahdanau 2015), "dot", "general" (Luong 2015); or "none", the
            lecture's bottleneck: one vector for the whole sentence.
        dropout: rate for the layers' inputs and outputs.
        recurrent_dropout: rate for the state from one step to the next.
        word_dropout: rate of sub-words left out in training.
        label_smoothing: share of each label spread evenly over the vocabulary.
        copy: also copy sub-words from the source, with a probability that is
            learned (a pointer); needs the one vocabulary of --data.joint.
        low_precision: multiply by the vectors of the vocabulary in bfloat16
            in training; twice as fast on processors that have AMX. Under
            --devices.precision mixed_bfloat16 they are so anyway.

    Returns:
        A compiled `keras.Model` from ids of the source `(batch, S)` and of
        the previous sub-words `(batch, T)` to logits `(batch, T, target)`.

    Raises:
        InputError: a number is out of its range.
    """
    import keras

    from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy
    from seqapps.tasks.translation.network import TranslationNetwork
    from seqapps.training.optimizer import default_optimizer

    if copy and codec.source.pieces != codec.target.pieces:
        raise InputError("--model.copy needs --data.joint: one vocabulary")
    if copy and attention == "none":
        raise InputError("--model.copy needs attention: there is none")
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
        copy,
        low_precision,
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
