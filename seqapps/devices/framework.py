"""What TensorFlow makes of a machine: `python -m seqapps.devices.framework`."""

import json
import os
import sys
from typing import Any

from seqapps.console import terminal
from seqapps.devices.options import DeviceOptions
from seqapps.devices.strategies import choice
from seqapps.errors import reason


def framework() -> dict[str, Any]:
    """Returns the GPUs that TensorFlow sees, its build, and what "auto" is."""
    import tensorflow as tf

    build = tf.sysconfig.get_build_info()
    name, why = choice(DeviceOptions())
    return {
        "gpus": [
            tf.config.experimental.get_device_details(gpu).get(
                "device_name", gpu.name
            )
            for gpu in tf.config.list_physical_devices("GPU")
        ],
        "cuda": build.get("cuda_version", "not in this build"),
        "cudnn": build.get("cudnn_version", "not in this build"),
        "tf32": tf.config.experimental.tensor_float_32_execution_enabled(),
        "xla": _xla(),
        "auto": name,
        "why": why,
    }


def _xla() -> str:
    """Whether XLA compiles: "works", or what it says."""
    import tensorflow as tf

    try:
        compiled = tf.function(lambda x: x * 2.0, jit_compile=True)
        return "works" if float(compiled(tf.constant(3.0))) == 6.0 else "wrong"
    except Exception as error:  # whatever a build without it raises
        return reason(error)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    terminal.import_tensorflow()
    json.dump(framework(), sys.stdout)
