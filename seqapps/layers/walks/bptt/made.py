"""Where compiled walks are kept, and for how long (TensorFlow)."""

import tensorflow as tf

from seqapps.private import layers_inside


class Walks(dict):
    """Compiled walks by their kind; a copy of their cell begins without."""

    def __deepcopy__(self, memo):
        return Walks()

    def __reduce__(self):
        return Walks, ()


def walks_of(cell) -> dict:
    """Returns the walks made for a cell as it is now.

    A graph is traced once, so its walks live with the graph: a new trace makes
    new ones. Where nothing is traced they live with the cell. Either way they
    live for as long as no setting of the cell changes.

    Args:
        cell: a built cell.
    """
    if tf.executing_eagerly():
        kept = vars(cell).setdefault("_walks", Walks())  # unseen by Keras
    else:
        graph = tf.compat.v1.get_default_graph()
        if not hasattr(graph, "seqapps_walks"):
            graph.seqapps_walks = {}
        kept = graph.seqapps_walks.setdefault(id(cell), Walks())
    settings, held = _settings(cell)
    if kept.get("settings") != settings:
        kept.clear()
        kept.update(settings=settings, held=held)
    return kept


def _settings(cell) -> tuple[list, list]:
    """Returns what can be set of a cell, and the objects named by it."""
    settings, held = [], [cell]
    for layer in layers_inside(cell):
        for name, value in vars(layer).items():
            if name in ("_walks", "_noise"):
                continue
            values = value if isinstance(value, (list, tuple)) else [value]
            for one in values:
                plain = one is None or isinstance(one, (bool, int, float, str))
                settings.append((name, one if plain else id(one)))
                held.append(one)  # or another could get its id
    return settings, held
