"""Bach's four-part chorales that music21 carries, as a TensorFlow dataset."""

import contextlib
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from seqapps import extras, likeness
from seqapps.errors import InputError
from seqapps.tasks.chorale.importers import score_file
from seqapps.tasks.chorale.notation.chorale import VOICES, Chorale

SPLITS = ("train", "validation", "test")
_UP_TO = (0.75, 0.85, 1.0)  # of all clusters: the end of each split


class BachChorales(tfds.core.GeneratorBasedBuilder):
    """One example a chorale: the text of each voice, metre and key.

    Those with the same hymn tune are in one split. `info.metadata["account"]`
    has how many scores are used, and how many are left out by reason.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "Bach's chorales from music21's corpus."}

    def _info(self) -> tfds.core.DatasetInfo:
        text = tfds.features.Text
        whole = tfds.features.Scalar(np.int32)
        return tfds.core.DatasetInfo(
            builder=self,
            description="Four-part chorales of J. S. Bach, out of copyright.",
            features=tfds.features.FeaturesDict(
                {voice: text() for voice in VOICES}
                | {"meter": text(), "mode": text(), "title": text()}
                | {"pickup": whole, "sharps": whole}
            ),
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[str, dict[str, Any]]]]:
        chorales, account = _corpus()
        self.info.metadata["account"] = account
        splits: dict[str, list[Chorale]] = defaultdict(list)
        names = assign_splits(chorales)
        for chorale, name in zip(chorales, names, strict=True):
            splits[name].append(chorale)
        return {name: self._generate_examples(splits[name]) for name in SPLITS}

    def _generate_examples(
        self, chorales: Sequence[Chorale]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for chorale in chorales:
            yield (
                _digest(*chorale.voices, chorale.title),
                dict(zip(VOICES, chorale.voices, strict=True))
                | {
                    "meter": chorale.meter,
                    "mode": chorale.mode,
                    "title": chorale.title,
                    "pickup": chorale.pickup,
                    "sharps": chorale.sharps,
                },
            )


def load_corpus(data_dir: Path | None) -> dict[str, list[Chorale]]:
    """Returns Bach's chorales by split; they are prepared once, in minutes.

    Args:
        data_dir: the folder of data sets; by default that of
            tensorflow-datasets.
    """
    builder = BachChorales(data_dir=data_dir)
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        builder.download_and_prepare()
    return {
        split: [
            _from_row(row)
            for row in builder.as_dataset(split=split).as_numpy_iterator()
        ]
        for split in SPLITS
    }


def load_folder(path: Path) -> tuple[dict[str, list[Chorale]], list[str]]:
    """Returns the user's chorales by split, and what was left out.

    Args:
        path: a file or a folder of scores with four parts.

    Raises:
        InputError: there are fewer than three.
    """
    if not path.exists():
        raise InputError(f"no such file or folder: {path}")
    files = [path]
    if path.is_dir():
        files = sorted(
            each
            for each in path.rglob("*")
            if each.suffix.lower() in score_file.ENDINGS
        )
    chorales, left_out = [], []
    for file in files:
        try:
            chorales.append(score_file.read_chorale(file).chorale)
        except InputError as error:
            left_out.append(str(error))
    if len(chorales) < len(SPLITS):
        why = f" ({left_out[0]})" if left_out else ""
        raise InputError(
            f"{path} has {len(chorales)} chorales{why}: three or more are "
            "needed, to train, to choose and to test"
        )
    splits: dict[str, list[Chorale]] = {name: [] for name in SPLITS}
    for chorale, name in zip(chorales, assign_splits(chorales), strict=True):
        splits[name].append(chorale)
    for name in SPLITS:  # few chorales may be all alike
        if not splits[name]:
            fullest = max(splits.values(), key=len)
            splits[name].append(fullest.pop())
    return splits, left_out


def assign_splits(chorales: Sequence[Chorale]) -> list[str]:
    """Returns the split of every chorale; the same hymn tune has the same.

    About 75 % of the tunes are for training, 10 % for validation and 15 % for
    testing. A hash of the voices decides.

    Args:
        chorales: all of them.
    """
    clusters = likeness.cluster([_contour(each) for each in chorales])
    least: dict[int, str] = {}
    for cluster, chorale in zip(clusters, chorales, strict=True):
        # hashed twice: the least of many hashes is no fair draw
        digest = _digest(*chorale.voices)
        least[cluster] = min(digest, least.get(cluster, digest))
    names = {}
    for cluster, digest in least.items():
        fraction = int(_digest(digest), 16) / 16 ** len(digest)
        place = next(i for i, end in enumerate(_UP_TO) if fraction < end)
        names[cluster] = SPLITS[place]
    return [names[cluster] for cluster in clusters]


def _contour(chorale: Chorale) -> likeness.Contour:
    pitches = [n.pitch for n in chorale.notes(0) if n.pitch is not None]
    return tuple(b - a for a, b in zip(pitches, pitches[1:], strict=False))


def _corpus() -> tuple[list[Chorale], dict[str, int]]:
    """All chorales of the corpus, each once, and the account of them."""
    extras.require("chorale", "music21")
    from music21 import corpus

    chorales: dict[str, Chorale] = {}
    account: Counter[str] = Counter(usable=0)
    for path in sorted(corpus.getComposer("bach")):
        if path.suffix not in (".mxl", ".xml", ".musicxml"):
            continue
        score = corpus.parse(path)
        parts = score_file.four_parts(score)
        if parts is None:
            account["not of four voices"] += 1
            continue
        try:
            chorale, _ = score_file.to_chorale(score, parts, path.name)
        except InputError:
            account["a voice without a note"] += 1
            continue
        digest = _digest(*chorale.voices)
        known = digest in chorales
        account["the same as another" if known else "usable"] += 1
        chorales.setdefault(digest, chorale)
    return list(chorales.values()), dict(account)


def _from_row(row: dict[str, Any]) -> Chorale:
    text = {k: v.decode() for k, v in row.items() if isinstance(v, bytes)}
    return Chorale(
        voices=tuple(text[voice] for voice in VOICES),
        meter=text["meter"],
        pickup=int(row["pickup"]),
        sharps=int(row["sharps"]),
        mode=text["mode"],
        title=text["title"],
    )


def _digest(*parts: str) -> str:
    text = "\n".join(parts).encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()
