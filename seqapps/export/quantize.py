"""Smaller models: embeddings in 8 bits, other matrices in 16."""

from typing import Any

from seqapps.errors import InputError


def quantize(model: Any) -> list[str]:
    """Replaces embeddings by 8-bit integers with a scale for each row.

        q_id = round(127 e_id / max_d |e_id|),  e_id ~ q_id max_d |e_id| / 127

    Args:
        model: a `keras.Model`; it can be used as before, not trained.

    Returns:
        The names of the quantized layers.

    Raises:
        InputError: the model has no embedding.
    """
    import keras

    from seqapps.private import layers_inside

    layers = [
        layer
        for layer in layers_inside(model)
        if isinstance(layer, keras.layers.Embedding)
    ]
    if not layers:
        raise InputError("this model has no embedding to quantize")
    for layer in layers:
        layer.quantize("int8")
    return [layer.name for layer in layers]


def as_constant(value: Any, half: bool) -> Any:
    """A weight as a constant of a graph.

    Args:
        value: an array.
        half: whether a matrix of 32-bit real numbers becomes one of 16 bits.
    """
    import tensorflow as tf

    if half and value.ndim == 2 and value.dtype == "float32":
        value = value.astype("float16")
    return tf.constant(value)
