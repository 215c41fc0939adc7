"""The checksums of a saved model's files, as `sha256sum --check` reads them."""

import hashlib
import os
from pathlib import Path

from seqapps.errors import InputError
from seqapps.files import write_file

NAME = "assets.extra/SHA256SUMS"
_OF_DESKTOPS = {".DS_Store", "Thumbs.db", "desktop.ini"}


def write(folder: str | Path) -> Path:
    """Writes the SHA-256 checksum of every file of a saved model.

    `sha256sum --check assets.extra/SHA256SUMS`, run in the folder, checks
    them too.

    Args:
        folder: a saved model that is complete.

    Returns:
        The path of the manifest.

    Raises:
        InputError: the folder holds a link, or something that is no file.

    Example:
        ```
        python -c "from seqapps.export.manifest import write; write('model/2')"
        ```
    """
    folder = Path(folder)
    lines = [
        f"{_checksum(path)}  {name}\n" for name, path in files(folder).items()
    ]
    (folder / NAME).parent.mkdir(exist_ok=True)
    return write_file(folder / NAME, "".join(lines))


def check(folder: Path, links: bool = False) -> int | None:
    """Compares the files of a saved model with its manifest.

    Args:
        folder: a saved model.
        links: whether links are followed; otherwise they are refused.

    Returns:
        The number of files, all as they were written; None if there is no
        manifest: models exported by version 0.1.0 have none.

    Raises:
        InputError: a file is missing, was added, differs, or is a link.
    """
    present = files(folder, links)
    try:
        lines = (folder / NAME).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{folder / NAME} cannot be read") from None
    expected = {}
    for number, line in enumerate(lines, 1):
        checksum, _, name = line.partition("  ")
        if len(checksum) != 64 or not name:
            raise InputError(
                f"{folder / NAME}, line {number} is no checksum and a name"
            )
        expected[name] = checksum
    for what, names in (
        ("lacks", expected.keys() - present.keys()),
        ("was not exported with", present.keys() - expected.keys()),
        ("differs from what was exported in", _changed(expected, present)),
    ):
        if names:
            first, more = min(names), len(names) - 1
            rest = f" and {more} more" if more else ""
            raise InputError(
                f"{folder} {what} {first}{rest}: copy or export it again"
            )
    return len(present)


def files(folder: Path, links: bool = False) -> dict[str, Path]:
    """Lists the files of a saved model by name, without its manifest.

    Args:
        folder: a saved model.
        links: whether links are followed; otherwise they are refused.

    Raises:
        InputError: the folder holds a link, or something that is no file.
    """
    names = {}
    for root, folders, others in os.walk(folder, followlinks=links):
        for path in (Path(root, name) for name in sorted(folders + others)):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() and not links:
                raise InputError(
                    f"{path} is a link; a saved model holds files: copy them, "
                    "or --trust it"
                )
            if path.is_dir() or path.name in _OF_DESKTOPS or name == NAME:
                continue
            if not path.is_file():
                raise InputError(f"{path} is not a regular file")
            names[name] = path
    return dict(sorted(names.items()))


def _changed(expected: dict[str, str], present: dict[str, Path]) -> set[str]:
    both = expected.keys() & present.keys()
    return {n for n in both if _checksum(present[n]) != expected[n]}


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
