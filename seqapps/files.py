"""Writes files atomically: whole, or not at all."""

import contextlib
import errno
import json
import os
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from seqapps.console import interrupt, paths
from seqapps.errors import InputError

_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)  # file systems have


def create_folder(folder: Path) -> None:
    """Creates the folder of `--output`, if need be, for files.

    Raises:
        InputError: nothing can be written there.
    """
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"cannot write to {folder} ({error.strerror}): name another folder "
            "with --output"
        ) from None


def write_file(path: Path, content: bytes | str) -> Path:
    """Writes a file under another name in its folder, then renames it.

    Args:
        path: the file; an old one stays until the new content is complete.
        content: bytes, or text, which is written as UTF-8.

    Returns:
        The path.
    """
    with atomic_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return path


@contextlib.contextmanager
def atomic_file(path: Path, durable: bool = False) -> Iterator[BinaryIO]:
    """Opens a file that gets its name when the block ends without an error.

    Args:
        path: the file; an old one stays until then, and its permissions
            are kept. The target of a link is written, not the link. A pipe or
            a device is written to directly.
        durable: waits until the content is on the disk, for a power cut.

    Raises:
        OSError: of a full disk and the like, with the file's name.
    """
    if paths.is_stream(path):
        with _stream(path) as file:
            yield file
        return
    path = resolve_link(path)
    # a short name: the whole one may be as long as names can be
    draft = path.with_name(f".{path.name[:40]}.{uuid.uuid4().hex[:8]}")
    interrupt.drafts.add(draft)
    try:
        with draft.open("xb") as file:
            yield file
            if durable:
                sync(file)
        replace_file(draft, path)
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        if error.filename == str(draft) or (
            error.filename is None and error.errno in _OF_THE_DISK
        ):
            error.filename = str(path)
        raise
    finally:
        # there is none, which a read-only disk answers in its own way
        with contextlib.suppress(OSError):
            draft.unlink()
        interrupt.drafts.discard(draft)


def sync(file: BinaryIO) -> None:
    """Waits until the content of a file is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk, where one can."""
    with contextlib.suppress(OSError):  # Windows opens no folder
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def remove_drafts(folder: Path) -> None:
    """Removes what killed processes have left of the files in a folder."""
    for path in folder.glob(".*"):
        if re.fullmatch(r"\..+\.[0-9a-f]{8}", path.name):
            with contextlib.suppress(OSError):
                path.unlink()


def resolve_link(path: Path) -> Path:
    """Returns the file to which a link leads; any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def replace_file(draft: Path, path: Path) -> None:
    """Replaces a file by another and keeps its permissions.

    Args:
        draft: the new file.
        path: the file to replace; of a link, its target.
    """
    path = resolve_link(path)
    if paths.is_stream(path):  # never: a device would be gone for everyone
        raise InputError(f"{path} is not a file")
    if path.exists():
        shutil.copymode(path, draft)
    draft.replace(path)


def _stream(path: Path) -> BinaryIO:
    """Opens a pipe or a device; a standard stream is continued."""
    for fd in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(fd), path.stat()):
                return os.fdopen(os.dup(fd), "wb")
    return path.open("wb")


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Locks a folder, so that one process at a time writes into it.

    The operating system releases the lock whenever the process ends. Where the
    file system has no locks (some network and FUSE ones), one line says so.

    Args:
        folder: a folder that exists.

    Raises:
        InputError: another process is writing there, or nobody can.
    """
    from filelock import FileLock, Timeout

    path = folder / ".seqapps.lock"
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(
            f"another process is writing to {folder}: wait for it, or name "
            "another folder"
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise InputError(
                f"{folder} cannot be written to: {error.strerror}"
            ) from None
        _warn_of_no_locks(folder)
    except NotImplementedError:
        _warn_of_no_locks(folder)
    interrupt.drafts.add(path)
    try:
        yield
    finally:
        interrupt.drafts.discard(path)
        with contextlib.suppress(OSError):  # Windows: still open
            path.unlink()
        lock.release()


def _warn_of_no_locks(folder: Path) -> None:
    print(
        f"{folder} has no locks: let no other process write there",
        file=sys.stderr,
    )


def read_json(path: Path) -> dict[str, Any]:
    """Reads a JSON object from a file.

    Raises:
        InputError: it cannot be read, or is no JSON object.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {str(error)[:80]}") from None
    if not isinstance(value, dict):
        raise InputError(f"{path} is no JSON object")
    return value
