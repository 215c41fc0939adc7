"""What command lines share: one-line errors, progress bars, clean text."""

import codecs
import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from seqapps.console import interrupt
from seqapps.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")
_ESCAPED = "seqapps.escaped"
_BYTES = {chr(c) for c in range(0xDC80, 0xDD00)}  # that are not text, escaped


@contextlib.contextmanager
def answering(name: str, process: bool = False) -> Iterator[None]:
    """Runs a command and turns errors into one line and an exit code.

    Bad input and errors of the operating system exit with 2, Ctrl-C with 130,
    SIGTERM with 143, a closed pipe (`| head`) with 141 and no line. Closed
    standard streams act as `/dev/null`; characters that a stream's encoding
    lacks are escaped as in JSON.

    Args:
        name: the name of the command: "music".
        process: whether this process runs nothing but the command; then Ctrl-C
            and SIGTERM end it in seconds, whatever it is doing.
    """
    _open_streams()
    try:
        if process:
            interrupt.watch(name)
        yield
        if interrupt.requested():
            interrupt.leave(name)
        sys.stdout.flush()
    except KeyboardInterrupt as stopped:
        interrupt.leave(name, stopped)
    except Exception as error:
        if interrupt.requested():
            interrupt.leave(name)
        _answer(name, error)


def _answer(name: str, error: Exception) -> None:
    """Exits with one line for an error that the user can mend, or raises it."""
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
    """Exits with one line on standard error.

    Args:
        name: the name of the command: "music".
        message: its line breaks and unprintable characters become blanks.
        code: the exit code.
    """
    with contextlib.suppress(OSError):
        print(f"seqapps {name}: {shown(message)}", file=sys.stderr)
        sys.stderr.flush()
    raise SystemExit(code) from None


def shown(text: str) -> str:
    """Returns a text in one line, without control characters."""
    printable = (c if c.isprintable() or c in _BYTES else " " for c in text)
    return " ".join("".join(printable).split())


def readable(word: str) -> str:
    """Decodes a word of the command line as UTF-8, whatever the locale."""
    try:
        return os.fsencode(word).decode("utf-8", "surrogateescape")
    except UnicodeError:
        return word


def choose_tensorflow() -> None:
    """Sets the backend of Keras, before it is imported, and a silent log.

    The applications need tf.data.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def import_tensorflow() -> None:
    """Imports TensorFlow without the lines that it logs on import."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def progress() -> "Progress":
    """Makes a progress bar on standard error, shown if that is a terminal."""
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


def track(
    items: Iterable[T], description: str, total: int | None = None
) -> Iterator[T]:
    """Yields items and shows a progress bar.

    Args:
        items: any iterable.
        description: the text beside the bar.
        total: the number of items, if they have no length.
    """
    with progress() as bar:
        yield from bar.track(items, total, description=description)


def _open_streams() -> None:
    """Opens closed standard streams; lets all escape what they lack."""
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
    """Escapes characters that an encoding lacks, as JSON does."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    units = characters.encode("utf-16-be", "surrogatepass").hex()
    escaped = [f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)]
    return "".join(escaped), error.end


def _drop_output() -> None:
    """Discards what Python would still flush to standard output."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reason(error: OSError) -> str:
    """Returns the operating system's message, with the name of the file."""
    try:
        os.getcwd()
    except OSError:
        return "the current folder is gone: change to another"
    what = error.strerror or str(error)
    return f"{error.filename}: {what}" if error.filename else what
