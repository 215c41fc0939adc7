"""Texts by the name of a collection, or of a file without labels."""

from pathlib import Path

from seqapps import datasets
from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import text_files

_OTHERWISE = "files of your own by --data.path"


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

    builder = datasets.builder(name, data_dir, _OTHERWISE)
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


def unlabelled(
    name: str,
    data_dir: Path | None,
    text: str,
    encoding: str = "",
    separator: str = "",
) -> list[str]:
    """Reads texts that have no class.

    Args:
        name: a file or a folder (see `text_files.unlabelled`), or a collection
            of TensorFlow Datasets with a split "unsupervised".
        data_dir: where prepared collections lie.
        text: the column, or feature, of the text.
        encoding: of a file, or of those in a folder.
        separator: see `records.read`.

    Raises:
        InputError: there are none.
    """
    if Path(name).exists():
        texts = text_files.unlabelled(Path(name), text, encoding, separator)
    else:
        texts = _unsupervised(name, data_dir, text)
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise InputError(f"{name} has no texts")
    return texts


def _unsupervised(name: str, data_dir: Path | None, text: str) -> list[str]:
    """Reads the texts of a collection's split "unsupervised"."""
    import tensorflow_datasets as tfds

    builder = datasets.builder(name, data_dir, _OTHERWISE)
    if "unsupervised" not in builder.info.splits:
        raise InputError(
            f"{name} has no split of texts without classes; it has "
            f"{', '.join(builder.info.splits)}"
        )
    rows = tfds.as_numpy(builder.as_dataset(split="unsupervised"))
    return [row[text].decode("utf-8", "replace") for row in rows]
