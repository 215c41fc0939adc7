"""How open the gates of a cell are."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from keras import ops

from seqapps.layers.cells.cell import Cell
from seqapps.layers.cells.wrappers import Wrapper


@dataclass(frozen=True)
class Gate:
    """How open a gate was, over all rows, steps and units.

    Args:
        openness: the mean of its values.
        left: the share of values below 0.1, "left-saturated".
        right: the share of values above 0.9, "right-saturated".

    Source:
        Karpathy, Johnson and Fei-Fei 2015, "Visualizing and understanding
        recurrent networks", arXiv:1506.02078, section 4.2.
    """

    openness: float
    left: float
    right: float

    @property
    def saturation(self) -> float:
        """The share of values on either side."""
        return self.left + self.right


@contextlib.contextmanager
def record_gates(cell: Cell, time: int) -> Iterator[dict[str, Gate]]:
    """Records the values of a cell's gates while it steps.

    A cell names in `gates` the results of its `recurrent_activation` in a
    step, in order. Meanwhile another function takes its place, which returns
    the same and keeps the results. If a cell computes its gates several times
    in a step, they are called u_1, u_2 ...; a wrapper has the gates of the
    innermost cell.

    Args:
        cell: the cell.
        time: how many steps it will take.

    Yields:
        A dictionary, filled when the steps are done: a `Gate` by its name.
    """
    while isinstance(cell, Wrapper):
        cell = cell.inner
    names, gates = getattr(cell, "gates", ()), {}
    if not names:
        yield gates
        return
    activation, values = cell.recurrent_activation, []

    def record(a):
        values.append(activation(a))
        return values[-1]

    cell.recurrent_activation = record
    try:
        yield gates
    finally:
        cell.recurrent_activation = activation
    calls = len(values) // time
    if calls > len(names):
        rounds = range(1, calls // len(names) + 1)
        names = [f"{name}_{i}" for i in rounds for name in names]
    for i, name in enumerate(names):
        openness = np.stack([ops.convert_to_numpy(x) for x in values[i::calls]])
        gates[name] = Gate(
            openness=float(openness.mean()),
            left=float((openness < 0.1).mean()),
            right=float((openness > 0.9).mean()),
        )
