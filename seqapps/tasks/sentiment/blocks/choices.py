"""The layers that `build_model` chooses by name."""

from collections.abc import Callable
from typing import Any

from seqapps import layers


def _irnn(units: int, **kwargs: Any) -> Any:
    """ReLU, U initialised to I (Le, Jaitly and Hinton 2015)."""
    return layers.SimpleRNNCell(
        units, "relu", recurrent_initializer="identity", **kwargs
    )


CELLS: dict[str, Callable[..., Any]] = {
    "simple_rnn": layers.SimpleRNNCell,
    "irnn": _irnn,
    "lstm": layers.LSTMCell,
    "gru": layers.GRUCell,
    "peephole_lstm": layers.PeepholeLSTMCell,
    "coupled_lstm": layers.CoupledLSTMCell,
    "layer_norm_lstm": layers.LayerNormLSTMCell,
    "layer_norm_gru": layers.LayerNormGRUCell,
    "min_gru": layers.MinGRUCell,
}
