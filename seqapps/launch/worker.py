"""What each worker of Ray does: train in a process, and say how it ends."""

import contextlib
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

from seqapps.devices import workers
from seqapps.launch import process, storage
from seqapps.launch.command import Command
from seqapps.training import runs

_TICK = 1.0  # seconds between two questions to the launcher
# Exit codes after which a restart would end in the same way: done, bad input,
# stopped by Ctrl-C or SIGTERM.
_FINAL = (0, 2, 128 + 2, 128 + 15)
# A worker whose end follows from that of another waits for what that one says,
# or for Ray to start all again.
_FOLLOWS = (workers.WAS_LOST, workers.HAS_STOPPED, workers.CANNOT_JOIN)
_SECONDS = 60.0


class Job(NamedTuple):
    """What a worker is given.

    Args:
        command: what to run.
        storage: where runs are kept.
        notes: a handle of the actor `Notes`.
    """

    command: Command
    storage: str
    notes: Any


def work(config: dict[str, Any]) -> None:
    """Trains as one worker of several.

    Args:
        config: `{"job": Job}`.

    Raises:
        RuntimeError: the training ended as a restart may mend.
    """
    import ray
    from ray import train

    job: Job = config["job"]
    notes = job.notes
    rank = train.get_context().get_world_rank()
    run = ray.get(notes.begin.remote(rank))
    if ray.get(notes.is_over.remote()):
        return
    with storage.folder_of(job.storage) as folder:
        keeper = _Keeping(job, folder, rank)
        environment = dict(os.environ)
        if storage.is_address(job.storage):
            environment[runs.COPIES] = "1"
            if run:
                storage.fetch(job.storage, run, folder)
        ended = process.run(
            job.command.resuming(run),
            folder,
            tell=keeper.tell,
            stops=keeper.is_over,
            watch=keeper.keep,
            environment=environment,
        )
        keeper.keep(last=True)
    follows = any(text in ended.answer for text in _FOLLOWS)
    if follows:
        keeper.wait_for_end(_SECONDS)
    elif ended.code in _FINAL:
        if rank == 0 or ended.code:
            ray.get(notes.end.remote(ended.code, ended.answer))
        return
    if keeper.is_over():
        return
    why = f"exit code {ended.code}"
    if ended.answer and ended.code > 0:
        why += f", {ended.answer[:120]}"
    if not follows:
        ray.get(notes.lose.remote(rank, why))
    raise RuntimeError(f"worker {rank}: {why}")


class _Keeping:
    """Tells the launcher what a training prints, and keeps its run.

    Only the first worker does: it is the one that writes.
    """

    def __init__(self, job: Job, folder: Path, rank: int):
        self._notes, self._rank = job.notes, rank
        self._asked, self._over, self._kept = 0.0, False, 0.0
        self._keeper = None
        if storage.is_address(job.storage) and rank == 0:
            self._keeper = storage.Keeper(job.storage, folder)

    def tell(self, line: str, is_error: bool) -> None:
        if self._rank == 0:
            self._notes.tell.remote(line, is_error)

    def is_over(self) -> bool:
        import ray

        if time.monotonic() > self._asked + _TICK:
            self._asked = time.monotonic()
            self._over = ray.get(self._notes.is_over.remote())
        return self._over

    def wait_for_end(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.is_over():
            time.sleep(_TICK)

    def keep(self, last: bool = False) -> None:
        import ray

        due = last or time.monotonic() > self._kept + _TICK
        if not self._keeper or not due:
            return
        self._kept = time.monotonic()
        if run := ray.get(self._notes.run.remote()):
            # a network may be away for a while, but not at the end
            with contextlib.suppress(*() if last else (OSError,)):
                self._keeper.keep(run)
