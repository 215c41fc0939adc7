"""Networks that were trained in half precision, as they are exported."""

import keras


def in_float32(model: keras.Model) -> keras.Model:
    """Returns a network that computes in float32, as saved models do.

    Args:
        model: built, and registered with Keras.

    Returns:
        The model itself, if it computes in float32; else another one that
        is neither trained nor compiled: load its weights.
    """
    if model.compute_dtype == "float32":
        return model
    config = model.get_config()
    config.pop("dtype", None)  # its layers take the policy that is now set
    with model.distribute_strategy.scope():
        twin = type(model).from_config(config)
        twin.build_from_config(model.get_build_config())
    return twin
