"""Labelled texts as batches for `Model.fit`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

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
from seqapps.tasks.sentiment.importers import splitting
from seqapps.tasks.sentiment.importers.text_files import (
    LabelledText,
    read_labelled,
)


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
    clean: bool = True,
    head: Size = 200,
    tail: Size = 200,
    batch_size: Count = 32,
    bucketing: bool = True,
    unlabelled: str = "",
    teacher: Path | None = None,
    sure: Share = 0.0,
    class_order: str = "",
    class_weights: Literal["none", "balanced"] = "none",
    limit: Size = 0,
    seed: Seed = 0,
) -> Data:
    """Loads labelled texts. Validation is split off training, never off test.

    Args:
        dataset: a collection of TensorFlow Datasets: imdb_reviews,
            glue/sst2, ag_news, yelp_polarity_reviews, ...
        data_dir: where tensorflow-datasets keeps its data.
        path: your own texts in place of the dataset: .csv, .tsv, .jsonl, a
            folder with one folder per label, or lines of a label, a space and
            a text.
        valid_path: likewise, for validation. Default: a share of training.
            With a dataset: more texts to validate on, beside that share.
        test_path: likewise, for the test. Default: a share of your texts.
        text: the column of the text.
        label: the column of the label.
        encoding: of your files: cp1252, utf-16, ... Default: UTF-8, or what
            a byte order mark says.
        separator: between the columns of your files: ";", tab, ... Default:
            a comma in .csv, a tab in .tsv.
        validation: share of the training texts to validate on; duplicates
            stay in the same split.
        vocabulary: number of words in the vocabulary, the most frequent ones.
        ngrams: number of n-grams in the vocabulary, likewise.
        order: the longest n-gram; 2 for bigrams.
        rare: leave out words and n-grams that occur less often than this.
        cased: treat "Good" and "good" as two words.
        clean: resolve HTML entities, accents, emoticons, invisible characters
            and the like, and make negations words: "isn't" is "is n't".
        head: words kept from the beginning of a long text.
        tail: words kept from its end.
        batch_size: texts per batch.
        bucketing: batch texts of similar length; off, to see what it saves.
        unlabelled: texts without labels, for `teacher` or `--fit.pretrain`: a
            file, a folder, or a collection with a split "unsupervised".
        teacher: a run or a saved model whose probabilities for them are
            learned beside the training texts; or a .jsonl (.jsonl.gz) of
            texts with probabilities, {"text": "...", "probabilities":
            {"neg": 0.1, "pos": 0.9}} a line, which needs no unlabelled texts.
        sure: learn the teacher's likeliest class instead, of texts where its
            probability is at least this; 0 learns all probabilities.
        class_order: the classes from the lowest to the highest, for
            `--model.ordered`: "bad,fair,good". Default: that of numbers.
        class_weights: "balanced" gives each class the same weight in the loss
            of training, n / (k n_c): n texts, n_c of the class, k classes.
        limit: use this many training texts only; 0 uses all.
        seed: of the split.

    Returns:
        Batches `(x, y)`: x is `(batch, time, columns)`, y the probability of
        each class, `(batch, classes)`. `examples` has texts and labels by
        split; "unlabelled", texts; and "soft", texts and probabilities. With
        class weights those of training are `(x, y, weights)`.

    Raises:
        InputError: there is no such collection, or a file cannot be used.
    """
    import numpy as np

    from seqapps import pipeline
    from seqapps.tasks.sentiment import collection
    from seqapps.tasks.sentiment import teacher as teachers
    from seqapps.tasks.sentiment.codec.base import TextCodec
    from seqapps.tasks.sentiment.codec.vocabulary import (
        VocabularyLimits,
        build_codec,
    )

    if head + tail < 1:
        raise InputError("--data.head and --data.tail together are 1 or more")
    if path:
        paths = path, valid_path, test_path
        splits = _read_files(*paths, (text, label, encoding, separator), seed)
    else:
        splits = collection.load_collection(dataset, data_dir, text, label)
    if "validation" not in splits:
        splits |= splitting.split_texts(splits["train"], validation, seed)
    if valid_path and not path:
        splits["validation"] = splits["validation"] + read_labelled(
            valid_path, text, label, encoding, separator
        )
    splits["train"] = splits["train"][: limit or None]
    extra_texts = []
    if unlabelled:
        extra_texts = collection.load_unlabelled(
            unlabelled, data_dir, text, encoding, separator
        )
    labels, ranked = splitting.order_labels(
        splitting.check_labels(splits), class_order
    )
    soft = [], np.zeros((0, len(labels)), np.float32)
    if teacher:
        soft = teachers.soft_texts(teacher, extra_texts, labels)
        if sure:
            rows = teachers.sure_labels(soft, labels, sure)
            splits["train"] = splits["train"] + rows
            soft = [], soft[1][:0]
    sizes = ", ".join(f"{len(rows)} {name}" for name, rows in splits.items())
    print(f"texts: {sizes}; classes: {', '.join(labels)}", file=sys.stderr)
    class_ids = {name: i for i, name in enumerate(labels)}
    one_hot = np.eye(len(labels), dtype=np.float32)
    texts, targets = {}, {}
    for name, rows in splits.items():
        texts[name] = [text for text, _ in rows]
        targets[name] = one_hot[[class_ids[label] for _, label in rows]]
    texts["train"] = texts["train"] + soft[0]
    targets["train"] = np.concatenate([targets["train"], soft[1]])
    codec = build_codec(
        texts["train"],
        targets["train"],
        TextCodec(
            labels,
            [],
            cased=cased,
            head=head,
            tail=tail,
            clean=clean,
            ranked=ranked,
        ),
        VocabularyLimits(vocabulary, ngrams, order, rare),
        [] if teacher else extra_texts,
    )
    batches, lengths = {}, {}
    for name in splits:
        encoded = codec.encode_many(texts[name])
        goals = [targets[name]]
        if name == "train" and class_weights == "balanced":
            goals.append(splitting.balanced_weights(targets[name]))
        batches[name] = _batches(codec, encoded, *goals)
        lengths[name] = encoded.row_lengths().numpy()
    bucket_lengths = (
        lengths["train"] if bucketing else np.zeros(len(texts["train"]))
    )
    steps, row_ids = pipeline.bucketed(bucket_lengths, batch_size)

    def train_batch(step: Any, seed: Any) -> tuple[Any, ...]:
        return batches["train"](row_ids(step, seed))

    def held_out(name: str) -> Any:
        return pipeline.in_order(batches[name], lengths[name], 2 * batch_size)

    return Data(
        train=pipeline.epoch(train_batch, steps),
        valid=held_out("validation"),
        test=held_out("test"),
        codec=codec,
        examples={
            name: tuple(map(list, zip(*rows, strict=True)))
            for name, rows in splits.items()
        }
        | ({"unlabelled": (extra_texts, None)} if extra_texts else {})
        | ({"soft": soft} if soft[0] else {}),
        start=lambda step, seed: pipeline.stream(train_batch, step, seed),
    )


def _read_files(
    path: Path,
    valid_path: Path | None,
    test_path: Path | None,
    table_format: tuple[str, str, str, str],
    seed: int,
) -> dict[str, list[LabelledText]]:
    """Reads the user's files, by split."""
    splits = {"train": read_labelled(path, *table_format)}
    if valid_path:
        splits["validation"] = read_labelled(valid_path, *table_format)
    if test_path:
        splits["test"] = read_labelled(test_path, *table_format)
    else:
        parts = splitting.split_texts(splits["train"], 0.1, seed + 1)
        splits |= {"train": parts["train"], "test": parts["validation"]}
    return splits


def _batches(
    codec: Any, encoded: Any, *rest: Any
) -> Callable[[Any], tuple[Any, ...]]:
    """`batch(rows)`: inputs, targets and perhaps weights of these rows."""
    import tensorflow as tf

    tensors = [tf.constant(values, tf.float32) for values in rest]

    def batch(rows: Any) -> tuple[Any, ...]:
        x = codec.pad(tf.gather(encoded, rows))
        return x, *(tf.gather(tensor, rows) for tensor in tensors)

    return batch
