"""What command lines share: an error of one line, a bar, a quiet import."""

import os
import sys
from collections.abc import Iterable, Iterator


def fail(name: str, message: str, code: int) -> None:
    """Ends the process with one line on standard error.

    Args:
        name: of what failed: "music".
        message: its blanks and line breaks become single blanks.
        code: of the exit.
    """
    print(f"seqapps {name}: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(code) from None


def import_tensorflow() -> None:
    """Imports TensorFlow without the lines it logs before it can be told."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
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
