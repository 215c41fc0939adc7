"""Pairs of sentences as batches: from files to what `Model.fit` takes."""

import sys
from pathlib import Path

from seqapps.console.arguments import Amount, Count, Seed, Share, Size, checked
from seqapps.errors import InputError
from seqapps.task import Data

_SPLITS = ("train", "validation", "test")
_BATCHES = 100  # of one pass through few pairs, which asks for small ones
_ROWS = 16  # but not for smaller ones
_STEPS = 300  # an epoch has at least: few pairs are read more than once


@checked
def load_data(
    *,
    dataset: str = "spa_eng",
    data_dir: Path | None = None,
    reverse: bool = False,
    source: Path | None = None,
    target: Path | None = None,
    valid_source: Path | None = None,
    valid_target: Path | None = None,
    test_source: Path | None = None,
    test_target: Path | None = None,
    path: Path | None = None,
    source_column: Count = 2,
    target_column: Count = 1,
    encoding: str = "",
    separator: str = "",
    validation: Share = 0.02,
    test: Share = 0.02,
    longest: Count = 60,
    ratio: Amount = 3.0,
    vocabulary: Count = 8000,
    target_vocabulary: Size = 0,
    sampling: Amount = 0.0,
    batch_size: Count = 256,
    tokens: Size = 2000,
    limit: Size = 0,
    seed: Seed = 0,
) -> Data:
    """Loads pairs of sentences; those that share a sentence stay together.

    Args:
        dataset: a collection of TensorFlow Datasets: spa_eng (Spanish to
            English, of TensorFlow's tutorial), ted_hrlr_translate/pt_to_en,
            wmt14_translate/de-en, para_crawl/ende, ...; or "toy", dates and
            numbers in words, which are made here.
        data_dir: where tensorflow-datasets keeps its data.
        reverse: translate a dataset the other way.
        source: your own, a sentence a line, in the language to translate
            from. It takes the place of the dataset.
        target: its translations, line by line.
        valid_source: likewise, for validation; left out, a share of training.
        valid_target: its translations.
        test_source: likewise, for the test; left out, a share of training.
        test_target: its translations.
        path: your own, a table with tabs between the columns, as Tatoeba and
            Anki have it, in place of source and target.
        source_column: of that table, to translate from; the first is 1.
        target_column: of that table, to translate into.
        encoding: of your files: cp1252, utf-16, ... Left out: UTF-8, or what
            a byte order mark says.
        separator: between the columns of that table, in place of a tab.
        validation: share of the pairs to validate on.
        test: share of the pairs for the test.
        longest: words of the longest sentence to train on.
        ratio: leave out pairs of which one side is so many times as long; 0
            leaves none out.
        vocabulary: sub-words of the source.
        target_vocabulary: and of the target; 0 is as many.
        sampling: cut words by chance in training, a cut with probability in
            proportion to p^sampling; 0 cuts them the best way.
        batch_size: pairs a batch, at most; fewer of few pairs, for which an
            epoch is several passes through them.
        tokens: sub-words a batch, at most, padding counted; 0 asks for
            batch_size alone.
        limit: use this many training pairs only; 0 uses all.
        seed: of the split.

    Returns:
        Batches `((source, written), said, weights)`: numbers `(batch, S)`,
        and `(batch, T)` each. `examples` are two lists of texts by split.

    Raises:
        InputError: there is no such collection, or a file cannot be used.
    """
    import numpy as np
    import tensorflow as tf

    from seqapps import pipeline
    from seqapps.tasks.translation.codec import subwords
    from seqapps.tasks.translation.codec.base import PairCodec, batch
    from seqapps.tasks.translation.importers import cleaning

    if 0 < ratio < 1:
        raise InputError(f"--data.ratio is 0, or 1 or more, not {ratio}")
    held = {
        "validation": (valid_source, valid_target),
        "test": (test_source, test_target),
    }
    if source or target or path:
        files = (source, target, path)
        form = source_column, target_column, encoding, separator
        splits = _own(files, form, held)
    else:
        splits = _named(dataset, data_dir, reverse)
    splits = {
        name: [pair for pair in pairs if all(pair)]
        for name, pairs in splits.items()
    }
    splits = _divided(splits, validation, test, seed)
    pairs, left_out = cleaning.clean(splits["train"], longest, ratio)
    splits["train"] = pairs[: limit or None]
    _tell(splits, left_out)
    if not splits["train"]:
        raise InputError("no training pair is left: see --data.longest")
    examples = {
        name: tuple(map(list, zip(*splits[name], strict=True)))
        for name in _SPLITS
    }
    sizes = vocabulary, target_vocabulary or vocabulary
    learned = [
        subwords.learn(texts, size, what)
        for texts, size, what in zip(
            examples["train"], sizes, ("source", "target"), strict=True
        )
    ]
    codec = PairCodec(*[u.get_config() for u in learned])
    encoded = _encoded(codec, examples)
    lengths = {
        name: np.maximum(*[ids.row_lengths().numpy() + 1 for ids in sides])
        for name, sides in encoded.items()
    }
    fewer = max(len(splits["train"]) // _BATCHES, _ROWS)
    steps, rows = pipeline.bucketed(
        lengths["train"], min(batch_size, fewer), 16, tokens
    )
    written = [tf.constant(texts) for texts in examples["train"]]

    def numbered(step, seed):
        chosen = rows(step, seed)
        if not sampling:
            return batch(*[tf.gather(ids, chosen) for ids in encoded["train"]])
        luck = tf.cast(tf.stack([seed, step]), tf.int32)
        return batch(
            *[
                u.encode(tf.gather(texts, chosen), sampling, luck + (0, side))
                for side, (u, texts) in enumerate(
                    zip((codec.source, codec.target), written, strict=True)
                )
            ]
        )

    def held_out(name):
        return pipeline.in_order(
            lambda rows: batch(
                *[tf.gather(ids, rows) for ids in encoded[name]]
            ),
            lengths[name],
            64,
        )

    return Data(
        train=pipeline.epoch(numbered, -(-_STEPS // steps) * steps),
        valid=held_out("validation"),
        test=held_out("test"),
        codec=codec,
        examples=examples,
        start=lambda step, seed: pipeline.stream(numbered, step, seed),
    )


def _named(dataset: str, data_dir: Path | None, reverse: bool) -> dict:
    from seqapps.tasks.translation import collection
    from seqapps.tasks.translation.importers import toy

    if dataset != "toy":
        return collection.dataset(dataset, data_dir, reverse)
    pairs = toy.pairs(4000, 0)
    return {"train": [pair[::-1] for pair in pairs] if reverse else pairs}


def _own(files: tuple, form: tuple, held: dict) -> dict:
    """The user's pairs, by split."""
    from seqapps.tasks.translation.importers import pair_files as sources

    source, target, path = files
    if path and (source or target):
        raise InputError("give --data.path, or --data.source and its target")
    if path:
        return {"train": sources.table(path, *form)}
    found = {}
    for name, sides in {"train": (source, target), **held}.items():
        if all(sides):
            found[name] = sources.aligned(*sides, form[2])
        elif any(sides):
            raise InputError(f"{name} needs both files: a source and a target")
    return found


def _divided(splits: dict, validation: float, test: float, seed: int) -> dict:
    """All three splits; those that are missing are taken from training."""
    from seqapps.tasks.translation.importers import splitting

    for share in (validation, test):
        if not 0 < share < 0.5:
            raise InputError(
                "--data.validation and --data.test are shares between 0 and 0.5"
            )
    found = splitting.split(
        splits["train"],
        0.0 if "validation" in splits else validation,
        0.0 if "test" in splits else test,
        seed,
    )
    return {**splits, **found}


def _encoded(codec, examples: dict) -> dict:
    """Ragged numbers of sources and targets, by split."""
    found = {name: [] for name in examples}
    for side, units in enumerate((codec.source, codec.target)):
        ids = units.encoded(
            [t for sides in examples.values() for t in sides[side]]
        )
        first = 0
        for name, sides in examples.items():
            last = first + len(sides[side])
            found[name].append(ids[first:last])
            first = last
    return found


def _tell(splits: dict, left_out: dict) -> None:
    from seqapps.tasks.translation.importers import splitting

    used = ", ".join(f"{len(splits[name])} {name}" for name in _SPLITS)
    why = ", ".join(f"{n} {reason}" for reason, n in left_out.items() if n)
    print(
        f"pairs: {used}; left out of training: {why or 'none'}", file=sys.stderr
    )
    for name in _SPLITS[1:]:
        known = splitting.shared(splits["train"], splits[name])
        if known:
            print(
                f"of the {name} pairs {known} share a sentence with training: "
                "what they tell is too good",
                file=sys.stderr,
            )
