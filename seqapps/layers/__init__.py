"""Recurrent cells, and the walk that takes them through time."""

import importlib

# name: the module that has it; imported when first used (PEP 562), so that
# `import seqapps.layers` costs no TensorFlow
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
    "from_keras": "conversion",
    "to_keras": "conversion",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOME[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
