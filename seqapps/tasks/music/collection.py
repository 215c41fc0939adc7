"""The ABC collections that music21 carries, as a TensorFlow dataset."""

import contextlib
import hashlib
import importlib.util
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import tensorflow_datasets as tfds

from seqapps import likeness
from seqapps.errors import InputError
from seqapps.tasks.music.evaluation.contours import contour
from seqapps.tasks.music.notation import abc, rhythm
from seqapps.tasks.music.notation.unusable import DUPLICATE

SOURCES = {  # the folder in music21's corpus
    "oneill": "oneills1850",
    "ryan": "ryansMammoth",
    "aird": "airdsAirs",
    "essen": "essenFolksong",
}
_SPLITS = ("train", "validation", "test")
_PUBLIC_DOMAIN = "The tunes are out of copyright."
_CONFIGS = {  # sources, description
    "fiddle": (
        ("oneill", "ryan", "aird"),
        f"O'Neill's, Ryan's and Aird's collections together. {_PUBLIC_DOMAIN}",
    ),
    "oneill": (
        ("oneill",),
        f"O'Neill's Music of Ireland (1903). {_PUBLIC_DOMAIN}",
    ),
    "ryan": (("ryan",), f"Ryan's Mammoth Collection (1883). {_PUBLIC_DOMAIN}"),
    "aird": (("aird",), f"Aird's Airs (1778 to 1801). {_PUBLIC_DOMAIN}"),
    "essen": (
        ("essen",),
        "The Essen folksong collection. NOT FREE: it was given to music21 for"
        " non-commercial distribution and use only.",
    ),
}

_Example = tuple[str, dict[str, str]]  # its identity and its features


class AbcTunes(tfds.core.GeneratorBasedBuilder):
    """One example a tune: canonical ABC and the fields of its header.

    Near-identical tunes are in one split. `info.metadata["account"]` has how
    many tunes of each source are used, and how many are left out by reason.
    """

    VERSION = tfds.core.Version("1.2.0")
    RELEASE_NOTES = {
        "1.0.0": "Four collections from music21's corpus.",
        "1.1.0": "All repeats are opened but the first section's.",
        "1.2.0": "The kind of a tune: a reel, a jig, ...",
    }
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name=name, description=description)
        for name, (_, description) in _CONFIGS.items()
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        text = tfds.features.Text
        return tfds.core.DatasetInfo(
            builder=self,
            description="Folk tunes in canonical ABC notation.",
            features=tfds.features.FeaturesDict(
                {
                    "abc": text(doc="the whole tune, with its header"),
                    "key": text(doc="the tonic, such as F#"),
                    "mode": text(doc="major, minor, dorian, ..."),
                    "meter": text(doc="such as 6/8"),
                    "rhythm": text(doc="such as reel; may be empty"),
                    "title": text(),
                    "source": text(doc="the collection"),
                }
            ),
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[_Example]]:
        sources = _CONFIGS[self.builder_config.name][0]
        tunes, counts = load_sources(sources)
        self.info.metadata["account"] = counts
        names = assign_splits(
            [tune.body for tune in tunes.values()], list(tunes)
        )
        splits: dict[str, dict[str, abc.Tune]] = defaultdict(dict)
        for (identity, tune), name in zip(tunes.items(), names, strict=True):
            splits[name][identity] = tune
        return {name: self._generate_examples(splits[name]) for name in _SPLITS}

    def _generate_examples(
        self, tunes: dict[str, abc.Tune]
    ) -> Iterator[_Example]:
        for identity, tune in tunes.items():
            source, _ = identity.split(":")
            yield (
                identity,
                {
                    "abc": tune.abc(),
                    "key": tune.key,
                    "mode": tune.mode,
                    "meter": tune.meter,
                    "rhythm": tune.rhythm,
                    "title": tune.title,
                    "source": source,
                },
            )


