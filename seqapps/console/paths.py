"""Checks that a command's paths are different files and can be used."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from seqapps.errors import InputError

_STREAMS = {0: "standard input", 1: "standard output", 2: "standard error"}


@dataclass(frozen=True)
class Writes:
    """Marks the annotation of a path that is written.

    Args:
        endings: those that a file may have, such as ".csv"; none for any.
        inside: patterns of the names that are written into a folder; none for
            a file.
    """

    endings: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


class Named(NamedTuple):
    """A path, and the flag that named it.

    Args:
        flag: such as "--output".
        path: as given.
        writes: how it is written; None if it is read.
    """

    flag: str
    path: Path
    writes: Writes | None = None

    @property
    def inside(self) -> tuple[str, ...]:
        """Patterns of the names that are written into it, if it is a folder."""
        return self.writes.inside if self.writes else ()


def check(named: Iterable[Named]) -> None:
    """Checks before any work whether the paths of a command can be used.

    Raises:
        InputError: a file is written that is also read, or written twice, in
            whatever way its name is written; or it cannot be written at all.
    """
    named = list(named)
    reads = [each for each in named if each.writes is None]
    writes = [each for each in named if each.writes is not None]
    for i, each in enumerate(writes):
        for fd, what in _STREAMS.items():
            if _is_redirected(fd, each.path):
                raise InputError(
                    f"{each.flag} {each.path} is {what}: name another file"
                )
        for other in (*reads, *writes[:i]):
            if each.inside:
                clash = _lies_inside(other.path, each)
            elif other.inside:
                clash = _lies_inside(each.path, other)
            else:
                clash = _same(each.path, other.path)
                clash |= not other.writes and _is_part(each.path, other.path)
            if clash and other.writes:
                raise InputError(
                    f"{each.path} cannot be both {other.flag} and {each.flag}"
                )
            if clash:
                raise InputError(
                    f"{each.flag} {each.path} is the input, and would "
                    f"overwrite {other.flag} {other.path}: name another"
                )
    for each in writes:
        _demand_writable(each)


def is_stream(path: Path) -> bool:
    """Whether a path is a pipe or a device, which no file may replace.

    `/dev/stdout` is one, wherever it leads.
    """
    if re.fullmatch(r"/dev/(std(in|out|err)|fd/\d+)", os.path.abspath(path)):
        return path.exists()
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _demand_writable(each: Named) -> None:
    flag, path, inside = each.flag, each.path, each.inside
    endings = each.writes.endings if each.writes else ()
    try:
        mode = _mode(path)
        target = Path(os.path.realpath(path))
        folder = target.parent if path.is_symlink() else path.parent
        if inside:  # it is made
            folder = next(p for p in (target, *target.parents) if p.exists())
        if mode and not inside and stat.S_ISDIR(mode):
            raise InputError(f"{flag} {path} is not a file: it is a folder")
        if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
            raise InputError(f"{flag} {path} is not a file")
        if is_stream(path):
            return
        if endings and path.suffix.lower() not in endings:
            *some, last = endings
            one_of = f"{', '.join(some)} or {last}" if some else last
            raise InputError(f"{flag} {path} must end with {one_of}")
        if not folder.exists():
            raise InputError(f"{flag} {path}: there is no folder {folder}")
        if not folder.is_dir():
            raise InputError(
                f"{flag}: cannot write to {path}: {folder} is a file"
            )
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"{flag} {path}: cannot write to {folder}")
        if mode and not os.access(path, os.W_OK):
            raise InputError(f"{flag} {path} is read-only")
        draft = target / "x" if inside else target
        draft.exists()  # raises if a name is too long
    except OSError as error:
        raise InputError(f"{flag} {path}: {error.strerror}") from None


def _mode(path: Path) -> int:
    """The mode of a file; 0 if there is none."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one file, or would be on some computer."""
    if is_stream(one) or is_stream(other):
        return False
    if one.exists() or other.exists():
        return one.exists() and other.exists() and one.samefile(other)
    return _folded(one) == _folded(other)


def _folded(path: Path) -> str:
    whole = unicodedata.normalize("NFC", os.path.realpath(path))
    return whole.casefold()  # some file systems do not tell case


def _lies_inside(path: Path, folder: Named) -> bool:
    """Whether a path is one of the files that are written into a folder."""
    path = Path(os.path.realpath(path))
    return _same(path.parent, folder.path) and any(
        fnmatch(path.name.lower(), pattern) for pattern in folder.inside
    )


def _is_part(path: Path, folder: Path) -> bool:
    """Whether a file that exists belongs to a folder that is read."""
    if not path.is_file() or not folder.is_dir():
        return False
    parents = Path(os.path.realpath(path)).parents
    return any(_same(parent, folder) for parent in parents)


def _is_redirected(fd: int, path: Path) -> bool:
    """Whether a standard stream reads from, or writes to, a regular file."""
    if is_stream(path):
        return False
    try:
        status = os.fstat(fd)
        return stat.S_ISREG(status.st_mode) and os.path.samestat(
            status, path.stat()
        )
    except OSError:
        return False
