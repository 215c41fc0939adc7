"""Files that are there whole or not at all."""

import os
from pathlib import Path


def write(path: Path, content: bytes | str) -> Path:
    """Writes a file under another name in its folder, then renames it.

    Args:
        path: where; what was there stays until the new content is whole.
        content: bytes, or text, which is written as UTF-8.

    Returns:
        The path.
    """
    content = content.encode() if isinstance(content, str) else content
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