def load_sources(
    sources: tuple[str, ...],
) -> tuple[dict[str, abc.Tune], dict[str, dict[str, int]]]:
    """Loads collections from music21's corpus; music21 is not imported.

    Args:
        sources: keys of `SOURCES`.

    Returns:
        The tunes by an identity made of source and content; and for each
        source how many are "usable" and how many are left out, by reason.

    Raises:
        InputError: music21 is not installed with its corpus.
    """
    tunes: dict[str, abc.Tune] = {}
    seen: set[str] = set()
    by_source: dict[str, dict[str, int]] = {}
    for source in sources:
        counts = Counter(usable=0)
        for path in _files(source):
            for text in abc.split_tunes(_read_text(path)):
                try:
                    tune = abc.normalise(text, strict=True)
                except abc.Unusable as error:
                    counts[error.reason] += 1
                    continue
                content = _digest(tune.key, tune.mode, tune.meter, tune.body)
                if content in seen:
                    counts[DUPLICATE] += 1
                    continue
                seen.add(content)
                counts["usable"] += 1
                tunes[f"{source}:{content}"] = replace(
                    tune, rhythm=rhythm.rhythm_of(tune)
                )
        by_source[source] = dict(counts.most_common())
    return tunes, by_source


def assign_splits(bodies: list[str], identities: list[str]) -> list[str]:
    """Returns the split of every tune; near-identical tunes get the same.

    About 90 % of the clusters are for training, 5 % for validation and 5 % for
    testing. A hash of the tunes decides, so neither their order nor a random
    number matters.

    Args:
        bodies: canonical tokens, one string a tune.
        identities: a unique string for every tune.
    """
    clusters = likeness.cluster([contour(body) for body in bodies])
    representatives: dict[int, str] = {}  # the least identity of a cluster
    for cluster, identity in zip(clusters, identities, strict=True):
        least = min(identity, representatives.get(cluster, identity))
        representatives[cluster] = least
    fractions = {
        cluster: int(_digest(identity), 16) / 16**32
        for cluster, identity in representatives.items()
    }
    names = {
        cluster: _SPLITS[(fraction >= 0.9) + (fraction >= 0.95)]
        for cluster, fraction in fractions.items()
    }
    # with three tunes or more, no split is empty
    last = sorted(fractions, key=lambda cluster: fractions[cluster])[-2:]
    for cluster, name in zip(last, ("validation", "test"), strict=False):
        if len(fractions) > 2 and name not in names.values():
            names[cluster] = name
    return [names[cluster] for cluster in clusters]


def prepare(
    name: str = "fiddle", data_dir: str | Path | None = None
) -> AbcTunes:
    """Prepares a data set unless it exists, and prints nothing.

    Args:
        name: "fiddle" (the three below together), "oneill", "ryan", "aird",
            or "essen", which is for non-commercial use only.
        data_dir: the folder of data sets; by default that of
            tensorflow-datasets.

    Returns:
        The builder: `.as_dataset(split="train")`, `account(builder)`.

    Raises:
        InputError: there is no such collection, or music21 is not installed
            with its corpus.
    """
    if name not in _CONFIGS:
        raise InputError(
            f"no collection is called {name!r}; there are: "
            + ", ".join(_CONFIGS)
        )
    builder = AbcTunes(config=name, data_dir=data_dir)
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        builder.download_and_prepare()
    return builder


def account(builder: AbcTunes) -> dict[str, dict[str, int]]:
    """Returns how many tunes of each source are usable or left out, and why.

    Args:
        builder: what `prepare` returned.

    Returns:
        Such as `{"aird": {"usable": 1152, "several voices": 11, ...}}`.
    """
    return dict(builder.info.metadata["account"])


def _files(source: str) -> list[Path]:
    spec = importlib.util.find_spec("music21")
    folders = spec.submodule_search_locations if spec else None
    paths = sorted(
        path
        for folder in folders or []
        for path in Path(folder, "corpus", SOURCES[source]).glob("*.abc")
    )
    if not paths:
        raise InputError("music21 is not installed with its corpus")
    return paths


def _read_text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _digest(*parts: str) -> str:
    text = "\n".join(parts).encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()
