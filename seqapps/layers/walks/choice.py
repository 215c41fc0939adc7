"""The choice of a layer's walk."""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any, get_args

import keras

from seqapps import tracing
from seqapps.layers.cells.cell import Cell, LinearCell
from seqapps.layers.types import Tensor, WalkName
from seqapps.layers.walks import cudnn

WALKS: tuple[WalkName, ...] = get_args(WalkName)
FAST_MODULES = {  # imported when first used
    "tensorflow": "seqapps.layers.walks.bptt.on_tensorflow",
    "jax": "seqapps.layers.walks.bptt.on_jax",
}
COMPILE_POLICY = "seqapps.layers.walks.bptt.compile_policy"
_compiles_at_once = contextvars.ContextVar("compiles_at_once", default=False)


@contextlib.contextmanager
def compiled_at_once() -> Iterator[None]:
    """Compiles the fast walk of a shape at the first call with it.

    Otherwise a layer with `walk="auto"` takes the loop until a shape is
    frequent, so the last digit of its results depends on what it was called
    with before.
    """
    token = _compiles_at_once.set(True)
    try:
        yield
    finally:
        _compiles_at_once.reset(token)


def compiles_frequent_shapes(layer: Any) -> bool:
    """Whether a layer takes the loop until a shape is worth compiling.

    It does in Keras's own training, test and prediction steps. TensorFlow
    cannot always differentiate a choice between two walks elsewhere, such as
    in nested tapes or in a `tf.while_loop`. Where XLA compiles the graph
    around the layer, it compiles every shape anyway.
    """
    return (
        keras.backend.backend() == "tensorflow"
        and layer.walk == "auto"
        and not _compiles_at_once.get()
        and not tracing.loop_body()
        and tracing.keras_step()
        and not tracing.for_xla()
    )


def choose_walk(
    layer: Any,
    time: int | None,
    mask: Tensor | None,
    training: bool,
    obstacle: str | None = None,
) -> WalkName:
    """Chooses the walk of one call.

    Args:
        layer: an `RNN`.
        time: the number of timesteps; None if it is not known.
        mask: the mask, or None.
        training: whether gradients will be computed.
        obstacle: why cuDNN cannot be used, if that is known already.

    Returns:
        "loop", "fast", "scan" or "cudnn".

    Raises:
        ValueError: the requested walk is not possible.
    """
    requested: WalkName = layer.walk
    if getattr(layer, "use_cudnn", None) is True:
        requested = "cudnn"
    linear = isinstance(layer.cell, LinearCell)
    scannable = linear and time and not layer.unroll
    if requested == "auto" and tracing.exporting():
        return "scan" if scannable else "loop"
    if requested in ("auto", "cudnn"):
        obstacle = obstacle or cudnn.obstacle(layer, mask)
        if obstacle is None:
            return "cudnn"
    if requested == "cudnn":
        raise ValueError(f"cuDNN cannot walk {layer.name}: {obstacle}")
    if requested == "scan" and not scannable:
        raise ValueError(
            'walk="scan" needs a LinearCell and a known number of steps'
        )
    ours = isinstance(layer.cell, Cell)
    if requested == "fast" and not ours:
        raise ValueError('walk="fast" needs a seqapps.layers.Cell')
    if requested != "auto":
        return requested
    if linear:
        return "scan" if scannable else "loop"
    backend_name = keras.backend.backend()
    if layer.unroll or not ours or backend_name not in FAST_MODULES:
        return "loop"
    if backend_name == "tensorflow":
        import tensorflow as tf

        if tf.executing_eagerly() or not (time or training):
            return "loop"
    return "fast"
