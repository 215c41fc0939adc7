"""The console script: `seqapps TASK VERB ...`."""

import importlib
import pkgutil
import sys

from seqapps import __version__
from seqapps.console import terminal


def script() -> None:
    """Runs the task that the first word names."""
    from seqapps import tasks

    names = [module.name for module in pkgutil.iter_modules(tasks.__path__)]
    choice = f"one of: {', '.join(sorted(names))}"
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    if word in names:
        run(word, sys.argv[2:], f"seqapps {word}")
    elif word in ("-h", "--help"):
        print(f"usage: seqapps TASK VERB [--help]\nTASK is {choice}")
    elif word == "--version":
        print(__version__)
    else:
        terminal.fail(word or "TASK", f"no such task; name {choice}", 2)


def run(
    name: str, argv: list[str] | None = None, program: str | None = None
) -> None:
    """Runs a task of ours as all that this process is for.

    What it needs is imported here, where Ctrl-C has its answer already.

    Args:
        name: of the task: "music".
        argv: see `cli.main`; so for the next one.
        program: how the user called it.
    """
    with terminal.answering(name, process=True):
        from seqapps import cli

        task = importlib.import_module(f"seqapps.tasks.{name}").TASK
        cli.main(task, argv, program)
