"""The cells by name. A new cell is one class, and one line of `_CELLS`.

Its name is then a choice of every `--model.cell`, and `tests/cells.py` tests
it against the NumPy function of that name in `tests/reference.py`. This file
does not import Keras, so that `--help` can read it.
"""

import importlib
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from seqapps.layers.cells.cell import Cell

_CELLS = {  # name: the module in this folder, and what makes the cell there
    "simple_rnn": "simple_rnn.SimpleRNNCell",
    "irnn": "simple_rnn.irnn",
    "lstm": "lstm.LSTMCell",
    "gru": "gru.GRUCell",
    "peephole_lstm": "peephole.PeepholeLSTMCell",
    "coupled_lstm": "coupled.CoupledLSTMCell",
    "projection_lstm": "projection.projection_lstm",
    "layer_norm_lstm": "layer_norm.LayerNormLSTMCell",
    "layer_norm_gru": "layer_norm.LayerNormGRUCell",
    "recurrent_highway": "recurrent_highway.RecurrentHighwayCell",
    "min_gru": "min_gru.MinGRUCell",
}
if TYPE_CHECKING:
    CellName: TypeAlias = str
else:
    CellName = Literal[tuple(_CELLS)]


def cell_names() -> list[str]:
    """Returns the names that `make_cell` takes."""
    return list(_CELLS)


def make_cell(cell: CellName, /, units: int, **arguments: Any) -> "Cell":
    """Makes a cell by its name.

    Args:
        cell: one of `cell_names()`.
        units: the size of the output.
        **arguments: further arguments of the cell. `recurrent_dropout=0` is
            taken for every cell, also for one without recurrent weights.

    Returns:
        The cell; `RNN(cell)` is a layer.

    Raises:
        ValueError: if there is no such cell, or it has no such argument.

    Example:
        ```python
        cell = seqapps.layers.make_cell("peephole_lstm", 5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """
    if cell not in _CELLS:
        raise ValueError(f"cell must be one of {', '.join(_CELLS)}: {cell!r}")
    if not arguments.get("recurrent_dropout", True):
        del arguments["recurrent_dropout"]
    module, name = _CELLS[cell].split(".")
    package = __name__.rpartition(".")[0]
    make = getattr(importlib.import_module(f"{package}.{module}"), name)
    result: Cell = make(units, **arguments)
    return result
