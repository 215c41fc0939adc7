"""Translations line by line, however many: kept once they are made.

A long file takes hours, so its translation grows in a draft beside the output,
and a second file counts what is done of which translation:

    .out.txt.partial         the lines that are done
    .out.txt.partial.json    {"job": ..., "lines": 2048, "bytes": 91034}

Lines are first added to the draft and then counted: whatever ends the process,
at any moment, what has been counted is whole.
"""

import hashlib
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

from seqapps import files
from seqapps.errors import InputError

_START = 1 << 20  # bytes of a file that it is known by


@contextmanager
def printing(output: Path | None):
    """What writes to standard output, or to a pipe, as the texts come."""
    if not output:
        yield lambda text: print(text, end="", flush=True)
        return
    with files.writing(output) as file:

        def write(text: str) -> None:
            file.write(text.encode())
            file.flush()

        yield write


def fingerprint(path: Path) -> dict:
    """What a file is known by, when work on it goes on another day."""
    about = path.stat()
    with path.open("rb") as file:
        start = hashlib.sha256(file.read(_START)).hexdigest()
    return {"bytes": about.st_size, "time": about.st_mtime_ns, "start": start}


class Draft:
    """A file that grows window by window, and is put in place when whole.

    Args:
        output: the file; what was there stays until the new one is whole.
        job: JSON, "name": value: all that the content depends on. A draft that
            a process left of the same job goes on, one of another job is begun
            again. None: what the content depends on does not stay, so neither
            does a draft.

    Attributes:
        lines: of the input, how many are done.

    Raises:
        InputError: another process writes this draft.
    """

    def __init__(self, output: Path, job: dict | None = None):
        output = files.target(output)
        self._output, self._job = output, job
        self._path = output.with_name(f".{output.name}.partial")
        self._count = output.with_name(f".{output.name}.partial.json")
        self.lines = self._bytes = 0

    def __enter__(self):
        self._file = self._path.open("ab")
        try:
            self._lock()
            self._go_on()
            self._file.truncate(self._bytes)
        except BaseException:
            self._file.close()
            raise
        return self

    def add(self, content: str, lines: int) -> None:
        """Adds the translation of so many more lines of the input."""
        raw = content.encode()
        self._file.write(raw)
        self._file.flush()
        os.fsync(self._file.fileno())  # before it is counted
        self.lines += lines
        self._bytes += len(raw)
        if self._job is not None:
            state = {"lines": self.lines, "bytes": self._bytes}
            files.write(self._count, json.dumps({"job": self._job} | state))

    def __exit__(self, kind, *_):
        self._file.close()
        if kind is None:
            files.replace(self._path, self._output)
            self._count.unlink(missing_ok=True)
        elif self.lines and self._job is not None:
            self._say(
                f"{self.lines:,} lines are done; the same command goes on"
            )
        else:
            self._path.unlink(missing_ok=True)
            self._count.unlink(missing_ok=True)

    def _go_on(self) -> None:
        try:
            state = json.loads(self._count.read_text("utf-8"))
            job, lines, size = state["job"], state["lines"], state["bytes"]
        except (OSError, ValueError, KeyError, TypeError):
            job, lines, size = None, 0, 0  # no draft, or not one to be trusted
        if job and job == self._job and size <= self._path.stat().st_size:
            self.lines, self._bytes = lines, size
            self._say(f"{lines:,} lines are done, and the rest follows")
            return
        # first of all: no count may stand beside what it did not count
        self._count.unlink(missing_ok=True)
        if job:
            ours = self._job or {"input": None}
            names = [name for name in ours if ours[name] != job.get(name)]
            self._say(
                f"{lines:,} lines were done, but with another "
                f"{' and '.join(names) or 'draft'}: beginning again"
            )

    def _lock(self) -> None:
        try:
            import fcntl  # noqa: TID251
        except ImportError:  # no Unix
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"another process is writing {self._output}: wait for it, or "
                "name another --output"
            ) from None
        except OSError:  # a file system that has no locks
            pass

    def _say(self, message: str) -> None:
        print(f"{self._output}: {message}", file=sys.stderr)
