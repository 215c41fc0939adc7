"""Labelled texts as batches: from a collection to what `Model.fit` takes."""

import hashlib
import sys
from pathlib import Path
from typing import Annotated

from seqapps.console.arguments import (
    Count,
    Fraction,
    Range,
    Seed,
    Share,
    Size,
    checked,
)
from seqapps.errors import InputError
from seqapps.task import Data

_NAMED = 20  # classes that are named


@checked
def load_data(
    *,
    dataset: str = "imdb_reviews",
    data_dir: Path | None = None,
    path: Path | None = None,
    valid_path: Path | None = None,
    test_path: Path | None = None,
    text: str = "text",
    label: str = "label",
    encoding: str = "",
    separator: str = "",
    validation: Fraction = 0.1,
    vocabulary: Count = 30000,
    ngrams: Size = 0,
    order: Annotated[int, Range(1, 4)] = 2,
    rare: Size = 2,
    cased: bool = False,
    head: Size = 200,
    tail: Size = 200,
    batch_size: Count = 32,
    bucketing: bool = True,
    unlabelled: str = "",
    teacher: Path | None = None,
    sure: Share = 0.0,
    limit: Size = 0,
    seed: Seed = 0,
) -> Data:
    """Loads labelled texts; validation is split off training, never off test.

    Args:
        dataset: a collection of TensorFlow Datasets: imdb_reviews,
            glue/sst2, ag_news, yelp_polarity_reviews, ...
        data_dir: where tensorflow-datasets keeps its data.
        path: your own: .csv, .tsv, .jsonl, a folder with a folder a class, or
            lines of a label, a blank and a text. It takes the place of the
            dataset.
        valid_path: likewise, for validation; left out, a share of training.
        test_path: likewise, for the test; left out, a share of your own.
        text: the column of the text.
        label: the column of the class.
        encoding: of your files: cp1252, utf-16, ... Left out: UTF-8, or what
            a byte order mark says.
        separator: between the columns of your files: ";", tab, ... Left out:
            a comma in .csv, a tab in .tsv.
        validation: share of the training texts to validate on; texts that are
            the same stay together.
        vocabulary: so many of the most frequent words are known.
        ngrams: and so many of the most frequent n-grams.
        order: longest n-gram: 2 is a pair.
        rare: what occurs less often is not known.
        cased: "Good" and "good" are two words.
        head: words kept of the beginning of a long text.
        tail: words kept of its end.
        batch_size: texts a batch.
        bucketing: batch texts of like length; off, to see what it saves.
        unlabelled: texts without classes, for `teacher` or `--fit.pretrain`: a
            file or a folder, or a collection whose split "unsupervised" has
            them.
        teacher: a run or a saved model that gives them classes, so that they
            join the training.
        sure: leave out those of whose class it is less sure than this.
        limit: use this many training texts only; 0 uses all.
        seed: of the split.

    Returns:
        Batches `(x, y)`: x is `(batch, time, columns)`, y `(batch,)`.
        `examples` are pairs of texts and labels by split, and "unlabelled".

    Raises:
        InputError: there is no such collection, or a file cannot be used.
    """
    import numpy as np

    from seqapps import pipeline
    from seqapps.tasks.sentiment import collection
    from seqapps.tasks.sentiment.codec import vocabulary as vocabulary_
    from seqapps.tasks.sentiment.codec.base import TextCodec

    if head + tail < 1:
        raise InputError("--data.head and --data.tail together are 1 or more")
    if path:
        paths = path, valid_path, test_path
        splits = _own(*paths, (text, label, encoding, separator), seed)
    else:
        splits = collection.dataset(dataset, data_dir, text, label)
    if "validation" not in splits:
        splits |= _divided(splits["train"], validation, seed)
    splits["train"] = splits["train"][: limit or None]
    spare = []
    if unlabelled:
        form = text, encoding, separator
        spare = collection.unlabelled(unlabelled, data_dir, *form)
    if teacher:
        splits["train"] = splits["train"] + _taught(teacher, spare, sure)
    labels = _labels(splits)
    used = ", ".join(f"{len(rows)} {name}" for name, rows in splits.items())
    print(f"texts: {used}; classes: {', '.join(labels)}", file=sys.stderr)
    numbers = {name: i for i, name in enumerate(labels)}
    codec = vocabulary_.learn(
        [text for text, _ in splits["train"]],
        [numbers[label] for _, label in splits["train"]],
        TextCodec(labels, [], cased=cased, head=head, tail=tail),
        vocabulary_.Sizes(vocabulary, ngrams, order, rare),
        [] if teacher else spare,
    )
    encoded, classes, lengths = {}, {}, {}
    for name, rows in splits.items():
        encoded[name] = codec.encoded([text for text, _ in rows])
        classes[name] = np.array([numbers[label] for _, label in rows])
        lengths[name] = encoded[name].row_lengths().numpy()
    batches = {
        name: _batch(codec, encoded[name], classes[name]) for name in splits
    }
    shown = lengths["train"] if bucketing else np.zeros(len(splits["train"]))
    steps, rows = pipeline.bucketed(shown, batch_size)

    def numbered(step, seed):
        return batches["train"](rows(step, seed))

    def held_out(name):
        return pipeline.in_order(batches[name], lengths[name], 2 * batch_size)

    return Data(
        train=pipeline.epoch(numbered, steps),
        valid=held_out("validation"),
        test=held_out("test"),
        codec=codec,
        examples={
            name: tuple(map(list, zip(*rows, strict=True)))
            for name, rows in splits.items()
        }
        | ({"unlabelled": (spare, None)} if spare else {}),
        start=lambda step, seed: pipeline.stream(numbered, step, seed),
    )


