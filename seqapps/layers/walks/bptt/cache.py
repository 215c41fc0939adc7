"""Where compiled walks are kept, and for how long (TensorFlow)."""

from typing import Any, TypeAlias

import tensorflow as tf

from seqapps.layers.cells.cell import Cell
from seqapps.private import layers_inside

_ATTRIBUTE = "_compiled_walks"  # of a cell
_NO_SETTINGS = (_ATTRIBUTE, "_noise")  # attributes that no walk depends on
_Settings: TypeAlias = list[tuple[str, Any]]


class CompiledWalks:
    """The compiled walks of a cell; copies of the cell start without any."""

    def __init__(self) -> None:
        self.by_key: dict[str, Any] = {}
        self.settings: _Settings = []
        self.referents: list[Any] = []  # or another object could get an id

    def __deepcopy__(self, memo: Any) -> "CompiledWalks":
        return CompiledWalks()

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return CompiledWalks, ()


def compiled_walks(cell: Cell) -> dict[str, Any]:
    """Returns the walks that were compiled for a cell as it is now.

    A graph is traced once, so its walks live as long as the graph: a new trace
    compiles new ones. Outside of graphs they live as long as the cell. A
    changed setting of the cell discards them.

    Args:
        cell: a built cell.
    """
    if tf.executing_eagerly():
        # past `__setattr__`, so that Keras does not track it
        walks = cell.__dict__.setdefault(_ATTRIBUTE, CompiledWalks())
    else:
        graph = tf.compat.v1.get_default_graph()
        if not hasattr(graph, "seqapps_walks"):
            graph.seqapps_walks = {}
        walks = graph.seqapps_walks.setdefault(id(cell), CompiledWalks())
    settings, referents = _settings(cell)
    if walks.settings != settings:
        walks.by_key.clear()
        walks.settings, walks.referents = settings, referents
    by_key: dict[str, Any] = walks.by_key
    return by_key


def _settings(cell: Cell) -> tuple[_Settings, list[Any]]:
    """Returns the attributes of a cell, and the objects whose ids they hold."""
    settings: _Settings = []
    referents: list[Any] = [cell]
    for layer in layers_inside(cell):
        for name, value in vars(layer).items():
            if name in _NO_SETTINGS:
                continue
            values = value if isinstance(value, (list, tuple)) else [value]
            for one in values:
                plain = one is None or isinstance(one, (bool, int, float, str))
                settings.append((name, one if plain else id(one)))
                referents.append(one)
    return settings, referents
