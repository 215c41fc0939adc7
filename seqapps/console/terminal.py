"""What command lines share: an error of one line, a bar, a quiet import."""

import codecs
import contextlib
import os
import sys
from collections.abc import Iterable, Iterator

from seqapps.console import interrupt
from seqapps.errors import InputError

_ESCAPED = "seqapps.escaped"
_BYTES = {chr(c) for c in range(0xDC80, 0xDD00)}  # that are not text, escaped


@contextlib.contextmanager
def answering(name: str, process: bool = False) -> Iterator[None]:
    """Runs a command so that whatever ends it is one line and an exit code.

    Bad input and what the operating system refuses end with 2, Ctrl-C with
    130, a reader that has read enough with 141 and no line. Standard streams
    that are closed are as good as `/dev/null`; what a stream's encoding lacks
    is escaped as in JSON.

    Args:
        name: of the command: "music".
        process: whether the command is all that this process is for; then
            Ctrl-C ends it in seconds, whatever it is doing.
    """
    _open_streams()
    try:
        if process:
            interrupt.watch(name)
        yield
        if interrupt.asked():
            interrupt.leave(name)
        sys.stdout.flush()
    except KeyboardInterrupt:
        interrupt.leave(name)
    except Exception as error:
        if interrupt.asked():
            interrupt.leave(name)
        _answer(name, error)


def _answer(name: str, error: Exception) -> None:
    """Says in a line what is the user's to mend; raises any other error."""
    import cyclopts

    if isinstance(error, BrokenPipeError):  # `... | head` has read enough
        _drop_output()
        sys.exit(128 + 13)  # as if ended by SIGPIPE
    if isinstance(error, InputError | cyclopts.CycloptsError):
        fail(name, str(error), 2)
    if isinstance(error, OSError):
        _drop_output()  # it may be what is full
        fail(name, _reason(error), 2)
    raise error


def fail(name: str, message: str, code: int) -> None:
    """Ends the process with one line on standard error.

    Args:
        name: of what failed: "music".
        message: its blanks, line breaks and what else cannot be shown become
            single blanks.
        code: of the exit.
    """
    with contextlib.suppress(OSError):
        print(f"seqapps {name}: {shown(message)}", file=sys.stderr)
        sys.stderr.flush()
    raise SystemExit(code) from None


def shown(text: str) -> str:
    """A text in one line, without what a terminal would act on."""
    kept = (c if c.isprintable() or c in _BYTES else " " for c in text)
    return " ".join("".join(kept).split())


def readable(word: str) -> str:
    """A word of the command line, which is UTF-8 whatever the locale says."""
    try:
        return os.fsencode(word).decode("utf-8", "surrogateescape")
    except UnicodeError:
        return word


def import_tensorflow() -> None:
    """Imports TensorFlow without the lines it logs before it can be told."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def progress():
    """A `rich.progress.Progress` on standard error, if that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(
        console=console,
        transient=True,
        disable=not console.is_terminal,
        # what is printed goes above the bar, if it is the same terminal
        redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),
    )


def track(parts: Iterable, what: str, total: int | None = None) -> Iterator:
    """Yields the parts, with a bar that says what is done with them.

    Args:
        parts: of anything.
        what: stands beside the bar.
        total: how many parts there are, if they do not know it themselves.
    """
    with progress() as bar:
        yield from bar.track(parts, total, description=what)


def _open_streams() -> None:
    """Opens standard streams that are closed, and lets none refuse a letter."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number: this one
    codecs.register_error(_ESCAPED, _escape)
    for fd, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(fd, "w", encoding="utf-8", closefd=False))
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_ESCAPED)


def _escape(error: UnicodeError) -> tuple[str, int]:
    """What an encoding lacks, as JSON writes it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    units = lacking.encode("utf-16-be", "surrogatepass").hex()
    escaped = [f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)]
    return "".join(escaped), error.end


def _drop_output() -> None:
    """Lets Python's last flush of standard output go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reason(error: OSError) -> str:
    """What the operating system says, and of which file."""
    try:
        os.getcwd()
    except OSError:
        return "the current folder is gone: change to another"
    what = error.strerror or str(error)
    return f"{error.filename}: {what}" if error.filename else what