def _taught(teacher: Path, texts: list[str], sure: float) -> list:
    """Texts with the classes that a trained classifier gives them."""
    from seqapps.tasks.sentiment import metrics
    from seqapps.tasks.sentiment.decode import Classifier
    from seqapps.tasks.sentiment.model import build_model
    from seqapps.training import load_predictor

    if not texts:
        raise InputError("--data.teacher needs --data.unlabelled")
    classifier = load_predictor(teacher, "sentiment", build_model, Classifier)
    names, chances = metrics.read(classifier, texts)
    rows = [
        (text, names[chance.argmax()])
        for text, chance in zip(texts, chances, strict=True)
        if chance.max() >= sure
    ]
    print(f"{teacher} gives {len(rows)} texts a class", file=sys.stderr)
    return rows


def _own(path, valid_path, test_path, form, seed) -> dict:
    """The user's texts, by split."""
    from seqapps.tasks.sentiment.importers import text_files

    splits = {"train": text_files.read(path, *form)}
    if valid_path:
        splits["validation"] = text_files.read(valid_path, *form)
    if test_path:
        splits["test"] = text_files.read(test_path, *form)
    else:
        parts = _divided(splits["train"], 0.1, seed + 1)
        splits |= {"train": parts["train"], "test": parts["validation"]}
    return splits


def _divided(rows: list, share: float, seed: int) -> dict:
    """Splits rows by what their text is, so that the same stay together.

    Some text of every class trains, and at least one text does not.
    """
    same = [" ".join(text.lower().split()) for text, _ in rows]
    drawn = {text: _drawn(f"{seed}:{text}") for text in same}
    kept = {}
    for text, (_, label) in zip(same, rows, strict=True):
        kept[label] = max(text, kept.get(label, text), key=drawn.get)
    free = sorted(drawn.keys() - set(kept.values()), key=drawn.get)
    if not free:
        raise InputError(
            f"{len(rows)} texts of {len(kept)} classes are too few to set "
            f"{share:.0%} of them apart"
        )
    held = {text for text in free if drawn[text] < share} or {free[0]}
    parts = {"train": [], "validation": []}
    for text, row in zip(same, rows, strict=True):
        parts["validation" if text in held else "train"].append(row)
    return parts


def _drawn(text: str) -> float:
    """A number from 0 to 1."""
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") / 2**64


def _labels(splits: dict) -> list[str]:
    """The classes of training, sorted; the other splits have no others."""
    labels = sorted({label for _, label in splits["train"]})
    if len(labels) < 2:
        raise InputError(
            f"all training texts are of one class, {labels[0]!r}; it takes two"
        )
    if len(labels) > max(2, len(splits["train"]) // 2):
        raise InputError(
            f"{len(labels)} classes in {len(splits['train'])} training texts: "
            "is this the column of the label?"
        )
    for name in set(splits) - {"train"}:
        for _, label in splits[name]:
            if label not in labels:
                known = ", ".join(labels[:_NAMED])
                raise InputError(
                    f"{name} has the class {label!r}; training has {known}"
                )
    return labels


def _batch(codec, encoded, classes):
    """`batch(rows)`: numbers and classes of some texts."""
    import tensorflow as tf

    classes = tf.constant(classes, tf.int32)

    def batch(rows):
        return codec.dense(tf.gather(encoded, rows)), tf.gather(classes, rows)

    return batch
