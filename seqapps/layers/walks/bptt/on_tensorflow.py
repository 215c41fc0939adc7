"""Back-propagation through time for any cell, scheduled by hand (TensorFlow).

Plain automatic differentiation of a loop over time multiplies once a step for
the gradient of U, and keeps every intermediate result. Here

    forward     a_t = x_t U, then the rest of the step; the a_t are saved, and
                those states that the backward loop reads
    backward    t = T ... 1: the rest of the step is differentiated, with the
                saved a_t in place of the product; this gives da_t, and
                dx_t = da_t U'
    after it    dU = sum_t x_t' da_t, one product for all steps

No cell defines a derivative: `step` computes its products by the `matmul` that
it is given, so they can be recorded and replaced. Each of the two loops is one
XLA computation; only stacked tensors enter and leave it.

Measured with TensorFlow 2.21 on a CPU: a slice of a stack that is fused with
exp or tanh makes XLA's loop four times slower, so the loop carries the slices
of the next step; a product with a transposed matrix packs it anew at every
step, so U' is computed once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from seqapps import devices
from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import Tensor
from seqapps.layers.walks.bptt import SHOWS_OUTPUT, WalkOptions
from seqapps.layers.walks.bptt.backward import BackwardInputs, BackwardResult
from seqapps.layers.walks.bptt.cache import compiled_walks
from seqapps.layers.walks.bptt.compiled import CompiledWalk, compile_walk
from seqapps.layers.walks.bptt.first_order import (
    untracked,
    without_second_gradient,
)
from seqapps.layers.walks.bptt.forward import ForwardInputs
from seqapps.layers.walks.bptt.plan import flatten, unflatten
from seqapps.layers.walks.bptt.planner import make_plan

_MIN_ROWS = 16  # of a part of the batch
_MAX_PARTS = 4  # of a batch whose size is not known


def walk(
    cell: Cell,
    sequences: Tensor,
    states: Sequence[Tensor],
    noise: Any,
    masks: Tensor | None,
    options: WalkOptions,
) -> tuple[Tensor | None, Tensor, list[Tensor]]:
    """Walks a cell over all timesteps, one part of the batch on each core.

    Args:
        cell: a built cell.
        sequences: `(batch, time, features)`.
        states: the initial ones, `(batch, size)` each.
        noise: the result of `draw`.
        masks: the `step_masks`, or None.
        options: see `WalkOptions`. Without `save_for_backward` the walk has a
            gradient too, but for it the forward loop runs again.

    Returns:
        The outputs of all steps `(batch, time, size)`, in the order of the
        walk, or None; the last output; the last states.
    """
    parts = _part_count(sequences.shape[0])
    split = _splitter(tf.shape(sequences)[0], parts)
    drawn, structure = flatten(noise)
    drawn = [[n] * parts if n.shape[0] == 1 else split(n) for n in drawn]
    split_states = [split(state) for state in states]
    split_masks = [None] * parts if masks is None else split(masks)
    results = []
    for i, part in enumerate(split(sequences)):
        part_noise = unflatten(structure, [n[i] for n in drawn])
        projected = cell.project_all(part, part_noise)
        part_states = [state[i] for state in split_states]
        results.append(
            _walk_part(
                cell,
                projected,
                part_states,
                part_noise,
                split_masks[i],
                options,
            )
        )
    joined: tuple[Tensor | None, Tensor, list[Tensor]]
    joined = tf.nest.map_structure(lambda *xs: _join(xs), *results)
    return joined


def _part_count(batch: int | None) -> int:
    """Returns how many independent walks keep all cores busy."""
    if tf.config.list_physical_devices("GPU"):
        return 1
    cores = devices.cores()
    if batch is None:
        return min(cores, _MAX_PARTS)
    return max(1, min(cores, batch // _MIN_ROWS))


def _splitter(batch: Tensor, parts: int) -> Callable[[Tensor], list[Tensor]]:
    sizes = [(batch + i) // parts for i in range(parts)]
    return lambda x: [x] if parts == 1 else tf.split(x, sizes, num=parts)


def _join(parts: Sequence[Tensor | None]) -> Tensor | None:
    if len(parts) == 1 or parts[0] is None:
        return parts[0]
    return tf.concat(parts, axis=0)


def _padded_length(time: Tensor) -> Tensor:
    """Rounds a length up to one of a few.

    XLA compiles anew for every length: 4 between a power of 2 and the next.
    """
    powers = tf.constant([2**i for i in range(3, 28)])
    step = tf.reduce_min(tf.where(8 * powers >= time, powers, 2**28))
    return (time + step - 1) // step * step


def _walk_part(
    cell: Cell,
    projected: Any,
    states: Sequence[Tensor],
    noise: Any,
    masks: Tensor | None,
    options: WalkOptions,
) -> tuple[Tensor | None, Tensor, list[Tensor]]:
    """Walks one part of the batch; see `walk`."""
    leaves, structure = flatten(projected)
    drawn, noise_structure = flatten(noise)
    walks = compiled_walks(cell)
    dtypes = [leaf.dtype for leaf in leaves]
    key = str((structure, noise_structure, options, dtypes))
    if key not in walks:
        plan = make_plan(
            cell, leaves, structure, states, drawn, noise_structure
        )
        walks[key] = compile_walk(cell, plan, options)
    compiled: CompiledWalk = walks[key]
    plan = compiled.plan
    mask_list = [] if masks is None else [masks]
    length = []
    if leaves[0].shape[1] is None:
        length = [_positive(tf.shape(leaves[0])[1])]
        padding = [[0, 0], [0, _padded_length(length[0]) - length[0]], [0, 0]]
        leaves = [tf.pad(x, padding) for x in leaves]
        mask_list = [tf.pad(x, padding) for x in mask_list]
    arguments = ForwardInputs(
        leaves,
        mask_list,
        list(states),
        drawn,
        [tf.convert_to_tensor(w.value) for w in plan.weights],
        length,
    )

    @tf.custom_gradient
    def run(*flat: Tensor) -> Any:
        inputs: ForwardInputs = tf.nest.pack_sequence_as(arguments, flat)
        result = compiled.forward(untracked(inputs))
        first_rows = [x[:, 0] for x in inputs.projected]

        def gradient(*d_results: Tensor) -> list[Tensor | None]:
            saved = result
            if not options.save_for_backward:
                saved = compiled.forward_and_save(inputs)
            back: BackwardResult = without_second_gradient(
                compiled.backward,
                BackwardInputs(
                    first_rows,
                    [inputs.projected[i] for i in plan.read_leaves],
                    inputs.masks,
                    inputs.noise,
                    inputs.values,
                    inputs.length,
                    saved.saved_states,
                    saved.saved_products,
                ),
                list(d_results),
            )
            d_projected = [
                d if product is None else back.d_products[product]
                for d, product in zip(
                    back.d_projected, plan.same_gradient, strict=True
                )
            ]
            d_values = compiled.kernel_gradients(
                inputs.values,
                inputs.noise,
                first_rows,
                inputs.states,
                saved.saved_states,
                back.d_products,
                back.inputs,
            )
            for i, d in zip(plan.direct_weights, back.d_direct, strict=True):
                d_values[i] = d if d_values[i] is None else d_values[i] + d
            return [
                *d_projected,
                *[None for _ in inputs.masks],
                *back.d_states,
                *[None for _ in inputs.noise],
                *d_values,
                *[None for _ in inputs.length],
            ]

        return [*result.outputs, *result.states], gradient

    results = run(*tf.nest.flatten(arguments))
    outputs = results.pop(0) if options.return_sequences else None
    if plan.output_state is None:
        last, last_states = results[0], results[1:]
    else:
        last, last_states = results[plan.output_state], results
    if outputs is not None:
        outputs = outputs[:, : length[0]] if length else outputs
        last = outputs[:, -1]
    elif mask_list and plan.output_state is not None:
        shows = mask_list[0][..., SHOWS_OUTPUT]  # (batch, time)
        shows = tf.reduce_any(shows, axis=1)[:, tf.newaxis]
        last = tf.where(shows, last, tf.zeros_like(last))
    return outputs, last, last_states


def _positive(time: Tensor) -> Tensor:
    """Checks that there is a step, where the number is not known before."""
    check = tf.debugging.assert_positive(time, "no step of time")
    with tf.control_dependencies([] if check is None else [check]):
        return tf.identity(time)
