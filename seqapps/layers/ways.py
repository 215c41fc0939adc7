"""Which of the ways through time a layer takes."""

import sys

import keras

from seqapps.layers import cudnn
from seqapps.layers.cell import Cell, LinearCell

WAYS = ("auto", "loop", "fast", "scan", "cudnn")
FAST = {  # the modules that walk so
    "tensorflow": "seqapps.layers.bptt.on_tensorflow",
    "jax": "seqapps.layers.bptt.on_jax",
}


def way(layer, batch, time, mask, training, obstacle: str | None = None) -> str:
    """Chooses a walk.

    Args:
        layer: an `RNN`.
        batch: the number of rows, if it is known.
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
    if asked in ("auto", "cudnn"):
        obstacle = obstacle or cudnn.obstacle(layer, mask)
        if obstacle is None:
            return "cudnn"
    if asked == "cudnn":
        raise ValueError(f"cuDNN cannot walk {layer.name}: {obstacle}")
    linear = isinstance(layer.cell, LinearCell)
    scannable = linear and time and not layer.unroll
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

        if tf.executing_eagerly() or not (training or (batch and time)):
            return "loop"
        if not training and _exporting():
            return "loop"
    return "fast"


def _exporting() -> bool:
    """Whether Keras or LiteRT traces a model to export it."""
    frame = sys._getframe()
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith(("keras.src.export.", "tensorflow.lite.")):
            return True
        frame = frame.f_back
    return False
