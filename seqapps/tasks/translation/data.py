"""Sentence pairs as batches for `Model.fit`."""

from pathlib import Path
from typing import Any, Literal

from seqapps.console.arguments import Amount, Count, Seed, Share, Size, checked
from seqapps.errors import InputError
from seqapps.task import Data
from seqapps.tasks.translation.importers.pair_files import Pair

_HELD_OUT = ("validation", "test")
# few pairs: smaller batches, and several passes per epoch
_MIN_BATCHES = 100  # in one pass
_MIN_BATCH_SIZE = 16
_MIN_STEPS = 300  # in an epoch


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
    extra: str = "",
    validation: Share = 0.02,
    test: Share = 0.02,
    longest: Count = 60,
    ratio: Amount = 3.0,
    vocabulary: Count = 8000,
    target_vocabulary: Size = 0,
    joint: bool = False,
    vocabulary_of: Path | None = None,
    sampling: Amount = 0.0,
    altered: Share = 0.0,
    passes: Count = 1,
    extra_passes: Count = 1,
    sentences: bool = False,
    language: Literal["", "de", "en", "es", "fr"] = "",
    target_language: Literal["", "de", "en", "es", "fr"] = "",
    batch_size: Count = 256,
    tokens: Size = 2000,
    limit: Size = 0,
    seed: Seed = 0,
) -> Data:
    """Loads pairs of sentences; those that share a sentence stay together.

    Args:
        dataset: a collection of TensorFlow Datasets: spa_eng (Spanish to
            English, of TensorFlow's tutorial), ted_hrlr_translate/pt_to_en,
            wmt14_translate/de-en, para_crawl/ende, ...; or "toy", generated
            dates and numbers in words.
        data_dir: where tensorflow-datasets keeps its data.
        reverse: swap the source and the target of a dataset, or of your files.
        source: your own source file in place of the dataset, a sentence per
            line.
        target: its translations, line by line.
        valid_source: likewise, for validation. Default: a share of training.
        valid_target: its translations.
        test_source: likewise, for the test. Default: a share of training.
        test_target: its translations.
        path: your own pairs in place of source and target: a table with tabs
            between the columns, as of Tatoeba and Anki.
        source_column: the source in that table; the first column is 1.
        target_column: the target in that table.
        encoding: of your files: cp1252, utf-16, ... Default: UTF-8, or what
            a byte order mark says.
        separator: between the columns of that table, in place of a tab.
        extra: more tables of pairs, with the same columns: paths, with
            semicolons between. Their held-out pairs are splits of their own,
            named after the files.
        validation: share of the pairs to validate on.
        test: share of the pairs for the test.
        longest: words of the longest sentence to train on.
        ratio: leave out training pairs with one side this many times as long
            as the other; 0 for no limit.
        vocabulary: number of sub-words of the source.
        target_vocabulary: number of sub-words of the target; 0 for as many.
        joint: one vocabulary for both sides, that of the source. Letters that
            it lacks are written in bytes, and masks for what is not to be
            translated are sub-words. It is what --model.copy needs.
        vocabulary_of: a run, whose vocabularies are taken in place of others
            learned from the training pairs, as for --fit.start.
        sampling: sample the segmentation of words into sub-words in training,
            with probability proportional to p^sampling; 0 takes the best one.
        altered: share of the training pairs that are altered: invented names,
            numbers, codes and masks on both sides, in place of others, to be
            copied; sources in small letters, or without accents; see
            `augmentation`.
        passes: through the training pairs in an epoch, each altered otherwise.
        extra_passes: likewise, through those of extra.
        sentences: translate texts sentence by sentence, keep what is not to be
            translated, and mend CAPITALS and missing marks; see `passages`.
        language: of the source, whose abbreviations end no sentence; by
            default that of spa_eng.
        target_language: of the target, for --data.altered and the names of
            places; likewise.
        batch_size: pairs per batch, at most; a small data set gets smaller
            batches, and several passes through it are one epoch.
        tokens: sub-words per batch, at most, counting padding; 0 for no limit
            but batch_size.
        limit: use this many training pairs only; 0 uses all.
        seed: of the split.

    Returns:
        Batches `((source, previous), target, weights)`: ids `(batch, S)`, and
        `(batch, T)` each. `examples` has lists of sources and targets by
        split.

    Raises:
        InputError: there is no such collection, or a file cannot be used.
    """
    import numpy as np
    import tensorflow as tf

    from seqapps import pipeline
    from seqapps.tasks.translation.codec.base import (
        encode_examples,
        training_batch,
    )
    from seqapps.tasks.translation.codec.learning import train_codec
    from seqapps.tasks.translation.importers import pair_files, splitting
    from seqapps.tasks.translation.importers.augmentation import Augmentation
    from seqapps.tasks.translation.importers.extra_pairs import read_extra
    from seqapps.tasks.translation.importers.filtering import filter_pairs
    from seqapps.tasks.translation.importers.place_names import place_names

    if 0 < ratio < 1:
        raise InputError(f"--data.ratio is 0, or 1 or more, not {ratio}")
    held_out_files = {
        "validation": (valid_source, valid_target),
        "test": (test_source, test_target),
    }
    table_format = source_column, target_column, encoding, separator
    if reverse:
        table_format = target_column, source_column, encoding, separator
    if source or target or path:
        files = (source, target, path)
        splits = pair_files.read_files(
            files, table_format, held_out_files, reverse
        )
    else:
        splits = _load_dataset(dataset, data_dir, reverse)
        if dataset == "spa_eng" and not (language or target_language):
            language, target_language = (
                ("en", "es") if reverse else ("es", "en")
            )
    splits = {
        name: [pair for pair in pairs if all(pair)]
        for name, pairs in splits.items()
    }
    splits = splitting.complete_splits(splits, validation, test, seed)
    more, held_out_extra = read_extra(extra, table_format, splits, test, seed)
    pairs, left_out = filter_pairs(splits["train"], longest, ratio)
    splits["train"] = pairs[: limit or None]
    more, _ = filter_pairs(more, longest, ratio)
    splitting.report(splits, left_out, more, held_out_extra)
    if not splits["train"]:
        raise InputError("no training pair is left: see --data.longest")
    sizes = vocabulary, target_vocabulary or vocabulary
    settings = {
        "sentences": sentences,
        "language": language,
        "target_language": target_language,
        "names": place_names(language, target_language) if sentences else (),
    }
    if vocabulary_of:
        codec = _codec_like(vocabulary_of, settings)
    else:
        texts = list(zip(*splits["train"], *more, strict=True))
        codec = train_codec(texts, sizes, joint, **settings)
    train_pairs = [*splits["train"] * passes, *more * extra_passes]
    if altered:
        train_pairs = Augmentation(
            splits["train"], language, target_language
        ).epoch(train_pairs, altered, seed)
    examples = {
        name: tuple(map(list, zip(*pairs, strict=True)))
        for name, pairs in {**splits, **held_out_extra}.items()
    }
    examples["train"] = tuple(
        map(list, zip(*splits["train"], *more, strict=True))
    )
    sides = {name: examples[name] for name in _HELD_OUT}
    sides["train"] = tuple(map(list, zip(*train_pairs, strict=True)))
    encoded = encode_examples(codec, sides)
    lengths = {
        name: np.maximum(*[ids.row_lengths().numpy() + 1 for ids in sides])
        for name, sides in encoded.items()
    }
    smaller = max(len(train_pairs) // _MIN_BATCHES, _MIN_BATCH_SIZE)
    steps, rows = pipeline.bucketed(
        lengths["train"], min(batch_size, smaller), 16, tokens
    )
    train_texts = [tf.constant(texts) for texts in sides["train"]]

    def gather_batch(name: str, rows: Any) -> tuple[Any, ...]:
        return training_batch(*[tf.gather(ids, rows) for ids in encoded[name]])

    def train_batch(step: Any, seed: Any) -> tuple[Any, ...]:
        chosen = rows(step, seed)
        if not sampling:
            return gather_batch("train", chosen)
        step_seed = tf.cast(tf.stack([seed, step]), tf.int32)
        source, target = (
            tokenizer.encode(
                tf.gather(texts, chosen), sampling, step_seed + (0, side)
            )
            for side, (tokenizer, texts) in enumerate(
                zip((codec.source, codec.target), train_texts, strict=True)
            )
        )
        return training_batch(source, target)

    def held_out(name: str) -> Any:
        return pipeline.in_order(
            lambda rows: gather_batch(name, rows), lengths[name], 64
        )

    return Data(
        train=pipeline.epoch(train_batch, -(-_MIN_STEPS // steps) * steps),
        valid=held_out("validation"),
        test=held_out("test"),
        codec=codec,
        examples=examples,
        start=lambda step, seed: pipeline.stream(train_batch, step, seed),
    )


def _load_dataset(
    dataset: str, data_dir: Path | None, reverse: bool
) -> dict[str, list[Pair]]:
    from seqapps.tasks.translation import collection
    from seqapps.tasks.translation.importers import toy_pairs

    if dataset != "toy":
        return collection.load_collection(dataset, data_dir, reverse)
    pairs = toy_pairs.generate_pairs(4000, 0)
    return {"train": [pair[::-1] for pair in pairs] if reverse else pairs}


def _codec_like(run: Path, settings: dict[str, Any]) -> Any:
    from seqapps.tasks.translation.codec.base import PairCodec
    from seqapps.training import runs

    run = runs.find_run("translation", run)
    known = runs.load_codec(run, "translation", __name__).get_config()
    return PairCodec(known["source"], known["target"], **settings)
