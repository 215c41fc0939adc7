"""Starts the workers by Ray Train, and waits for their end."""

import os
import socket
import sys
import tempfile
import threading
import time
import uuid
from typing import Any, NamedTuple

from seqapps import extras
from seqapps.console import interrupt, terminal
from seqapps.devices import cores
from seqapps.errors import InputError, reason
from seqapps.launch import storage
from seqapps.launch.command import Command
from seqapps.launch.notes import Notes, Outcome
from seqapps.launch.worker import Job, work

_TICK = 0.5  # seconds
_SECONDS = 60.0  # from a signal to the end of all workers
_KNOCK = 10.0  # seconds
_NOT_STARTED = "no Ray starts here; if the machine is busy, try again later"
_OBJECT_STORE = 100 << 20  # bytes: nothing large passes through it


class Resources(NamedTuple):
    """What is asked of a cluster.

    Args:
        workers: how many.
        cpus: cores of each.
        gpus: GPUs of each; None shares out those that there are.
        restarts: how many times lost workers are started again.
    """

    workers: int
    cpus: int
    gpus: int | None
    restarts: int


def train(
    command: Command, resources: Resources, address: str | None, folder: str
) -> Outcome:
    """Trains on a cluster of Ray, or on a local one that ends with it.

    Args:
        command: what each worker runs.
        resources: the workers.
        address: of a cluster; "auto" is the one of this machine, None that of
            the environment variable RAY_ADDRESS, or a local one.
        folder: where runs are kept.

    Returns:
        How it ended.

    Raises:
        InputError: there is no such cluster, or no such run.
        interrupt.Stopped: a signal has ended it; the run was saved.
    """
    address = address or os.environ.get("RAY_ADDRESS") or None
    _require_answer(address or "")
    extras.require("ray", "ray", "fsspec")
    import ray

    run = command.resumed
    if run == "newest" and storage.is_address(folder):
        run = storage.newest(folder, command.task)
    _connect(ray, resources, address)
    try:
        notes = _actor(ray, run)
        job = Job(command, folder, notes)
        with tempfile.TemporaryDirectory() as results:
            trainer = _trainer(ray, job, resources, results)
            return _wait(ray, trainer, notes)
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """Knocks at an address, for Ray would knock for ten minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        try:
            socket.create_connection((host, int(port)), _KNOCK).close()
        except (OSError, OverflowError) as error:
            raise InputError(f"--address {address}: {reason(error)}") from None


def _connect(ray: Any, resources: Resources, address: str | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    more: dict[str, Any] = {}
    if address is None:
        # Ray's workers would give way to any other process
        os.environ.setdefault("RAY_worker_niceness", "0")
        more["include_dashboard"] = False
        more["object_store_memory"] = _OBJECT_STORE
        # workers share the cores, if there are too few
        more["num_cpus"] = max(cores(), resources.workers * resources.cpus)
    # Ray gives a local cluster 30 seconds to start, and one of its processes
    # 15, which a busy machine may exceed
    for left in (0,) if address else (2, 1, 0):
        try:
            ray.init(
                address, log_to_driver=False, logging_level="error", **more
            )
            return
        except Exception as error:  # of many kinds
            ray.shutdown()
            if not left:
                where = f"--address {address}" if address else _NOT_STARTED
                raise InputError(f"{where}: {reason(error)}") from None


def _actor(ray: Any, run: str | None) -> Any:
    """The notes, on the machine of the launcher, which they must outlive."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = ray.get_runtime_context().get_node_id()
    kind = ray.remote(num_cpus=0)(Notes)
    pinned = NodeAffinitySchedulingStrategy(here, soft=False)
    return kind.options(scheduling_strategy=pinned).remote(run)


def _trainer(ray: Any, job: Job, resources: Resources, results: str) -> Any:
    terminal.import_tensorflow()
    from ray import train
    from ray.train.tensorflow import TensorflowTrainer

    total = ray.cluster_resources()
    workers, cpus, gpus, restarts = resources
    if gpus is None:
        gpus = int(total.get("GPU", 0)) // workers
    for what, each in (("CPU", cpus), ("GPU", gpus)):
        there = int(total.get(what, 0))
        if there < workers * each:
            print(
                f"seqapps launch: the cluster has {there} {what}s, and "
                f"{workers} workers of {each} are asked for: waits for more",
                file=sys.stderr,
                flush=True,
            )
    return TensorflowTrainer(
        work,
        train_loop_config={"job": job},
        scaling_config=train.ScalingConfig(
            num_workers=workers,
            use_gpu=gpus > 0,
            # a worker without GPUs takes all cores that its machine has
            placement_strategy="PACK" if gpus else "SPREAD",
            resources_per_worker={"CPU": cpus}
            | ({"GPU": gpus} if gpus else {}),
        ),
        run_config=train.RunConfig(
            name=f"seqapps-{uuid.uuid4().hex[:8]}",
            storage_path=results,  # nothing: states are kept by us
            failure_config=train.FailureConfig(max_failures=restarts),
        ),
    )


def _wait(ray: Any, trainer: Any, notes: Any) -> Outcome:
    """Prints what the training prints, until it ends."""
    failures: list[BaseException] = []

    def fit() -> None:
        try:
            trainer.fit()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=fit, daemon=True)
    run = None

    def line() -> str:
        return f"stopped: go on with --resume {run}" if run else "stopped"

    with interrupt.deferred(_SECONDS, line):
        thread.start()
        stops = 0
        while thread.is_alive():
            time.sleep(_TICK)
            _print(ray.get(notes.take_lines.remote()))
            run = ray.get(notes.run.remote())
            if not stops and (stops := interrupt.requested()):
                ray.get(notes.stop.remote())
        _print(ray.get(notes.take_lines.remote()))
        run = ray.get(notes.run.remote())
        if stops:
            raise interrupt.Stopped(line(), stops)
    outcome = ray.get(notes.outcome.remote())
    if outcome:
        return Outcome(*outcome)
    lost = ray.get(notes.loss.remote())
    why = lost or (reason(failures[0]) if failures else "no worker has ended")
    return Outcome(1, f"{why}; go on with --resume {run}" if run else why)


def _print(lines: list[tuple[str, bool]]) -> None:
    for line, is_error in lines:
        print(line, file=sys.stderr if is_error else sys.stdout, flush=True)
