"""Files that are there whole or not at all."""

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from seqapps.console import interrupt, paths
from seqapps.errors import InputError


def write(path: Path, content: bytes | str) -> Path:
    """Writes a file under another name in its folder, then renames it.

    Args:
        path: where; what was there stays until the new content is whole.
        content: bytes, or text, which is written as UTF-8.

    Returns:
        The path.
    """
    with writing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return path


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Opens a file that takes its name when the block ends without an error.

    Args:
        path: where; what was there stays until the new content is whole, and
            leaves its permissions to it. Of a link the target is written. A
            pipe or a device is written to as the content comes.
    """
    if paths.is_stream(path):
        with _stream(path) as file:
            yield file
        return
    path = target(path)
    # a short name: the whole one may be as long as names can be
    draft = path.with_name(f".{path.name[:40]}.{uuid.uuid4().hex[:8]}")
    interrupt.drafts.add(draft)
    try:
        with draft.open("xb") as file:
            yield file
        replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
        interrupt.drafts.discard(draft)


def target(path: Path) -> Path:
    """The file to which a link leads; any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def replace(draft: Path, path: Path) -> None:
    """Puts a file in the place of another, with that one's permissions.

    Args:
        draft: the new file.
        path: what it replaces; of a link, that to which it leads.
    """
    path = target(path)
    if paths.is_stream(path):  # never: a device would be gone for everyone
        raise InputError(f"{path} is not a file")
    if path.exists():
        shutil.copymode(path, draft)
    draft.replace(path)


def _stream(path: Path) -> BinaryIO:
    """Opens a pipe or a device; a standard stream goes on where it stands."""
    for fd in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(fd), path.stat()):
                return os.fdopen(os.dup(fd), "wb")
    return path.open("wb")


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Lets one process at a time write into a folder.

    The operating system releases the lock when the process ends, however that
    happens.

    Args:
        folder: exists.

    Raises:
        InputError: another process is writing there.
    """
    from filelock import FileLock, Timeout

    path = folder / ".seqapps.lock"
    try:
        with FileLock(path, timeout=0):
            interrupt.drafts.add(path)
            try:
                yield
            finally:
                interrupt.drafts.discard(path)
                with contextlib.suppress(OSError):  # Windows: still open
                    path.unlink()
    except Timeout:
        raise InputError(
            f"another process is writing to {folder}: wait for it, or name "
            "another folder"
        ) from None


def read_json(path: Path) -> dict:
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
