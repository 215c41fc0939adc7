"""Collections of TensorFlow Datasets, by name."""

import logging
import re
import socket
import urllib.request
from pathlib import Path

from seqapps.errors import InputError

# what tensorflow-datasets puts before the reason
_PREFIX = re.compile(r'^Failed to construct dataset .*?}": ')


def builder(name: str, data_dir: Path | None, otherwise: str):
    """Finds a collection and prepares it, if that was not done before.

    Args:
        name: such as "imdb_reviews" or "glue/sst2".
        data_dir: where prepared collections lie; tensorflow-datasets' own
            place by default.
        otherwise: what else the user may do when it cannot be had.

    Returns:
        The `tfds.core.DatasetBuilder`.

    Raises:
        InputError: there is no such collection, or it cannot be had.
    """
    import tensorflow_datasets as tfds

    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        found = tfds.builder(name, data_dir=data_dir)
        if not Path(found.data_path).exists() and _offline():
            raise OSError("it is not here, and there is no network")
        found.download_and_prepare()
    except Exception as error:  # no such name, no network, no room, ...
        raise InputError(
            f"cannot load {name} ({_first(error)}): name a folder with a "
            f"prepared copy by --data.data-dir, or {otherwise}"
        ) from None
    return found


def _offline() -> bool:
    """Whether no name can be looked up: downloads would try for minutes."""
    if urllib.request.getproxies():
        return False
    try:
        socket.getaddrinfo("storage.googleapis.com", 443)
    except OSError:
        return True
    return False


def _first(error: Exception) -> str:
    lines = _PREFIX.sub("", str(error)).strip().splitlines()
    return lines[0].strip()[:120] if lines else type(error).__name__
