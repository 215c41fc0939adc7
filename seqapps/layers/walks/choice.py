"""Which of the ways through time a layer takes."""

import contextlib
import contextvars
from collections.abc import Iterator

import keras

from seqapps import private
from seqapps.layers.cells.cell import Cell, LinearCell
from seqapps.layers.walks import cudnn

WAYS = ("auto", "loop", "fast", "scan", "cudnn")
FAST = {  # the modules that walk so
    "tensorflow": "seqapps.layers.walks.bptt.on_tensorflow",
    "jax": "seqapps.layers.walks.bptt.on_jax",
}


WORTH = "seqapps.layers.walks.bptt.worth"
_at_once = contextvars.ContextVar("at_once", default=False)


@contextlib.contextmanager
def compiled_at_once() -> Iterator[None]:
    """Compiles the fast walk of every shape when it is first met.

    Otherwise a layer that chooses its walk takes the loop until a shape has
    been met often enough, so that its numbers depend, in the last digit, on
    what it has walked before.
    """
    token = _at_once.set(True)
    try:
        yield
    finally:
        _at_once.reset(token)


def waits(layer) -> bool:
    """Whether a layer takes the loop until compiling is worth it.

    It does within Keras's own training, test and prediction steps. Elsewhere,
    as in a step of one's own with a tape in a tape, or in a loop of
    TensorFlow, TensorFlow cannot always differentiate a choice between two
    walks; and where XLA compiles all that is around it, it compiles every
    shape anyway.
    """
    if keras.backend.backend() != "tensorflow" or layer.asked_walk != "auto":
        return False
    return (
        not _at_once.get()
        and not private.tracing_loop_body()
        and private.tracing_keras_step()
        and not private.tracing_for_xla()
    )


def way(layer, time, mask, training, obstacle: str | None = None) -> str:
    """Chooses a walk.

    Args:
        layer: an `RNN`.
        time: the number of steps, if it is known.
        mask: the mask, if there is one.
        training: whether gradients will be asked for.
        obstacle: what is known to keep cuDNN away.

    Returns:
        "loop", "fast", "scan" or "cudnn".

    Raises:
        ValueError: if the walk that is asked for cannot be had.
    """
    asked = layer.asked_walk
    asked = "cudnn" if getattr(layer, "use_cudnn", None) is True else asked
    linear = isinstance(layer.cell, LinearCell)
    scannable = linear and time and not layer.unroll
    if asked == "auto" and private.exporting():
        return "scan" if scannable else "loop"
    if asked in ("auto", "cudnn"):
        obstacle = obstacle or cudnn.obstacle(layer, mask)
        if obstacle is None:
            return "cudnn"
    if asked == "cudnn":
        raise ValueError(f"cuDNN cannot walk {layer.name}: {obstacle}")
    if asked == "scan" and not scannable:
        raise ValueError(
            'walk="scan" needs a LinearCell and a known number of steps'
        )
    ours = isinstance(layer.cell, Cell)
    if asked == "fast" and not ours:
        raise ValueError('walk="fast" needs a seqapps.layers.Cell')
    if asked != "auto":
        return asked
    if linear:
        return "scan" if scannable else "loop"
    backend_name = keras.backend.backend()
    if layer.unroll or not ours or backend_name not in FAST:
        return "loop"
    if backend_name == "tensorflow":
        import tensorflow as tf

        if tf.executing_eagerly() or not (time or training):
            return "loop"
    return "fast"
