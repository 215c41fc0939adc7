"""The network, built and compiled: the next sub-word, given the source."""

from typing import Annotated, Literal

from seqapps.console.arguments import (
    Amount,
    Count,
    Dropout,
    Positive,
    Range,
    checked,
)


@checked
def build_model(
    codec,
    *,
    cell: Literal[
        "simple_rnn",
        "lstm",
        "gru",
        "peephole_lstm",
        "coupled_lstm",
        "layer_norm_lstm",
        "layer_norm_gru",
    ] = "gru",
    units: Count = 256,
    layers: Annotated[int, Range(1, 3)] = 1,
    embedding: Count = 256,
    attention: Literal["additive", "dot", "general", "none"] = "general",
    dropout: Dropout = 0.3,
    recurrent_dropout: Dropout = 0.0,
    word_dropout: Dropout = 0.0,
    label_smoothing: Dropout = 0.1,
    learning_rate: Positive = 0.002,
    weight_decay: Amount = 0.0,
    average: Dropout = 0.0,
    clip: Positive = 1.0,
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
        learning_rate: of Adam; see --fit.warmup and --fit.decay.
        weight_decay: share of every weight that a step at rate 1 would take.
        average: validate, and keep, an exponential mean of the weights, of
            which a step keeps this share, such as 0.999; 0 takes the weights.
        clip: longest gradient, over all weights together.

    Returns:
        A compiled `keras.Model` from the numbers of a source `(batch, S)` and
        of what has been written `(batch, T)` to logits `(batch, T, target)`.

    Raises:
        InputError: a number is out of its range.
    """
    import keras

    from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy
    from seqapps.tasks.translation.network import TranslationNetwork

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
        optimizer=keras.optimizers.AdamW(
            learning_rate,
            weight_decay=weight_decay,
            global_clipnorm=clip,
            use_ema=average > 0,
            ema_momentum=average or 0.99,
        ),
        loss=SmoothedCrossentropy(label_smoothing),
        weighted_metrics=[
            keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        ],
    )
    model.optimizer.build(model.trainable_variables)
    return model
