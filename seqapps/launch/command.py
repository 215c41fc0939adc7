"""The command that each worker runs: a task's `train`, checked beforehand."""

import contextlib
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from seqapps import cli, recipes
from seqapps.errors import InputError
from seqapps.launch import storage
from seqapps.task import Task

_EXAMPLE = "-m seqapps.tasks.music train"


class Command(NamedTuple):
    """`python -m MODULE train ...`.

    Args:
        module: that runs the task.
        task: the name of the task.
        words: what follows the module: "train" and its flags.
    """

    module: str
    task: str
    words: tuple[str, ...]

    @property
    def resumed(self) -> str | None:
        """The run that is to be resumed: "newest", a folder, or None."""
        return recipes.value_of(self.words, "--resume")

    def resuming(self, run: str | None) -> "Command":
        """The same command, which goes on with a run; None begins one."""
        if run is None:
            return self
        words = _without(self.words, "--resume")
        return self._replace(words=(*words, f"--resume={run}"))


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Splits a command line before its first `-m`, which is left out."""
    if "-m" not in words:
        return words, []
    at = words.index("-m")
    return words[:at], words[at + 1 :]


def read(words: list[str], folder: str) -> Command:
    """Reads the words behind `-m`, and checks them as the task would.

    Args:
        words: the module, the verb and its flags.
        folder: where the workers will work; see `storage`.

    Raises:
        InputError: a word is wrong.
    """
    if not words:
        raise InputError(f"name what to train, as the last: {_EXAMPLE}")
    module, *rest = words
    task = _task(module)
    rest = recipes.normal_words(rest)
    if rest[:1] != ["train"]:
        given = f", not {rest[0]!r}" if rest else ""
        raise InputError(f"several workers can train{given}: {_EXAMPLE}")
    name = recipes.value_of(rest, "--devices.name")
    if name not in (None, "multiworker"):
        raise InputError(
            f"--devices.name is multiworker here, not {name!r}: leave it out"
        )
    rest = [
        *_without(rest, "--devices.name"),
        "--devices.name=multiworker",
    ]
    command = Command(module, task.name, tuple(rest))
    with _inside(folder):
        # a run of elsewhere is read by the workers, who have fetched it
        checked = rest
        if storage.is_address(folder):
            checked = _without(rest, "--resume")
        cli.check(task, checked)
    return command


def _task(module: str) -> Task:
    """The `TASK` of a module."""
    try:
        found = importlib.import_module(module)
    except (ImportError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"-m {module}: {error}") from None
    task = getattr(found, "TASK", None)
    if not isinstance(task, Task):
        raise InputError(f"-m {module} has no TASK: name a task, as {_EXAMPLE}")
    return task


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    """Works in a folder, if it is one of this machine and there."""
    there = not storage.is_address(folder) and Path(folder).is_dir()
    with contextlib.chdir(folder if there else "."):
        yield


def _without(words: list[str] | tuple[str, ...], flag: str) -> list[str]:
    """The words without a flag and its value."""
    kept: list[str] = []
    dropped = False
    for word in words:
        if not dropped and word != flag and not word.startswith(f"{flag}="):
            kept.append(word)
        dropped = not dropped and word == flag
    return kept
