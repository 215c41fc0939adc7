"""Ctrl-C: its line at once, and the end of the process soon after."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

_GRACE = 2  # seconds in which work under way may be put in order
drafts: set[Path] = set()  # files that are removed if that time is too short
_watcher = None


class _Watcher:
    """A thread that a signal wakes whatever Python is doing.

    Python itself acts on Ctrl-C between two of its instructions only, and one
    of them may be a computation of half a minute, or wait for one.
    """

    def __init__(self, name: str):
        self._line = f"seqapps {name}: stopped\n".encode()
        self._stream = os.dup(2)  # which is elsewhere at times
        self._lock, self._told, self.asked = threading.Lock(), False, False
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
        self.say()
        time.sleep(_GRACE)  # for most it is enough
        for draft in list(drafts):
            with contextlib.suppress(OSError):
                draft.unlink()
        os._exit(130)

    def _stop(self, *_) -> None:
        if not self.asked:  # once: what is put in order is not stopped again
            self.asked = True
            raise KeyboardInterrupt

    def _ignored(self, error) -> None:
        """Ctrl-C that Python met where nothing can be raised."""
        if not issubclass(error.exc_type, KeyboardInterrupt):
            self._hook(error)

    def say(self) -> None:
        """Prints the line, once."""
        with self._lock, contextlib.suppress(OSError):
            if not self._told:
                self._told = True
                os.write(self._stream, self._line)


def watch(name: str) -> None:
    """Lets Ctrl-C end this process in seconds; called once by its program.

    Args:
        name: of the command: "music".
    """
    global _watcher
    main = threading.current_thread() is threading.main_thread()
    if _watcher is None and main:
        _watcher = _Watcher(name)


def asked() -> bool:
    """Whether Ctrl-C has come, perhaps where it was taken for another error."""
    return _watcher is not None and _watcher.asked


def leave(name: str) -> NoReturn:
    """Says that a command is stopped, and ends with 130.

    A process that is watched ends here: Python's own way to the end waits for
    threads that compute.
    """
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    if _watcher:
        _watcher.say()
        os._exit(130)
    with contextlib.suppress(OSError):
        print(f"seqapps {name}: stopped", file=sys.stderr, flush=True)
    raise SystemExit(130) from None
