"""Smaller models: embeddings in 8 bits."""

from seqapps.errors import InputError


def quantize(model) -> list[str]:
    """Keeps a model's embeddings as 8-bit integers with a scale for each row.

        q_id = round(127 e_id / max_d |e_id|),  e_id ~ q_id max_d |e_id| / 127

    Args:
        model: a `keras.Model`; it can be used as before, not trained.

    Returns:
        The names of the layers that it was done to.

    Raises:
        InputError: there is no embedding.
    """
    import keras

    layers = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.Embedding)
    ]
    if not layers:
        raise InputError("this model has no embedding to quantize")
    for layer in layers:
        layer.quantize("int8")
    return [layer.name for layer in layers]
