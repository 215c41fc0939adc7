"""Distribution strategies: one device, or a replica on each of several."""

from typing import Any, Literal

from seqapps.console.arguments import Size, checked


@checked
def strategy(
    *, name: Literal["auto", "one", "mirrored"] = "auto", cpus: Size = 0
) -> Any:
    """Returns the strategy by which a model is built and trained.

    Args:
        name: "one" device; "mirrored" keeps a replica of the model on each
            GPU, or on each logical CPU device where there is no GPU, and sums
            the gradients; "auto" is "mirrored" with two GPUs or more.
        cpus: split the CPU into this many logical devices first, to try
            "mirrored" on a machine without GPUs. 0 leaves it whole.

    Returns:
        A `tf.distribute.Strategy`; build, compile and fit inside its
        `scope()`.

    Raises:
        InputError: TensorFlow has already been used, so the CPU can no longer
            be split.
    """
    import tensorflow as tf

    from seqapps.errors import InputError

    if cpus:
        try:
            tf.config.set_logical_device_configuration(
                tf.config.list_physical_devices("CPU")[0],
                [tf.config.LogicalDeviceConfiguration()] * cpus,
            )
        except RuntimeError:
            raise InputError(
                "--devices.cpus must be set before TensorFlow is used"
            ) from None
    gpus = tf.config.list_logical_devices("GPU")
    if name == "mirrored" or (name == "auto" and len(gpus) > 1):
        devices = gpus or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy(
            [device.name for device in devices]
        )
    return tf.distribute.get_strategy()
