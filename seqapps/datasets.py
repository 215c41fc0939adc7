"""Loads collections of TensorFlow Datasets by name."""

import logging
import re
import socket
import urllib.request
from pathlib import Path
from typing import Any

from seqapps.errors import InputError

# what tensorflow-datasets puts before the reason
_PREFIX = re.compile(r'^Failed to construct dataset .*?}": ')


def builder(name: str, data_dir: Path | None, otherwise: str) -> Any:
    """Returns the builder of a collection, which it prepares if necessary.

    Args:
        name: such as "imdb_reviews" or "glue/sst2".
        data_dir: the folder of prepared collections; that of
            tensorflow-datasets by default.
        otherwise: what else the user can do if it cannot be loaded.

    Returns:
        The `tfds.core.DatasetBuilder`.

    Raises:
        InputError: there is no such collection, or it cannot be loaded.
    """
    import tensorflow_datasets as tfds  # type: ignore[import-untyped]

    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        collection = tfds.builder(name, data_dir=data_dir)
        if not Path(collection.data_path).exists() and _offline():
            raise OSError("it is not here, and there is no network")
        collection.download_and_prepare()
    except Exception as error:  # no such name, no network, no room, ...
        raise InputError(
            f"cannot load {name} ({_first_line(error)}): name a folder with a "
            f"prepared copy by --data.data-dir, or {otherwise}"
        ) from None
    return collection


def _offline() -> bool:
    """Whether there is no network: a download would try for minutes."""
    if urllib.request.getproxies():
        return False
    try:
        socket.getaddrinfo("storage.googleapis.com", 443)
    except OSError:
        return True
    return False


def _first_line(error: Exception) -> str:
    lines = _PREFIX.sub("", str(error)).strip().splitlines()
    return lines[0].strip()[:120] if lines else type(error).__name__
