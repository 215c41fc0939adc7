"""Recurrent cells, and the walk that takes them through time."""

import importlib

# name: the module that has it; imported when first used (PEP 562), so that
# `import seqapps.layers` costs no TensorFlow
_HOME = {
    "Cell": "cell",
    "SimpleRNNCell": "simple_rnn",
    "LSTMCell": "lstm",
    "GRUCell": "gru",
    "RNN": "recurrence",
    "Bidirectional": "recurrence",
    "SimpleRNN": "simple_rnn",
    "LSTM": "lstm",
    "GRU": "gru",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOME[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)
