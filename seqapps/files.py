"""Files that are there whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

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
        path: where; what was there stays until the new content is whole.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


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
            yield
            with contextlib.suppress(OSError):  # Windows: it is still open
                path.unlink()
    except Timeout:
        raise InputError(
            f"another process is writing to {folder}: wait for it, or name "
            "another folder"
        ) from None
