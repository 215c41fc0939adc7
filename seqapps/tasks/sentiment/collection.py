"""Texts of TensorFlow Datasets."""

import logging
import socket
import urllib.request
from pathlib import Path

from seqapps.errors import InputError


def dataset(
    name: str, data_dir: Path | None, text: str, label: str
) -> dict[str, list[tuple[str, str]]]:
    """Reads a labelled collection by its name in TensorFlow Datasets.

    Args:
        name: such as "imdb_reviews" or "glue/sst2".
        data_dir: where prepared collections lie.
        text: the feature with the text; another if there is only one text.
        label: the feature with the class.

    Returns:
        Texts and labels by split: "train", "test", and perhaps "validation".

    Raises:
        InputError: it is not here and cannot be had, or has no such features.
    """
    import tensorflow_datasets as tfds

    builder = _builder(name, data_dir)
    features = builder.info.features
    texts = [
        k for k, f in features.items() if isinstance(f, tfds.features.Text)
    ]
    text = text if text in texts or len(texts) != 1 else texts[0]
    for key, known in ((text, texts), (label, list(features))):
        if key not in known:
            raise InputError(
                f"{name} has no {key!r}; it has {', '.join(known)}"
            )
    if not isinstance(features[label], tfds.features.ClassLabel):
        raise InputError(f"{label!r} of {name} is no class")
    names = features[label].names
    found = {}
    for split in ("train", "validation", "test"):
        if split not in builder.info.splits:
            continue
        rows = tfds.as_numpy(builder.as_dataset(split=split))
        found[split] = [
            (row[text].decode("utf-8", "replace"), names[row[label]])
            for row in rows
            if row[label] >= 0  # -1: the label is kept secret
        ]
    found = {split: rows for split, rows in found.items() if rows}
    if "test" not in found and "validation" in found:
        found["test"] = found.pop("validation")
    return found


def unsupervised(name: str, data_dir: Path | None, text: str) -> list[str]:
    """Reads the texts of a collection's split "unsupervised"."""
    import tensorflow_datasets as tfds

    builder = _builder(name, data_dir)
    if "unsupervised" not in builder.info.splits:
        raise InputError(
            f"{name} has no split of texts without classes; it has "
            f"{', '.join(builder.info.splits)}"
        )
    rows = tfds.as_numpy(builder.as_dataset(split="unsupervised"))
    return [row[text].decode("utf-8", "replace") for row in rows]


def _builder(name: str, data_dir: Path | None):
    """A collection, prepared."""
    import tensorflow_datasets as tfds

    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        builder = tfds.builder(name, data_dir=data_dir)
        if not Path(builder.data_path).exists() and _offline():
            raise OSError("it is not here, and there is no network")
        builder.download_and_prepare()
    except Exception as error:  # no such name, no network, no room, ...
        raise InputError(
            f"cannot load {name} ({_first(error)}): name a folder with a "
            "prepared copy by --data.data-dir, or files of your own by "
            "--data.path"
        ) from None
    return builder


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
    lines = str(error).strip().splitlines()
    return lines[0].strip()[:120] if lines else type(error).__name__
