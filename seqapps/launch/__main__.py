"""The command line: `python -m seqapps.launch --workers N -m TASK train`."""

import sys
from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts.validators import Number

from seqapps.console import terminal

Count = Annotated[int, cyclopts.Parameter(validator=Number(gte=1))]
Size = Annotated[int, cyclopts.Parameter(validator=Number(gte=0))]

app = cyclopts.App(
    name="python -m seqapps.launch",
    usage="Usage: python -m seqapps.launch --workers N [FLAGS] "
    "-m seqapps.tasks.TASK train [FLAGS OF train]",
    version_flags=[],
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


def main(argv: list[str] | None = None) -> None:
    """Runs the launcher; bad input is one line and exit code 2."""
    terminal.choose_tensorflow()
    with terminal.answering("launch", process=argv is None):
        from seqapps.launch.command import split

        own, words = split(list(sys.argv[1:] if argv is None else argv))
        call, bound, _ = app.parse_args(
            own, exit_on_error=False, print_error=False
        )
        if call is launch:
            bound.arguments["words"] = words
        call(*bound.args, **bound.kwargs)


@app.default
def launch(
    *,
    workers: Count,
    address: str | None = None,
    storage: str = ".",
    cpus: Count = 1,
    gpus: Size | None = None,
    restarts: Size = 3,
    words: Annotated[list[str] | None, cyclopts.Parameter(parse=False)] = None,
) -> None:
    """Train a task by several workers, on one machine or many, by Ray.

    Each worker runs what stands behind -m, with --devices.name multiworker:
    the batch is shared out among them, and the result is that of one worker.
    A worker that is lost is started again, and all go on from the last
    checkpoint (--fit.save-every). Needs pip install "seqapps[ray]".

    Two workers on this machine, in a Ray that ends with them:

        python -m seqapps.launch --workers 2 -m seqapps.tasks.music train

    Eight on a cluster, called on one of its machines; all see /shared:

        python -m seqapps.launch --workers 8 --address auto --storage /shared
        -m seqapps.tasks.music train --fit.epochs 20

    Stopped (Ctrl-C), it says how to go on: with train --resume RUN.

    Args:
        workers: How many. The batch should have as many rows.
        address: Of a cluster: ray://HOST:10001, or auto for the one that this
            machine belongs to. Default: RAY_ADDRESS, or else a local Ray.
        storage: Where runs are kept, in runs/TASK/: a folder that all machines
            see, in which the workers also work, so that paths in the task's
            flags begin there; or an address that fsspec knows, such as
            s3://bucket/folder.
        cpus: Cores of each worker.
        gpus: GPUs of each worker. Default: those of the cluster, shared out.
        restarts: How many times lost workers are started again.
        words: What stands behind -m.
    """
    from seqapps.launch import cluster, command
    from seqapps.launch import storage as places

    if not places.is_address(storage):
        storage = str(Path(storage).absolute())
    what = command.read(words or [], storage)
    if {"--help", "-h"} & {*what.words}:
        return  # the task has printed it
    places.check(storage)
    resources = cluster.Resources(workers, cpus, gpus, restarts)
    code, message = cluster.train(what, resources, address, storage)
    if code:
        terminal.fail("launch", message, code)
    if message:
        print(message, file=sys.stderr)


if __name__ == "__main__":
    main()
