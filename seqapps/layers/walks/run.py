"""Runs the walk that was chosen, other than cuDNN."""

import importlib
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import keras

from seqapps.layers.types import Tensor
from seqapps.layers.walks.bptt import WalkOptions, step_masks
from seqapps.layers.walks.choice import FAST_MODULES, compiles_frequent_shapes
from seqapps.layers.walks.loop import loop
from seqapps.layers.walks.scan import scan

# the last output, all outputs (None if they are not wanted), the last states
_Result: TypeAlias = tuple[Tensor, Tensor | None, list[Tensor]]


class Call(NamedTuple):
    """The arguments of a walk.

    Args:
        sequences: `(batch, time, features)`.
        states: the initial ones, `(batch, size)` each.
        noise: the result of `draw`.
        mask: `(batch, time)`, False at the timesteps to skip; or None.
        training: whether gradients will be computed.
    """

    sequences: Tensor
    states: Sequence[Tensor]
    noise: Any
    mask: Tensor | None
    training: bool


def run(layer: Any, call: Call) -> _Result:
    """Runs the "loop", "fast" or "scan" that `layer.walked` names.

    Args:
        layer: an `RNN` with a `Cell`.
        call: its arguments.
    """
    if layer.walked == "fast" and compiles_frequent_shapes(layer):
        return _run_fast_if_frequent(layer, call)
    if layer.walked == "fast":
        return run_fast(layer, call)
    if layer.walked == "scan":
        (state,) = call.states
        return scan(
            layer.cell,
            layer.cell.project_all(call.sequences, call.noise),
            state,
            call.mask,
            layer.go_backwards,
            _zeroes(layer),
        )
    return _run_loop(layer, call)


def run_fast(layer: Any, call: Call) -> _Result:
    """Runs the fast walk of the backend."""
    module = importlib.import_module(FAST_MODULES[keras.backend.backend()])
    masks = step_masks(
        call.mask, call.sequences, _zeroes(layer), layer.go_backwards
    )
    options = WalkOptions(
        save_for_backward=bool(call.training),
        return_sequences=layer.return_sequences,
        go_backwards=layer.go_backwards,
    )
    outputs, last, states = module.walk(
        layer.cell, call.sequences, call.states, call.noise, masks, options
    )
    return last, outputs, states


def _run_fast_if_frequent(layer: Any, call: Call) -> _Result:
    """Runs the fast walk for a frequent shape, else the loop."""
    policy = layer.compile_policy
    weights = sum(math.prod(w.shape) for w in layer.cell.weights)
    result: _Result = policy.choose(
        policy.should_compile(call.sequences, weights, call.training),
        lambda: run_fast(layer, call),
        lambda: _run_loop(layer, call),
        layer.return_sequences,
    )
    return result


def _run_loop(layer: Any, call: Call) -> _Result:
    return loop(
        layer,
        layer.cell.project_all(call.sequences, call.noise),
        call.states,
        call.noise,
        call.mask,
        _zeroes(layer),
    )


def _zeroes(layer: Any) -> bool:
    return layer.zero_output_for_mask and layer.return_sequences
