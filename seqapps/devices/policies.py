"""The precision in which layers compute."""

import contextlib
from collections.abc import Iterator

from seqapps.console.arguments import checked
from seqapps.devices.options import DeviceOptions


@checked
@contextlib.contextmanager
def dtype_policy(
    *,
    options: DeviceOptions = DeviceOptions(),  # noqa: B008 (frozen)
) -> Iterator[None]:
    """Sets Keras's dtype policy for layers that are made inside.

    Args:
        options: the settings, of which `precision` is used; or each of them as
            an argument of its own, `dtype_policy(precision="mixed_bfloat16")`.
            "float32" leaves the policy that Keras was configured with.
    """
    import keras

    before = keras.config.dtype_policy()
    if options.precision != "float32":
        keras.config.set_dtype_policy(options.precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
