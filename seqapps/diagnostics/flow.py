"""How a gradient grows or shrinks on its way back through time."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from seqapps.diagnostics.gates import Gate, record_gates
from seqapps.layers.cells.cell import Cell
from seqapps.layers.rnn import RNN


@dataclass(frozen=True)
class GradientFlow:
    """The measurements of `gradient_flow`.

    Args:
        lags: k, `(lags,)`: 1, 2, 3 ...
        norms: the norm at every lag `(lags,)`, its geometric mean over rows.
        rows: the norm of every row `(batch, lags)`.
        gates: each `Gate` by its name in the cell's equations; empty for a
            cell without `gates`.
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
    c_t of an LSTM; h_t of a cell with one state), and T the last step:
    ```
    J_t = ds_t / ds_{t-1}                        (size, size)
    ds_T / ds_{T-k} = J_T J_{T-1} ... J_{T-k+1}  (size, size), the chain rule
    norm_k = || ds_T / ds_{T-k} ||_2             the largest singular value
    ```
    The norm bounds how many times longer a gradient at step T can become by
    step T - k: the direction that grows most reaches it. Every row of the
    batch is one measurement. Their geometric mean gives the decay rate, for
    the logarithm of a product of steps is a sum. A row of norm 0 (all ReLUs
    shut at some step) makes it 0; a row whose states overflow makes it NaN.

    By default all states count: most of the gradient that trains an LSTM goes
    back through c, not h. `states` selects some: [1] of an LSTM measures
    dc_T / dc_{T-k}, with h fixed at T - k and free in between.

    No J_t is formed: all unit vectors at T are propagated back together, one
    step at a time, and rescaled at each, so that no norm underflows. This is
    back-propagation through time, written out. The layer runs as at inference,
    without dropout and mask; a stateful layer starts from its initial state,
    and its own states are not changed.

    Args:
        layer: an `RNN` around a `seqapps.layers.Cell`; it is built if needed.
        inputs: `(batch, time, features)`; a layer that is `go_backwards` reads
            them from the end, and T is then the first.
        lags: how many steps to go back; all of them by default.
        states: indices of the states to measure; all by default.
        initial_state: a tensor `(batch, size)`, or a list of tensors; the
            cell's own by default.

    Returns:
        A `GradientFlow`, with the gates of the innermost cell.

    Raises:
        ValueError: if the layer walks no cell of ours, or `inputs`, `lags` or
            `states` do not fit it.
        NotImplementedError: the backend is neither TensorFlow nor JAX.

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
    indices = _indices(sizes, states)  # (selected,)

    noise = cell.draw(inputs)
    projected = cell.project(inputs, noise, matmul=cell.matmul)
    steps = []  # the inputs and states of each step
    finite = np.ones(batch, bool)
    with record_gates(cell, time) as gates:
        for t in range(time):
            p = keras.tree.map_structure(lambda x, t=t: x[:, t], projected)
            steps.append((p, before))
            _, before = cell.advance(p, before, noise)
            for state in before:
                finite &= np.isfinite(ops.convert_to_numpy(state)).all(axis=1)

    unit = np.eye(sum(sizes))[indices]  # (selected, size)
    back = np.repeat(unit[None], batch, axis=0)  # (batch, selected, size)
    scale = np.zeros(batch)  # the logarithm of the scale
    rows = np.zeros((batch, lags))
    for k, (p, before) in enumerate(reversed(steps[-lags:])):
        back = _back_through(cell, noise, p, before, back)
        back[~finite] = 0
        largest = np.abs(back).max(axis=(1, 2))  # (batch,)
        largest[largest == 0] = 1
        back = back / largest[:, None, None]
        scale = scale + np.log(largest)
        norms = np.linalg.norm(back[:, :, indices], 2, axis=(1, 2))
        rows[:, k] = norms * np.exp(scale)
    rows[~finite] = np.nan
    with np.errstate(divide="ignore"):  # the logarithm of 0
        means = np.exp(np.log(rows).mean(axis=0))
    return GradientFlow(np.arange(1, lags + 1), means, rows, gates)


def _indices(sizes: list[int], states: Sequence[int] | None) -> np.ndarray:
    """Returns the indices of the selected states in s_t."""
    states = range(len(sizes)) if states is None else states
    if not states or not set(states) <= set(range(len(sizes))):
        raise ValueError(
            f"states must be of 0 ... {len(sizes) - 1}, not {list(states)}"
        )
    places = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    return np.concatenate([places[state] for state in states])


def _back_through(cell, noise, projected, states, back) -> np.ndarray:
    """Propagates gradients `(batch, n, size)` from s_t back to s_{t-1}."""
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

    grads = [ops.convert_to_numpy(x) for x in _pull_back(step, states, parts)]
    grads = np.concatenate(grads, axis=-1).astype("float64")
    return grads.reshape(batch, n, -1)


def _pull_back(function, inputs: list, gradients: list) -> list:
    """Propagates gradients from a function's outputs back to its inputs."""
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
