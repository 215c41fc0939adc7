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
        openness: its mean.
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
def recorded(cell: Cell, time: int) -> Iterator[dict[str, Gate]]:
    """Keeps what the gates of a cell give, while it takes some steps.

    A cell names in `gates` what its `recurrent_activation` makes in a step,
    in order; for these steps another function stands in its place, which does
    the same and keeps the results. Of a cell that makes them several times
    over, they are u_1, u_2 ...; of a wrapper, those of the innermost cell.

    Args:
        cell: the cell.
        time: how many steps it will take.

    Yields:
        A dictionary, filled when the steps are done: a `Gate` by its name.
    """
    while isinstance(cell, Wrapper):
        cell = cell.inner
    names, found = getattr(cell, "gates", ()), {}
    if not names:
        yield found
        return
    activation, values = cell.recurrent_activation, []

    def record(a):
        values.append(activation(a))
        return values[-1]

    cell.recurrent_activation = record
    try:
        yield found
    finally:
        cell.recurrent_activation = activation
    calls = len(values) // time
    if calls > len(names):
        rounds = range(1, calls // len(names) + 1)
        names = [f"{name}_{i}" for i in rounds for name in names]
    for i, name in enumerate(names):
        gate = np.stack([ops.convert_to_numpy(x) for x in values[i::calls]])
        found[name] = Gate(
            openness=float(gate.mean()),
            left=float((gate < 0.1).mean()),
            right=float((gate > 0.9).mean()),
        )
