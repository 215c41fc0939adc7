"""The network, built and compiled: the next sub-word, given the source."""

from typing import Literal


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
    units: int = 256,
    layers: int = 1,
    embedding: int = 256,
    attention: Literal["additive", "dot", "general", "none"] = "general",
    dropout: float = 0.3,
    recurrent_dropout: float = 0.0,
    word_dropout: float = 0.0,
    label_smoothing: float = 0.1,
    learning_rate: float = 0.002,
    weight_decay: float = 0.0,
    average: float = 0.0,
    clip: float = 1.0,
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
        InputError: a size makes no sense.
    """
    import keras

    from seqapps.errors import InputError
    from seqapps.tasks.translation.loss import SmoothedCrossentropy
    from seqapps.tasks.translation.network import TranslationNetwork

    if not 1 <= layers <= 3:
        raise InputError(f"--model.layers is 1, 2 or 3, not {layers}")
    if min(units, embedding) < 1:
        raise InputError("--model.units and --model.embedding are 1 or more")
    shares = (dropout, recurrent_dropout, word_dropout, label_smoothing)
    for share in (*shares, average):
        if not 0 <= share < 1:
            raise InputError(
                "dropout, label smoothing and average are from 0 to below 1, "
                f"not {share}"
            )
    if min(learning_rate, clip) <= 0 or weight_decay < 0:
        raise InputError("--model.learning-rate and --model.clip are above 0")
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
