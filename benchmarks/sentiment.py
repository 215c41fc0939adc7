"""Sentiment: cells and straw men beside one another, and speed beside Keras.

    python benchmarks/sentiment.py cells --data-dir DIR      # half an hour
    python benchmarks/sentiment.py speed --data-dir DIR      # ten minutes
    python benchmarks/sentiment.py order --teacher soft.jsonl.gz   # ten minutes

`cells` trains each network for the same processor time on the reviews of IMDb,
words only and without the shortcut, and says how many of the test reviews it
gets right. `speed` trains the same network with our layers and with Keras's,
batch by batch in turns, and says how many words a second each reads; then the
same with batches of any length, for what bucketing saves. `order` trains each
network for the same processor time on sentences with soft labels
(examples/teacher), and says how many of the suite of negations it gets right,
and of the pairs that have the same words in another order.
"""

import argparse
import itertools
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from seqapps.tasks import sentiment  # noqa: E402
from seqapps.tasks.sentiment.network import TextNetwork  # noqa: E402
from seqapps.text import textfile  # noqa: E402

_KINDS = {
    "bag of words": {"kind": "bag"},
    "window of 5": {"kind": "window"},
    "window of 100": {"kind": "big-window"},
    "SimpleRNN": {"cell": "simple_rnn"},
    "IRNN": {"cell": "irnn"},
    "LSTM": {"cell": "lstm"},
    "GRU": {"cell": "gru"},
    "peephole LSTM": {"cell": "peephole_lstm"},
    "layer-norm LSTM": {"cell": "layer_norm_lstm"},
}
_PAIR = [
    "The food was good, not bad at all",
    "The food was bad, not good at all",
]


class _Clock(keras.callbacks.Callback):
    """Stops when the time is over; compilation counts.

    The time is the processor's: what else runs on the machine takes none of it.
    """

    def __init__(self, seconds: float):
        super().__init__()
        self.seconds, self.steps = seconds, 0
        self.start = time.process_time()

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        if time.process_time() - self.start > self.seconds:
            self.model.stop_training = True


def _train(model, data, seconds: float) -> int:
    """Trains until the time is over; returns the number of steps."""
    clock = _Clock(seconds)
    model.fit(
        data.start(0, 1),
        epochs=1,
        steps_per_epoch=10**9,
        shuffle=False,
        verbose=0,
        callbacks=[clock],
    )
    return clock.steps


def cells(data_dir: Path, seconds: float, units: int) -> None:
    """The table of cells and straw men."""
    data = sentiment.load_data(
        data_dir=data_dir, head=100, tail=100, batch_size=64
    )
    print("| network | steps | validation | test | the pair |")
    print("|---|---|---|---|---|")
    for name, how in _KINDS.items():
        keras.utils.set_random_seed(1)
        model = sentiment.build_model(
            data.codec, units=units, embedding=units, pooling="last", **how
        )
        steps = _train(model, data, seconds)
        accuracies = [
            model.evaluate(split, verbose=0, return_dict=True)["accuracy"]
            for split in (data.valid, data.test)
        ]
        print(
            f"| {name} | {steps} | {accuracies[0]:.2%} "
            f"| {accuracies[1]:.2%} | {_pair(model, data.codec)} |",
            flush=True,
        )


def _pair(model, codec) -> str:
    """What a network says of the lecture's pair of sentences."""
    answer = sentiment.Classifier(model, codec).classify(_PAIR)
    return " / ".join(
        f"{label} {probability:.2f}"
        for label, probability in zip(
            answer["label"], answer["probability"], strict=True
        )
    )


def order(teacher: Path, data_dir: Path, seconds: float, texts: int) -> None:
    """The table of what order and negation need."""
    import first_contact

    with tempfile.TemporaryDirectory() as folder:
        some = Path(folder) / "some.jsonl"
        lines = textfile.read_lines(teacher)
        short = (line for line in lines if len(line) < 300)
        some.write_text("\n".join(itertools.islice(short, texts)), "utf-8")
        data = sentiment.load_data(
            data_dir=data_dir, teacher=some, limit=64, head=48, tail=0
        )
    print("| network | steps | suite | same words, both right | the pair |")
    print("|---|---|---|---|---|")
    for name, how in _KINDS.items():
        keras.utils.set_random_seed(1)
        model = sentiment.build_model(
            data.codec, units=64, pooling="last", dropout=0.2, **how
        )
        steps = _train(model, data, seconds)
        classifier = sentiment.Classifier(model, data.codec)
        suite = first_contact.suite_accuracy(classifier)
        both, same = first_contact.pairs_right(classifier)
        print(
            f"| {name} | {steps} | {suite:.1%} | {both[same].sum()} of "
            f"{same.sum()} | {_pair(model, data.codec)} |",
            flush=True,
        )


def speed(data_dir: Path, batches: int, rounds: int) -> None:
    """Words a second, ours beside Keras's."""
    kwargs = {"data_dir": data_dir, "batch_size": 64, "limit": 6000}
    data = sentiment.load_data(**kwargs)
    some = list(data.start(0, 1).take(batches))
    words = sum(int(tf.math.count_nonzero(x[..., 0])) for x, _ in some)
    print("| units | cell | ours, words a second | Keras's | ratio |")
    print("|---|---|---|---|---|")
    for cell, layer in (("lstm", keras.layers.LSTM), ("gru", keras.layers.GRU)):
        for units in (64, 128, 256):
            ours = _model(data.codec, cell, units)
            theirs = _model(data.codec, cell, units, layer)
            times = _turns([ours, theirs], some, rounds)
            print(
                f"| {units} | {cell} | {words / times[0]:,.0f} "
                f"| {words / times[1]:,.0f} | {times[1] / times[0]:.2f} |",
                flush=True,
            )
    mixed = sentiment.load_data(**kwargs, bucketing=False)
    any_ = list(mixed.start(0, 1).take(batches))
    more = sum(int(tf.math.count_nonzero(x[..., 0])) for x, _ in any_)
    model = _model(data.codec, "lstm", 128)
    (one,) = _turns([model], some, rounds)
    (other,) = _turns([model], any_, rounds)
    print(
        f"bucketing: {words / one:,.0f} words a second, without it "
        f"{more / other:,.0f}: {words / one / (more / other):.2f} times"
    )


def _model(codec, cell: str, units: int, layer=None):
    """A network; with Keras's layer in place of ours, if one is given."""
    keras.utils.set_random_seed(1)
    model = TextNetwork(
        len(codec), codec.columns, len(codec.labels), cell=cell, units=units
    )
    if layer:
        model.recurrent = [
            keras.layers.Bidirectional(layer(units, return_sequences=True))
        ]
    model.build((None, None, codec.columns))
    model.compile(
        optimizer=keras.optimizers.Adam(global_clipnorm=1.0),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, reduction="sum"
        ),
    )
    return model


def _turns(models: list, batches: list, rounds: int) -> list[float]:
    """Seconds that each takes for all batches, the median of some rounds."""
    times = [[] for _ in models]
    for turn in range(rounds + 1):
        for model, taken in zip(models, times, strict=True):
            start = time.perf_counter()
            for x, y in batches:
                model.train_on_batch(x, y)
            if turn:  # the first one compiles
                taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["cells", "speed", "order"])
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--texts", type=int, default=250_000)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--units", type=int, default=64)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.what == "cells":
        cells(given.data_dir, given.seconds, given.units)
    elif given.what == "order":
        order(given.teacher, given.data_dir, given.seconds, given.texts)
    else:
        speed(given.data_dir, given.batches, given.rounds)
