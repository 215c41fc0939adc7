"""Labelled collections of TensorFlow Datasets, and unlabelled texts."""

from pathlib import Path

from seqapps import datasets
from seqapps.errors import InputError
from seqapps.tasks.sentiment.importers import text_files
from seqapps.tasks.sentiment.importers.text_files import LabelledText

_ALTERNATIVE = "files of your own by --data.path"


def load_collection(
    name: str, data_dir: Path | None, text: str, label: str
) -> dict[str, list[LabelledText]]:
    """Reads a labelled collection of TensorFlow Datasets.

    Args:
        name: such as "imdb_reviews" or "glue/sst2".
        data_dir: where prepared collections are stored.
        text: the text feature; ignored if there is exactly one.
        label: the label feature.

    Returns:
        Texts and labels by split: "train", "test", and perhaps "validation".

    Raises:
        InputError: the collection cannot be had, or lacks these features.
    """
    import tensorflow_datasets as tfds

    builder = datasets.builder(name, data_dir, _ALTERNATIVE)
    features = builder.info.features
    text_features = [
        k for k, f in features.items() if isinstance(f, tfds.features.Text)
    ]
    if text not in text_features and len(text_features) == 1:
        text = text_features[0]
    for key, names in ((text, text_features), (label, list(features))):
        if key not in names:
            raise InputError(
                f"{name} has no {key!r}; it has {', '.join(names)}"
            )
    if not isinstance(features[label], tfds.features.ClassLabel):
        raise InputError(f"{label!r} of {name} is no class")
    labels = features[label].names
    splits = {}
    for split in ("train", "validation", "test"):
        if split not in builder.info.splits:
            continue
        rows = tfds.as_numpy(builder.as_dataset(split=split))
        splits[split] = [
            (row[text].decode("utf-8", "replace"), labels[row[label]])
            for row in rows
            if row[label] >= 0  # -1: the label is withheld
        ]
    splits = {split: rows for split, rows in splits.items() if rows}
    if "test" not in splits and "validation" in splits:
        splits["test"] = splits.pop("validation")
    return splits


def load_unlabelled(
    name: str,
    data_dir: Path | None,
    text: str,
    encoding: str = "",
    separator: str = "",
) -> list[str]:
    """Reads texts that have no label.

    Args:
        name: a file or a folder (see `text_files.read_unlabelled`), or a
            collection of TensorFlow Datasets with a split "unsupervised".
        data_dir: where prepared collections are stored.
        text: the column, or feature, of the text.
        encoding: of a file, or of those in a folder.
        separator: see `records.read_records`.

    Raises:
        InputError: there are none.
    """
    if Path(name).exists():
        texts = text_files.read_unlabelled(
            Path(name), text, encoding, separator
        )
    else:
        texts = _unsupervised_split(name, data_dir, text)
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise InputError(f"{name} has no texts")
    return texts


def _unsupervised_split(
    name: str, data_dir: Path | None, text: str
) -> list[str]:
    import tensorflow_datasets as tfds

    builder = datasets.builder(name, data_dir, _ALTERNATIVE)
    if "unsupervised" not in builder.info.splits:
        raise InputError(
            f"{name} has no split of texts without classes; it has "
            f"{', '.join(builder.info.splits)}"
        )
    rows = tfds.as_numpy(builder.as_dataset(split="unsupervised"))
    return [row[text].decode("utf-8", "replace") for row in rows]
