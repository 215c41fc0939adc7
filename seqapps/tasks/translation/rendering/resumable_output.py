"""Output files that grow window by window and survive interruptions.

The translation of a long file takes hours. It grows in a partial file beside
the output, and a second file holds the progress:

    .out.txt.partial         the lines that are done
    .out.txt.partial.json    {"job": ..., "lines": 2048, "bytes": 91034}

Lines are first written to the partial file and then counted in the progress:
whenever the process ends, the lines that are counted are complete.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from seqapps import files
from seqapps.errors import InputError

_HASHED = 1 << 20  # bytes at the beginning of a file


@contextmanager
def stream_writer(output: Path | None) -> Iterator[Callable[[str], None]]:
    """A function that writes to a pipe, or to standard output, unbuffered."""
    if not output:
        yield lambda text: print(text, end="", flush=True)
        return
    with files.atomic_file(output) as file:

        def write(text: str) -> None:
            file.write(text.encode())
            file.flush()

        yield write


def fingerprint(path: Path) -> dict[str, Any]:
    """Identifies a file by its size, time and beginning."""
    stat = path.stat()
    with path.open("rb") as file:
        start = hashlib.sha256(file.read(_HASHED)).hexdigest()
    return {"bytes": stat.st_size, "time": stat.st_mtime_ns, "start": start}


class ResumableOutput:
    """A file that is written in parts and appears when it is complete.

    Args:
        output: the file; an older one stays until the new one is complete.
        job: all that the content depends on, as JSON. A partial file of the
            same job is continued, one of another job is begun again. None for
            content that cannot be resumed: the partial file is not kept.

    Attributes:
        lines: the number of input lines that are done.

    Raises:
        InputError: another process is writing this output.
    """

    def __init__(self, output: Path, job: dict[str, Any] | None = None):
        output = files.resolve_link(output)
        self._output, self._job = output, job
        self._partial = output.with_name(f".{output.name}.partial")
        self._progress = output.with_name(f".{output.name}.partial.json")
        self.lines = self._bytes = 0

    def __enter__(self) -> "ResumableOutput":
        self._file = self._partial.open("ab")
        try:
            self._lock()
            self._resume()
            self._file.truncate(self._bytes)
        except BaseException:
            self._file.close()
            raise
        return self

    def add(self, content: str, lines: int) -> None:
        """Appends the translations of the next `lines` input lines."""
        raw = content.encode()
        self._file.write(raw)
        self._file.flush()
        os.fsync(self._file.fileno())  # before the progress counts it
        self.lines += lines
        self._bytes += len(raw)
        if self._job is not None:
            state = {"lines": self.lines, "bytes": self._bytes}
            files.write_file(
                self._progress, json.dumps({"job": self._job} | state)
            )

    def __exit__(
        self,
        error: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        if error is None:
            files.replace_file(self._partial, self._output)
            self._progress.unlink(missing_ok=True)
        elif self.lines and self._job is not None:
            self._report(
                f"{self.lines:,} lines are done; the same command goes on"
            )
        else:
            self._partial.unlink(missing_ok=True)
            self._progress.unlink(missing_ok=True)

    def _resume(self) -> None:
        try:
            state = json.loads(self._progress.read_text("utf-8"))
            job, lines, size = state["job"], state["lines"], state["bytes"]
        except (OSError, ValueError, KeyError, TypeError):
            job, lines, size = None, 0, 0  # none, or broken
        if job and job == self._job and size <= self._partial.stat().st_size:
            self.lines, self._bytes = lines, size
            self._report(f"{lines:,} lines are done, and the rest follows")
            return
        # before the partial file is truncated: it would no longer match
        self._progress.unlink(missing_ok=True)
        if job:
            new = self._job or {"input": None}
            changed = [name for name in new if new[name] != job.get(name)]
            self._report(
                f"{lines:,} lines were done, but with another "
                f"{' and '.join(changed) or 'draft'}: beginning again"
            )

    def _lock(self) -> None:
        try:
            import fcntl  # noqa: TID251
        except ImportError:  # not on Windows
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"another process is writing {self._output}: wait for it, or "
                "name another --output"
            ) from None
        except OSError:  # the file system has no locks
            pass

    def _report(self, message: str) -> None:
        print(f"{self._output}: {message}", file=sys.stderr)
