"""Recurrent cells, and the walk that takes them through time."""

from seqapps import lazy

_HOME = {
    "Cell": "cell",
    "LinearCell": "cell",
    "SimpleRNNCell": "simple_rnn",
    "LSTMCell": "lstm",
    "PeepholeLSTMCell": "peephole",
    "CoupledLSTMCell": "coupled",
    "ProjectionLSTMCell": "projection",
    "LayerNormLSTMCell": "layer_norm",
    "GRUCell": "gru",
    "LayerNormGRUCell": "layer_norm",
    "MinGRUCell": "min_gru",
    "RecurrentHighwayCell": "recurrent_highway",
    "Highway": "wrappers",
    "LearnedState": "wrappers",
    "Zoneout": "noise",
    "DropConnect": "noise",
    "RNN": "recurrence",
    "Bidirectional": "bidirectional",
    "SimpleRNN": "simple_rnn",
    "LSTM": "lstm",
    "GRU": "gru",
    "Attention": "attention",
    "AdditiveAttention": "attention",
    "DotAttention": "attention",
    "GeneralAttention": "attention",
    "from_keras": "conversion",
    "to_keras": "conversion",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
