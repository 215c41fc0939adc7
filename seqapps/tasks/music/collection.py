"""The ABC collections that music21 carries, as a TensorFlow dataset."""

import contextlib
import hashlib
import importlib.util
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import tensorflow_datasets as tfds

from seqapps.errors import InputError
from seqapps.tasks.music.evaluation import likeness
from seqapps.tasks.music.notation import abc

SOURCES = {  # the folder in music21's corpus
    "oneill": "oneills1850",
    "ryan": "ryansMammoth",
    "aird": "airdsAirs",
    "essen": "essenFolksong",
}
_OLD = "The tunes are out of copyright."
_CONFIGS = {  # sources, description
    "fiddle": (
        ("oneill", "ryan", "aird"),
        f"O'Neill's, Ryan's and Aird's collections together. {_OLD}",
    ),
    "oneill": (("oneill",), f"O'Neill's Music of Ireland (1903). {_OLD}"),
    "ryan": (("ryan",), f"Ryan's Mammoth Collection (1883). {_OLD}"),
    "aird": (("aird",), f"Aird's Airs (1778 to 1801). {_OLD}"),
    "essen": (
        ("essen",),
        "The Essen folksong collection. NOT FREE: it was given to music21 for"
        " non-commercial distribution and use only.",
    ),
}
TWICE = "the same as another"


class AbcTunes(tfds.core.GeneratorBasedBuilder):
    """One example a tune: canonical ABC and what its header says.

    Near-identical tunes lie in one split. `info.metadata["account"]` says how
    many tunes of each source were used, and how many were left out and why.
    """

    VERSION = tfds.core.Version("1.1.0")
    RELEASE_NOTES = {
        "1.0.0": "Four collections from music21's corpus.",
        "1.1.0": "All repeats are opened but the first section's.",
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
                    "title": text(),
                    "source": text(doc="the collection"),
                }
            ),
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        sources = _CONFIGS[self.builder_config.name][0]
        tunes, said = read(sources)
        self.info.metadata["account"] = said
        splits = split([tune.body for tune in tunes.values()], list(tunes))
        chosen = defaultdict(dict)
        for (identity, tune), name in zip(tunes.items(), splits, strict=True):
            chosen[name][identity] = tune
        return {
            name: self._generate_examples(chosen[name])
            for name in ("train", "validation", "test")
        }

    def _generate_examples(self, tunes: dict[str, abc.Tune]) -> Iterator:
        for identity, tune in tunes.items():
            source, _ = identity.split(":")
            yield (
                identity,
                {
                    "abc": tune.abc(),
                    "key": tune.key,
                    "mode": tune.mode,
                    "meter": tune.meter,
                    "title": tune.title,
                    "source": source,
                },
            )


def read(
    sources: tuple[str, ...],
) -> tuple[dict[str, abc.Tune], dict[str, dict[str, int]]]:
    """Read collections from music21's corpus; music21 is not imported.

    Args:
        sources: keys of `SOURCES`.

    Returns:
        The tunes by an identity made of source and content, and for every
        source how many are "usable" and how many were left out, by reason.

    Raises:
        InputError: if music21 is not installed with its corpus.
    """
    tunes: dict[str, abc.Tune] = {}
    seen: set[str] = set()
    said: dict[str, dict[str, int]] = {}
    for source in sources:
        count = Counter(usable=0)
        for path in _files(source):
            for text in abc.split_tunes(_text(path)):
                try:
                    tune = abc.normalise(text, plain=True)
                except abc.Unusable as error:
                    count[error.reason] += 1
                    continue
                content = _digest(tune.key, tune.mode, tune.meter, tune.body)
                if content in seen:
                    count[TWICE] += 1
                    continue
                seen.add(content)
                count["usable"] += 1
                tunes[f"{source}:{content}"] = tune
        said[source] = dict(count.most_common())
    return tunes, said


def split(bodies: list[str], identities: list[str]) -> list[str]:
    """Give every tune a split; near-identical tunes get the same.

    About 90 in a hundred clusters train, 5 validate, 5 test. It depends on
    nothing but the tunes: not on their order, not on chance.

    Args:
        bodies: canonical tokens, one a tune.
        identities: a string of its own for every tune.
    """
    roots = likeness.clusters([likeness.contour(body) for body in bodies])
    eldest: dict[int, str] = {}
    for root, identity in zip(roots, identities, strict=True):
        eldest[root] = min(identity, eldest.get(root, identity))
    shares = {
        root: int(_digest(identity), 16) / 16**32
        for root, identity in eldest.items()
    }
    names = {
        root: (
            "train" if share < 0.9 else "validation" if share < 0.95 else "test"
        )
        for root, share in shares.items()
    }
    # of a few tunes, too, one tests and one validates
    last = sorted(shares, key=shares.get)[-2:]
    for root, name in zip(last, ("validation", "test"), strict=False):
        if len(shares) > 2 and name not in names.values():
            names[root] = name
    return [names[root] for root in roots]


def prepare(
    name: str = "fiddle", data_dir: str | Path | None = None
) -> AbcTunes:
    """Make a data set, unless it is there, without a word on the screen.

    Args:
        name: "fiddle" (the three below together), "oneill", "ryan", "aird",
            or "essen", which is for non-commercial use only.
        data_dir: where data sets are kept; tensorflow-datasets' own place
            by default.

    Returns:
        The builder: `.as_dataset(split="train")`, `account(builder)`.

    Raises:
        InputError: for another name, or without music21's corpus.
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
    """How many tunes of each source are usable or left out, by reason.

    Args:
        builder: prepared, now or before.

    Returns:
        Such as `{"aird": {"usable": 1152, "several voices": 11, ...}}`.
    """
    return dict(builder.info.metadata["account"])


def _files(source: str) -> list[Path]:
    spec = importlib.util.find_spec("music21")
    folders = spec.submodule_search_locations if spec else None
    found = sorted(
        path
        for folder in folders or []
        for path in Path(folder, "corpus", SOURCES[source]).glob("*.abc")
    )
    if not found:
        raise InputError("music21 is not installed with its corpus")
    return found


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _digest(*parts: str) -> str:
    text = "\n".join(parts).encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()
