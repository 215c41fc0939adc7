"""Ctrl-C and SIGTERM: print their line at once, and soon end the process."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

_GRACE = 2.0  # seconds for cleaning up
_NOTICE = 1.0  # seconds until a block that ends by itself says so
_SIGNALS = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}  # and what Python does with them
drafts: set[Path] = set()  # files to remove if that time is too short
_watcher: "_Watcher | None" = None
_block: "_Block | None" = None
_received: list[int] = []  # signals, in their order


class Stopped(KeyboardInterrupt):
    """A signal has ended a command; the message is its last line."""

    def __init__(self, message: str, number: int = signal.SIGINT):
        super().__init__(message)
        self.number = number


class _Block:
    """A block that ends by itself when a signal asks for it.

    Args:
        seconds: that it may take.
        line: returns the last line, should it take longer.
    """

    def __init__(self, seconds: float, line: Callable[[], str]):
        self.seconds, self.line = seconds, line


class _Watcher:
    """A thread that a signal wakes whatever Python is doing.

    Python itself handles signals only between two of its instructions, and one
    of these may compute for half a minute, or wait.
    """

    def __init__(self, name: str):
        self._name = name
        self._stream = os.dup(2)  # standard error may be redirected
        self._lock = threading.Lock()
        self._has_printed = False
        self._woken, waking = socket.socketpair()
        waking.setblocking(False)
        signal.set_wakeup_fd(waking.detach(), warn_on_full_buffer=False)
        threading.Thread(target=self._wait, daemon=True).start()
        self._hook, sys.unraisablehook = sys.unraisablehook, self._ignored
        _take_signals()

    def _wait(self) -> None:
        number = self._next()
        block = _block
        late = block is not None and not self._is_hurried(block.seconds)
        self.print_line(block.line() if block else "")
        if not late:
            time.sleep(_GRACE)  # for most it is enough
        for draft in list(drafts):
            with contextlib.suppress(OSError):
                draft.unlink()
        os._exit(128 + number)

    def _next(self, seconds: float | None = None) -> int:
        """Waits for a signal; 0 if there is none in time."""
        self._woken.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            while True:
                for number in self._woken.recv(64):
                    if number in _SIGNALS:
                        return number
        return 0

    def _is_hurried(self, seconds: float) -> bool:
        """Waits for a second signal; returns whether it came in time."""
        if self._next(_NOTICE):
            return True
        self._write("saving and stopping; once more to stop at once")
        return bool(self._next(seconds - _NOTICE))

    def _ignored(self, error: Any) -> None:
        """Drops a Ctrl-C where Python cannot raise an error."""
        if not issubclass(error.exc_type, KeyboardInterrupt):
            self._hook(error)

    def _write(self, message: str) -> None:
        with contextlib.suppress(OSError):
            os.write(
                self._stream, f"seqapps {self._name}: {message}\n".encode()
            )

    def print_line(self, message: str) -> None:
        """Prints the last line, once."""
        with self._lock:
            if not self._has_printed:
                self._has_printed = True
                self._write(message or "stopped")


def watch(name: str) -> None:
    """Lets a signal end this process in seconds; called once by its program.

    Args:
        name: the name of the command: "music".
    """
    global _watcher
    if _watcher is None and _is_main_thread():
        _watcher = _Watcher(name)


def requested() -> int:
    """The signal that asked for the end, even if an error hid it; 0 if none."""
    return _received[0] if _received else 0


@contextlib.contextmanager
def deferred(seconds: float, line: Callable[[], str]) -> Iterator[None]:
    """Lets a block end by itself: it asks `requested`, and raises `Stopped`.

    A second signal ends it at once. A watched process ends after some time,
    whatever the block does.

    Args:
        seconds: that the block may take.
        line: returns the last line, should it take longer.
    """
    global _block
    unwatched = _watcher is None and _is_main_thread()
    before = _take_signals() if unwatched else {}
    _block = _Block(seconds, line)
    try:
        yield
    except Stopped:
        raise
    except KeyboardInterrupt:
        raise Stopped(line(), requested() or signal.SIGINT) from None
    finally:
        _block = None
        for number, handler in before.items():
            signal.signal(number, handler)
        if unwatched:
            _received.clear()


def leave(name: str, stopped: KeyboardInterrupt | None = None) -> NoReturn:
    """Prints that a command was stopped; exits with 130 (143 after SIGTERM).

    A watched process ends here: a normal exit would wait for threads that
    compute.
    """
    message = str(stopped) if isinstance(stopped, Stopped) else ""
    number = requested() or getattr(stopped, "number", signal.SIGINT)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    if _watcher:
        _watcher.print_line(message)
        os._exit(128 + number)
    with contextlib.suppress(OSError):
        line = f"seqapps {name}: {message or 'stopped'}"
        print(line, file=sys.stderr, flush=True)
    raise SystemExit(128 + number) from None


def _is_main_thread() -> bool:
    """Whether Python lets this thread handle signals."""
    return threading.current_thread() is threading.main_thread()


def _take_signals() -> dict[int, Any]:
    """Handles the signals that nobody else does; returns what did before."""
    before = {}
    for number, default in _SIGNALS.items():
        if signal.getsignal(number) is default:
            before[number] = signal.signal(number, _receive)
    return before


def _receive(number: int, _: Any) -> None:
    """Raises once, for cleaning up is not interrupted."""
    _received.append(number)
    if len(_received) == (1 if _block is None else 2):
        raise KeyboardInterrupt
