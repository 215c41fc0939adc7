"""Distribution strategies: one device, or a replica on each of several."""

import json
import os
import signal
import threading
from typing import Any

from seqapps.console.arguments import checked
from seqapps.devices.options import DeviceOptions
from seqapps.devices.workers import CANNOT_JOIN
from seqapps.errors import InputError, reason

_PORTS = 10_000  # the first port of Slurm's tasks, and how many there are
_MOST_TASKS = 1024  # of a node
_OF_SLURM = ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS")  # of a step of `srun`


@checked
def strategy(
    *,
    options: DeviceOptions = DeviceOptions(),  # noqa: B008 (frozen)
) -> Any:
    """Returns the strategy by which a model is built and trained.

    On a CPU "auto" is one device.

    Args:
        options: the settings; or each of them as an argument of its own,
            `strategy(name="mirrored")`. The precision is that of
            `dtype_policy`, not of the strategy.

    Returns:
        A `tf.distribute.Strategy`; build, compile and fit inside its
        `scope()`.

    Raises:
        InputError: TensorFlow has already been used, so the CPU can no longer
            be split, or the workers can no longer be joined; no workers are
            named, or they cannot be reached.
    """
    import tensorflow as tf

    if options.cpus and options.name == "multiworker":
        raise InputError(
            "--devices.cpus goes with one machine: a worker without GPUs is "
            "one device"
        )
    if options.cpus:
        try:
            tf.config.set_logical_device_configuration(
                tf.config.list_physical_devices("CPU")[0],
                [tf.config.LogicalDeviceConfiguration()] * options.cpus,
            )
        except RuntimeError:
            raise InputError(
                "--devices.cpus must be set before TensorFlow is used"
            ) from None
    name, _ = choice(options)
    if name == "multiworker":
        return _multiworker()
    if name == "mirrored":
        kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
        devices = tf.config.list_logical_devices(kind)
        return tf.distribute.MirroredStrategy([d.name for d in devices])
    return tf.distribute.get_strategy()


def choice(options: DeviceOptions) -> tuple[str, str]:
    """Returns what `strategy` makes, "one" for instance, and why.

    Args:
        options: of `strategy`.
    """
    if options.name != "auto":
        return options.name, "it is asked for"
    workers = sum(map(len, _cluster().values()))
    if workers > 1:
        return "multiworker", f"TF_CONFIG names {workers} workers"
    import tensorflow as tf

    gpus = len(tf.config.list_physical_devices("GPU"))
    if gpus > 1:
        return "mirrored", f"there are {gpus} GPUs"
    if gpus:
        return "one", "there is one GPU"
    return "one", "there is no GPU, and one device uses all cores of a CPU"


def _multiworker() -> Any:
    import tensorflow as tf

    if os.environ.get("TF_CONFIG"):
        resolver = _of_tf_config()
    elif all(name in os.environ for name in _OF_SLURM):
        resolver = _of_slurm()
    else:
        raise InputError(
            "--devices.name multiworker needs TF_CONFIG, or Slurm's srun, to "
            "name the workers"
        )
    handler = signal.getsignal(signal.SIGTERM)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(resolver)
    except (RuntimeError, ValueError, tf.errors.OpError) as error:
        raise InputError(f"{CANNOT_JOIN}: {reason(error)}") from error
    finally:  # TensorFlow has taken the signal, and would keep it to itself
        if threading.current_thread() is threading.main_thread() and handler:
            signal.signal(signal.SIGTERM, handler)


def _of_tf_config() -> Any:
    import tensorflow as tf

    cluster = _cluster()
    if not cluster:
        raise InputError('TF_CONFIG names no "worker" in its "cluster"')
    resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    task, index = resolver.task_type, resolver.task_id
    if not 0 <= (index or 0) < len(cluster.get(task, ())):
        raise InputError(
            f"TF_CONFIG: its task is {task} {index}, which its cluster does "
            "not have"
        )
    return resolver


def _of_slurm() -> Any:
    """The tasks of a step of Slurm, each with the GPUs that it sees.

    TensorFlow's resolver finds the tasks, but can neither do without GPUs nor
    with those that Slurm has given to each task.
    """
    import tensorflow as tf

    try:
        job = int(os.environ.get("SLURM_JOB_ID", 0))
        slurm = tf.distribute.cluster_resolver.SlurmClusterResolver(
            port_base=_PORTS + job % _PORTS,  # of several jobs on one node
            gpus_per_node=_MOST_TASKS,
            gpus_per_task=1,
            auto_set_gpu=False,
        )
        cluster = slurm.cluster_spec()
    except (RuntimeError, ValueError, KeyError) as error:
        raise InputError(f"Slurm's variables: {reason(error)}") from error
    gpus = len(tf.config.list_physical_devices("GPU"))
    return tf.distribute.cluster_resolver.SimpleClusterResolver(
        cluster,
        task_type=slurm.task_type,
        task_id=slurm.task_id,
        num_accelerators={"GPU": gpus},
        rpc_layer="grpc",
    )


def _cluster() -> dict[str, list[str]]:
    """The addresses of the workers that TF_CONFIG names, by their job.

    Raises:
        InputError: it is not JSON, or has another shape.
    """
    text = os.environ.get("TF_CONFIG", "")
    if not text:
        return {}
    try:
        jobs = json.loads(text).get("cluster", {})
        workers = {name: list(jobs[name]) for name in jobs}
    except (ValueError, AttributeError, TypeError) as error:
        raise InputError(f"TF_CONFIG is not as it should be: {error}") from None
    return {n: workers[n] for n in ("chief", "worker") if workers.get(n)}
