"""Sentence pairs of TensorFlow Datasets, and a data set defined for it."""

from collections.abc import Iterator
from pathlib import Path

import tensorflow_datasets as tfds

from seqapps import datasets
from seqapps.console import terminal
from seqapps.errors import InputError
from seqapps.tasks.translation.importers import pair_files
from seqapps.tasks.translation.importers.pair_files import Pair

_ALTERNATIVE = "files of your own by --data.path"
_CITATION = """@misc{tatoeba,
  title = {Tatoeba: Collection of sentences and translations},
  howpublished = {\\url{https://tatoeba.org}},
  note = {Selected by Charles Kelly, \\url{http://www.manythings.org/anki}},
  year = {2018}
}"""


class SpaEng(tfds.core.GeneratorBasedBuilder):
    """One example per pair, `{"en": ..., "es": ...}`, in the file's order.

    Many sentences have several translations, each in a pair of its own: split
    them by `splitting.split_pairs`.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "118,964 pairs of 2018."}
    URL = (
        "https://storage.googleapis.com/download.tensorflow.org/data/"
        "spa-eng.zip"
    )

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "English sentences with Spanish translations of the Tatoeba "
                "project, as selected by manythings.org/anki on 2018-05-13. "
                "CC BY 2.0 (https://creativecommons.org/licenses/by/2.0): who "
                "passes them on names tatoeba.org and manythings.org/anki."
            ),
            features=tfds.features.Translation(languages=("en", "es")),
            supervised_keys=("es", "en"),
            homepage="http://www.manythings.org/anki/",
            license="CC BY 2.0",
            citation=_CITATION,
            disable_shuffling=True,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, str]]]]:
        folder = Path(dl_manager.download_and_extract(self.URL))
        path = folder / "spa-eng" / "spa.txt"
        return {"train": self._generate_examples(path)}

    def _generate_examples(
        self, path: Path
    ) -> Iterator[tuple[int, dict[str, str]]]:
        for number, (en, es) in enumerate(pair_files.read_table(path, 1, 2)):
            yield number, {"en": en, "es": es}


def load_collection(
    name: str, data_dir: Path | None, reverse: bool = False
) -> dict[str, list[Pair]]:
    """Reads a parallel collection of TensorFlow Datasets.

    Args:
        name: such as "wmt14_translate/de-en", or "spa_eng".
        data_dir: where prepared collections are stored.
        reverse: swap the source and the target of the collection.

    Returns:
        Pairs by split, those of "train", "validation" and "test" that exist,
        normalised by `pair_files.normalise`.

    Raises:
        InputError: the collection cannot be had, or is not parallel.
    """
    builder = datasets.builder(name, data_dir, _ALTERNATIVE)
    features, keys = builder.info.features, builder.info.supervised_keys
    if not isinstance(features, tfds.features.Translation):
        raise InputError(f"{name} is no collection of pairs of texts")
    keys = keys or tuple(features)
    if len(keys) != 2:
        raise InputError(f"{name} has {len(keys)} languages, not two")
    source, target = reversed(keys) if reverse else keys
    splits = {}
    for split in ("train", "validation", "test"):
        if split not in builder.info.splits:
            continue
        rows = tfds.as_numpy(builder.as_dataset(split=split))
        splits[split] = [
            (_normalise(row[source]), _normalise(row[target]))
            for row in terminal.track(rows, f"reading {split}")
        ]
    if not splits.get("train"):
        raise InputError(
            f"{name} has nothing to train on; it has the splits "
            f"{', '.join(builder.info.splits) or 'none'}"
        )
    return {split: pairs for split, pairs in splits.items() if pairs}


def _normalise(raw: bytes) -> str:
    return pair_files.normalise(raw.decode("utf-8", "replace"))
