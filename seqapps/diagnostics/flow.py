"""How a gradient grows or shrinks on its way back through time."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from seqapps.diagnostics.gates import Gate, recorded
from seqapps.layers.cells.cell import Cell
from seqapps.layers.rnn import RNN


@dataclass(frozen=True)
class GradientFlow:
    """What `gradient_flow` measured.

    Args:
        lags: k, `(lags,)`: 1, 2, 3 ...
        norms: the norm at every lag `(lags,)`, its geometric mean over rows.
        rows: the norm of every row `(batch, lags)`.
        gates: a `Gate` by its name in the cell's equations; none for a cell
            that has no `gates`.
    """

    lags: np.ndarray
    norms: np.ndarray
    rows: np.ndarray
    gates: dict[str, Gate]


def gradient_flow(
    layer: RNN,
    inputs,
    lags: int | None = None,
    states: Sequence[int] | None = None,
    initial_state=None,
) -> GradientFlow:
    """Measures how a gradient grows or shrinks on its way back through time.

    With s_t all states of the cell side by side, `(size,)` for a row (h_t and
    c_t of an LSTM; h_t where there is no more), and T the last step:
    ```
    J_t = ds_t / ds_{t-1}                        (size, size)
    ds_T / ds_{T-k} = J_T J_{T-1} ... J_{T-k+1}  (size, size), the chain rule
    norm_k = || ds_T / ds_{T-k} ||_2             the largest singular value
    ```
    The norm is how many times longer a gradient at step T can become by step
    T - k, in the direction that serves it best; a typical one does no better.
    Every row of the batch is one measurement; their geometric mean is what
    tells a decay rate, for a product of steps is a sum of logarithms. One row
    of norm 0 (every ReLU shut, somewhere on the way) makes it 0; a row whose
    states overflow is NaN, and makes it NaN.

    All states are taken, as a gradient that goes back through an LSTM's h
    alone is not what trains it: most of it goes through c. `states` takes
    some of them only: [1] of an LSTM is dc_T / dc_{T-k}, the other state
    being held at T - k, and free in between.

    No J_t is ever formed: all unit vectors at T walk back together, one step
    at a time, and are scaled at each, so that no norm is lost to underflow.
    It is back-propagation through time, written out. The layer is taken as
    at inference, without dropout and without a mask; one that is stateful
    begins anew, and keeps the states it has.

    Args:
        layer: an `RNN` around a `seqapps.layers.Cell`; it is built if it is
            not yet.
        inputs: `(batch, time, features)`; one that is `go_backwards` reads
            them from the end, and T is then the first.
        lags: how many steps to go back; all of them by default.
        states: which states, by number; all of them by default.
        initial_state: a tensor `(batch, size)`, or a list of such, to begin
            with; else the cell's own.

    Returns:
        A `GradientFlow`. Its gates are those of the innermost cell.

    Raises:
        ValueError: if the layer walks no cell of ours, or `inputs`, `lags` or
            `states` do not fit it.
        NotImplementedError: on another backend than TensorFlow and JAX.

    Source:
        Pascanu, Mikolov and Bengio 2013, "On the difficulty of training
        recurrent neural networks", arXiv:1211.5063, section 2.

    Example:
        ```python
        layer = seqapps.layers.RNN(seqapps.layers.LSTMCell(5))
        flow = gradient_flow(layer, keras.random.normal((3, 7, 2)))
        flow.norms.shape, list(flow.gates)  # ((7,), ["i", "f", "o"])
        ```
    """
    cell = getattr(layer, "cell", None)
    if not isinstance(cell, Cell):
        raise ValueError(f"{layer!r} walks no seqapps.layers.Cell")
    inputs = ops.convert_to_tensor(inputs, cell.compute_dtype)
    if len(inputs.shape) != 3 or not inputs.shape[1]:
        raise ValueError(
            f"inputs must be (batch, time, features), not {inputs.shape}"
        )
    batch, time, _ = inputs.shape
    lags = time if lags is None else lags
    if not 0 < lags <= time:
        raise ValueError(f"lags must be in 1 ... {time}, not {lags}")
    if not layer.built:
        layer.build(inputs.shape)
    if layer.go_backwards:
        inputs = ops.flip(inputs, axis=1)
    if initial_state is None:
        initial_state = layer.get_initial_state(batch)
    if not isinstance(initial_state, (list, tuple)):
        initial_state = [initial_state]
    before = [ops.cast(state, cell.state_dtype) for state in initial_state]
    sizes = [state.shape[-1] for state in before]
    chosen = _chosen(sizes, states)  # (some of size,)

    noise = cell.draw(inputs)
    projected = cell.project(inputs, noise, matmul=cell.matmul)
    steps = []  # what each step sees
    finite = np.ones(batch, bool)
    with recorded(cell, time) as gates:
        for t in range(time):
            p = keras.tree.map_structure(lambda x, t=t: x[:, t], projected)
            steps.append((p, before))
            _, before = cell.advance(p, before, noise)
            for state in before:
                finite &= np.isfinite(ops.convert_to_numpy(state)).all(axis=1)

    unit = np.eye(sum(sizes))[chosen]  # (chosen, size)
    back = np.repeat(unit[None], batch, axis=0)  # (batch, chosen, size)
    scale = np.zeros(batch)  # its logarithm
    rows = np.zeros((batch, lags))
    for k, (p, before) in enumerate(reversed(steps[-lags:])):
        back = _back_through(cell, noise, p, before, back)
        back[~finite] = 0
        largest = np.abs(back).max(axis=(1, 2))  # (batch,)
        largest[largest == 0] = 1
        back = back / largest[:, None, None]
        scale = scale + np.log(largest)
        norms = np.linalg.norm(back[:, :, chosen], 2, axis=(1, 2))
        rows[:, k] = norms * np.exp(scale)
    rows[~finite] = np.nan
    with np.errstate(divide="ignore"):  # the logarithm of 0
        means = np.exp(np.log(rows).mean(axis=0))
    return GradientFlow(np.arange(1, lags + 1), means, rows, gates)


def _chosen(sizes: list[int], states: Sequence[int] | None) -> np.ndarray:
    """Returns the places of the chosen states in the whole."""
    states = range(len(sizes)) if states is None else states
    if not states or not set(states) <= set(range(len(sizes))):
        raise ValueError(
            f"states must be of 0 ... {len(sizes) - 1}, not {list(states)}"
        )
    places = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    return np.concatenate([places[state] for state in states])


def _back_through(cell, noise, projected, states, back) -> np.ndarray:
    """Takes gradients `(batch, n, size)` at s_t to s_{t-1}."""
    batch, n, _ = back.shape

    def wide(x):  # (batch, ...) to (batch * n, ...): a row for a gradient
        return ops.repeat(x, n, axis=0)

    projected = keras.tree.map_structure(wide, projected)
    states = [wide(state) for state in states]
    sizes = [state.shape[-1] for state in states]
    parts = np.split(back.reshape(batch * n, -1), np.cumsum(sizes)[:-1], axis=1)
    parts = [ops.convert_to_tensor(x, cell.state_dtype) for x in parts]

    def step(states):
        return cell.advance(projected, states, noise)[1]

    grads = [ops.convert_to_numpy(x) for x in _pull(step, states, parts)]
    grads = np.concatenate(grads, axis=-1).astype("float64")
    return grads.reshape(batch, n, -1)


def _pull(function, inputs: list, gradients: list) -> list:
    """Takes the gradients at a function's outputs to its inputs."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.vjp(function, inputs)[1](gradients)[0]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = function(inputs)
        return tape.gradient(
            outputs, inputs, gradients, unconnected_gradients="zero"
        )
    raise NotImplementedError("gradient_flow needs TensorFlow or JAX")
