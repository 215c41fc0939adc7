"""Where workers keep runs: a folder they all see, or an fsspec address."""

import contextlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqapps.errors import InputError, reason
from seqapps.training import state

# a state is uploaded after all that it belongs to
_LAST = (state.BEFORE, state.NEWEST)


def is_address(storage: str) -> bool:
    """Whether runs are kept at an address, such as `s3://bucket/folder`."""
    return "://" in storage


def check(storage: str) -> None:
    """Checks that runs can be kept there, before a worker starts.

    Raises:
        InputError: the folder cannot be made, or the address not be reached.
    """
    if not is_address(storage):
        with contextlib.suppress(FileExistsError):
            Path(storage).mkdir(parents=True)
        if not os.access(storage, os.W_OK) or not Path(storage).is_dir():
            raise InputError(f"--storage {storage}: nobody can write there")
        return
    fs, root = _opened(storage)
    try:
        fs.makedirs(root, exist_ok=True)
    except Exception as error:  # each library has its own
        raise InputError(f"--storage {storage}: {reason(error)}") from None


@contextlib.contextmanager
def folder_of(storage: str) -> Iterator[Path]:
    """The folder in which a worker works: the shared one, or one of its own."""
    if not is_address(storage):
        yield Path(storage)
        return
    folder = Path(tempfile.mkdtemp(prefix="seqapps-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def newest(storage: str, task: str) -> str:
    """The newest run at an address: "runs/music/TIME".

    Raises:
        InputError: there is none.
    """
    fs, root = _opened(storage)
    found = fs.glob(f"{root}/runs/{task}/*/recipe.toml")
    if not found:
        raise InputError(f"no run in {storage}/runs/{task}: train one first")
    return "/".join(max(found).split("/")[-4:-1])  # names are times


def fetch(storage: str, run: str, folder: Path) -> None:
    """Copies a run from an address into a folder of this machine.

    Raises:
        InputError: there is no such run.
    """
    fs, root = _opened(storage)
    files = fs.find(f"{root}/{run}")
    if not files:
        raise InputError(f"no run {run} in {storage}")
    for file in files:
        target = folder / run / file.rpartition(f"{run}/")[2]
        target.parent.mkdir(parents=True, exist_ok=True)
        fs.get_file(file, str(target))


class Keeper:
    """Copies what changes in a run to an address, a state as the last.

    So a state that is there stands beside the best weights and the log that it
    belongs to, or newer ones, which the steps after it write again.

    Args:
        storage: the address.
        folder: where the run is.
    """

    def __init__(self, storage: str, folder: Path):
        self._storage, self._folder = storage, folder
        self._kept: dict[Path, tuple[float, int]] = {}

    def keep(self, run: str) -> None:
        """Copies what has changed in a run since it was last called."""
        fs, root = _opened(self._storage)
        with tempfile.TemporaryDirectory(dir=self._folder) as drafts:
            states = []
            for name in _LAST:
                with contextlib.suppress(FileNotFoundError):
                    draft = Path(drafts, name)
                    os.link(self._folder / run / name, draft)
                    states.append(draft)
            others = [
                path
                for path in sorted((self._folder / run).rglob("[!.]*"))
                if path.is_file() and path.name not in _LAST
            ]
            for path in [*others, *states]:
                inside = Path(run, path.name)
                if path not in states:
                    inside = path.relative_to(self._folder)
                self._copy(fs, f"{root}/{inside.as_posix()}", path, inside)

    def _copy(self, fs: Any, target: str, path: Path, inside: Path) -> None:
        with contextlib.suppress(FileNotFoundError):  # replaced meanwhile
            status = path.stat()
            mark = (status.st_mtime, status.st_size)
            if self._kept.get(inside) != mark:
                fs.makedirs(target.rpartition("/")[0], exist_ok=True)
                fs.put_file(str(path), target)
                self._kept[inside] = mark


def _opened(storage: str) -> tuple[Any, str]:
    """The file system of an address, and the path there."""
    fsspec: Any = importlib.import_module("fsspec")
    try:
        fs, root = fsspec.core.url_to_fs(storage)
    except ImportError as error:  # of the package for this kind of address
        raise InputError(f"--storage {storage}: {reason(error)}") from None
    except ValueError as error:
        raise InputError(f"--storage {storage}: {reason(error)}") from None
    return fs, root.rstrip("/")
