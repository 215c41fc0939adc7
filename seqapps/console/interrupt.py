"""Ctrl-C: prints its line at once, and soon ends the process."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

_GRACE = 2  # seconds for cleaning up
drafts: set[Path] = set()  # files to remove if that time is too short
_watcher: "_Watcher | None" = None


class _Watcher:
    """A thread that a signal wakes whatever Python is doing.

    Python itself handles Ctrl-C only between two of its instructions, and one
    of these may compute for half a minute, or wait.
    """

    def __init__(self, name: str):
        self._line = f"seqapps {name}: stopped\n".encode()
        self._stream = os.dup(2)  # standard error may be redirected
        self._lock = threading.Lock()
        self._has_printed = self.requested = False
        self._woken, waking = socket.socketpair()
        waking.setblocking(False)
        signal.set_wakeup_fd(waking.detach(), warn_on_full_buffer=False)
        threading.Thread(target=self._wait, daemon=True).start()
        self._hook, sys.unraisablehook = sys.unraisablehook, self._ignored
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._stop)

    def _wait(self) -> None:
        while signal.SIGINT not in self._woken.recv(64):
            pass
        self.print_line()
        time.sleep(_GRACE)  # for most it is enough
        for draft in list(drafts):
            with contextlib.suppress(OSError):
                draft.unlink()
        os._exit(130)

    def _stop(self, *_: Any) -> None:
        if not self.requested:  # once: cleaning up is not interrupted
            self.requested = True
            raise KeyboardInterrupt

    def _ignored(self, error: Any) -> None:
        """Drops a Ctrl-C where Python cannot raise an error."""
        if not issubclass(error.exc_type, KeyboardInterrupt):
            self._hook(error)

    def print_line(self) -> None:
        """Prints the line, once."""
        with self._lock, contextlib.suppress(OSError):
            if not self._has_printed:
                self._has_printed = True
                os.write(self._stream, self._line)


def watch(name: str) -> None:
    """Lets Ctrl-C end this process in seconds; called once by its program.

    Args:
        name: the name of the command: "music".
    """
    global _watcher
    main = threading.current_thread() is threading.main_thread()
    if _watcher is None and main:
        _watcher = _Watcher(name)


def requested() -> bool:
    """Whether Ctrl-C was pressed, even if another error hid it."""
    return _watcher is not None and _watcher.requested


def leave(name: str) -> NoReturn:
    """Prints that a command was stopped, and exits with 130.

    A watched process ends here: a normal exit would wait for threads that
    compute.
    """
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    if _watcher:
        _watcher.print_line()
        os._exit(130)
    with contextlib.suppress(OSError):
        print(f"seqapps {name}: stopped", file=sys.stderr, flush=True)
    raise SystemExit(130) from None
