"""Times `fit` and `predict` over many shapes beside Keras's own layers.

    python benchmarks/shapes.py [--units 32] [--passes 3]

XLA compiles every batch size and length anew; this is what that costs where
shapes vary. Each row is a model of one LSTM and a Dense layer, made anew; a
pass goes once over 20 batch sizes, or over 20 lengths, of 64 rows. The first
pass has all tracing and compiling in it. Seconds are those of the processor,
so that what else the machine does counts little; pin it to one core.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from seqapps import layers

ROWS, TIME, FEATURES, SIZES = 64, 20, 8, range(1, 21)
KINDS = ["batch sizes", "lengths"]


def data(length):
    """Random sequences, and their sums."""
    x = np.random.default_rng(length).normal(size=(ROWS, length, FEATURES))
    x = x.astype("float32")
    return x, x.sum((1, 2))[:, None]


def shapes(kind):
    """`(batch size, length)` of each call of a pass."""
    if kind == "batch sizes":
        return [(size, TIME) for size in SIZES]
    return [(16, size + 4) for size in SIZES]


def passes(layer, verb, kind, number):
    """Processor seconds of each pass."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layer, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    seconds = []
    for _ in range(number):
        start = time.process_time()
        for batch, length in shapes(kind):
            x, y = data(length)
            if verb == "fit":
                model.fit(x, y, batch_size=batch, verbose=0)
            else:
                model.predict(x, batch_size=batch, verbose=0)
        seconds.append(time.process_time() - start)
    return np.array(seconds)


def main():
    """Prints a table, Keras's seconds over ours beside both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--units", type=int, default=32)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--kind", choices=KINDS, nargs="*", default=KINDS)
    options = parser.parse_args()
    tf.get_logger().setLevel("ERROR")
    warm = keras.Sequential([keras.layers.Dense(1)])
    warm.compile("adam", "mse")
    warm.fit(*data(TIME), verbose=0)
    warm.predict(data(TIME)[0], verbose=0)
    names = [f"pass {i + 1}" for i in range(options.passes)]
    print("| |", " | ".join(names), "|\n|---" + "|---" * len(names) + "|")
    for kind in options.kind:
        for verb in ("fit", "predict"):
            # in turns, twice, the better of each: whatever else the machine
            # does falls on both
            best = {}
            for _ in range(2):
                for name, home in (("keras", keras.layers), ("ours", layers)):
                    found = passes(
                        home.LSTM(options.units), verb, kind, options.passes
                    )
                    best[name] = np.minimum(best.get(name, found), found)
            cells = [
                f"{ours:.2f} / {theirs:.2f} = {ours / theirs:.2f}"
                for ours, theirs in zip(
                    best["ours"], best["keras"], strict=True
                )
            ]
            print(f"| {verb}, 20 {kind} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
