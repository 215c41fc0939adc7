"""A worker's training, in a process of its own."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, NamedTuple

from seqapps.launch.command import Command

_TICK = 0.2  # seconds
_ENDS_BY_ITSELF = 40.0  # seconds from SIGTERM; a training needs 25
# Ray sets it for the Keras of before
_FOREIGN = ("TF_USE_LEGACY_KERAS",)


class Ended(NamedTuple):
    """How a process ended.

    Args:
        code: its exit code.
        answer: its last line on standard error: what was wrong.
    """

    code: int
    answer: str


def run(
    command: Command,
    folder: Path,
    tell: Callable[[str, bool], None],
    stops: Callable[[], bool],
    watch: Callable[[], None] = lambda: None,
    environment: Mapping[str, str] = os.environ,
) -> Ended:
    """Runs a training to its end.

    Args:
        command: what to run.
        folder: the folder in which it works.
        tell: is given each line, and whether it is one of standard error. The
            last of these is not told, but returned.
        stops: whether it shall save and end; asked several times a second.
        watch: is called as often.
        environment: with `TF_CONFIG`.
    """
    modules = [os.path.abspath(path) for path in sys.path if path]
    environment = {
        **{k: v for k, v in environment.items() if k not in _FOREIGN},
        "PYTHONPATH": os.pathsep.join(modules),
        "PYTHONUNBUFFERED": "1",
    }
    answer = [""]

    def tell_error(line: str) -> None:
        if answer[0]:
            tell(answer[0], True)
        answer[0] = line

    with subprocess.Popen(
        [sys.executable, "-m", "seqapps.launch.child"]
        + [command.module, *command.words],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # Ctrl-C comes to us, and SIGTERM to it
    ) as process:
        readers = [
            threading.Thread(
                target=_read,
                args=(process.stdout, lambda line: tell(line, False)),
            ),
            threading.Thread(target=_read, args=(process.stderr, tell_error)),
        ]
        for reader in readers:
            reader.start()
        killed_at = float("inf")
        while process.poll() is None:
            time.sleep(_TICK)
            watch()
            if time.monotonic() > killed_at:
                process.kill()
            elif killed_at == float("inf") and stops():
                process.terminate()
                killed_at = time.monotonic() + _ENDS_BY_ITSELF
        for reader in readers:
            reader.join()
        watch()
    return Ended(process.returncode, answer[0])


def _read(stream: IO[str], tell: Callable[[str], None]) -> None:
    for line in stream:
        tell(line.rstrip("\n"))
