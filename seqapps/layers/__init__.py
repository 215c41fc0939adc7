"""Recurrent cells, recurrent layers and attention."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.layers.attention import BahdanauAttention as BahdanauAttention
    from seqapps.layers.attention import BaseAttention as BaseAttention
    from seqapps.layers.attention import DotAttention as DotAttention
    from seqapps.layers.attention import GeneralAttention as GeneralAttention
    from seqapps.layers.bidirectional import Bidirectional as Bidirectional
    from seqapps.layers.cells.cell import Cell as Cell
    from seqapps.layers.cells.cell import LinearCell as LinearCell
    from seqapps.layers.cells.coupled import CoupledLSTMCell as CoupledLSTMCell
    from seqapps.layers.cells.gru import GRUCell as GRUCell
    from seqapps.layers.cells.layer_norm import (
        LayerNormGRUCell as LayerNormGRUCell,
    )
    from seqapps.layers.cells.layer_norm import (
        LayerNormLSTMCell as LayerNormLSTMCell,
    )
    from seqapps.layers.cells.lstm import LSTMCell as LSTMCell
    from seqapps.layers.cells.lstm import LSTMState as LSTMState
    from seqapps.layers.cells.min_gru import MinGRUCell as MinGRUCell
    from seqapps.layers.cells.noise import DropConnect as DropConnect
    from seqapps.layers.cells.noise import Zoneout as Zoneout
    from seqapps.layers.cells.peephole import (
        PeepholeLSTMCell as PeepholeLSTMCell,
    )
    from seqapps.layers.cells.projection import (
        ProjectionLSTMCell as ProjectionLSTMCell,
    )
    from seqapps.layers.cells.recurrent_highway import (
        RecurrentHighwayCell as RecurrentHighwayCell,
    )
    from seqapps.layers.cells.registry import cell_names as cell_names
    from seqapps.layers.cells.registry import make_cell as make_cell
    from seqapps.layers.cells.simple_rnn import SimpleRNNCell as SimpleRNNCell
    from seqapps.layers.cells.wrappers import Highway as Highway
    from seqapps.layers.cells.wrappers import LearnedState as LearnedState
    from seqapps.layers.conversion import from_keras as from_keras
    from seqapps.layers.conversion import to_keras as to_keras
    from seqapps.layers.gru import GRU as GRU
    from seqapps.layers.lstm import LSTM as LSTM
    from seqapps.layers.rnn import RNN as RNN
    from seqapps.layers.simple_rnn import SimpleRNN as SimpleRNN

_HOME = {
    "Cell": "cells.cell",
    "LinearCell": "cells.cell",
    "SimpleRNNCell": "cells.simple_rnn",
    "LSTMCell": "cells.lstm",
    "LSTMState": "cells.lstm",
    "PeepholeLSTMCell": "cells.peephole",
    "CoupledLSTMCell": "cells.coupled",
    "ProjectionLSTMCell": "cells.projection",
    "LayerNormLSTMCell": "cells.layer_norm",
    "GRUCell": "cells.gru",
    "LayerNormGRUCell": "cells.layer_norm",
    "MinGRUCell": "cells.min_gru",
    "RecurrentHighwayCell": "cells.recurrent_highway",
    "Highway": "cells.wrappers",
    "LearnedState": "cells.wrappers",
    "Zoneout": "cells.noise",
    "DropConnect": "cells.noise",
    "RNN": "rnn",
    "Bidirectional": "bidirectional",
    "SimpleRNN": "simple_rnn",
    "LSTM": "lstm",
    "GRU": "gru",
    "BaseAttention": "attention",
    "BahdanauAttention": "attention",
    "DotAttention": "attention",
    "GeneralAttention": "attention",
    "make_cell": "cells.registry",
    "cell_names": "cells.registry",
    "from_keras": "conversion",
    "to_keras": "conversion",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(
    __name__,
    # a class of its own, for weights on disk
    {**_HOME, "AdditiveAttention": "release_0_1"},
    {"Attention": "BaseAttention", "AdditiveAttention": "BahdanauAttention"},
)


def __dir__() -> list[str]:
    return sorted(__all__)
