"""Tokens a second: our compiled loop beside the eager loop of a lecture's lab.

    python benchmarks/generation.py [--units 512] [--repeats 5]

The lab's loop calls `model(...)` once for a character and draws from its
logits, in Python, one tune at a time: Embedding(256), LSTM(stateful), Dense,
as in MIT's Introduction to Deep Learning. Ours is what `generate` runs: the
network of `tasks/music.toml` with one layer of as many units, the clock, the
grammar's mask, top-p, all in one `tf.while_loop`. Both are measured in turn in
this one process; a ratio is of medians. The cold start is a whole process.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def lab(units: int, vocabulary: int, length: int):
    """The lab's model and loop; returns a function that writes `length`."""
    import keras
    import tensorflow as tf

    model = keras.Sequential(
        [
            keras.layers.Input((None,), batch_size=1),
            keras.layers.Embedding(vocabulary, 256),
            keras.layers.LSTM(units, return_sequences=True, stateful=True),
            keras.layers.Dense(vocabulary),
        ]
    )

    def write() -> int:
        seed = tf.expand_dims([3], 0)
        text = []
        for _ in range(length):
            logits = tf.squeeze(model(seed), 0)
            drawn = tf.random.categorical(logits, num_samples=1)[-1, 0].numpy()
            seed = tf.expand_dims([drawn], 0)
            text.append(drawn)
        return length

    return write


def ours(units: int, batch: int, bars: int):
    """Our composer; returns a function that writes `batch` tunes."""
    from seqapps.tasks import music

    data = music.load_data()
    model = music.build_model(data.codec, units=units, layers=1)
    composer = music.Composer(model, data.codec)
    seeds = iter(range(10**6))

    def write() -> int:
        tunes = composer.generate(
            meter="4/4", bars=bars, count=batch, top_p=0.95, seed=next(seeds)
        )
        bodies = [tune.partition("\nK:")[2].split() for tune in tunes]
        return sum(map(len, bodies))  # for `K:`'s value, the end: as many

    return write


def rate(write, seconds: float = 2.0) -> float:
    """Tokens a second."""
    tokens, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        tokens += write()
    return tokens / (time.perf_counter() - start)


def cold(words: list[str]) -> float:
    """Seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 64])
    parser.add_argument("--no-cold", action="store_true")
    given = parser.parse_args()
    peers = {"lab, eager, batch 1": lab(given.units, 83, 100)}
    for batch in given.batches:
        peers[f"ours, batch {batch}"] = ours(given.units, batch, 16)
    for write in peers.values():
        write()  # traced, and warm
    found = {name: [] for name in peers}
    for _ in range(given.repeats):  # in turn
        for name, write in peers.items():
            found[name].append(rate(write))
    first = statistics.median(found["lab, eager, batch 1"])
    print(f"one LSTM layer of {given.units} units; median of {given.repeats}")
    for name, rates in found.items():
        middle = statistics.median(rates)
        print(f"{name:22} {middle:10,.0f} tokens/s {middle / first:8.1f} x")
    if given.no_cold:
        return
    with tempfile.TemporaryDirectory() as folder:
        command = ["-m", "seqapps.tasks.music", "generate", "--count", "1"]
        command += ["--output", folder]
        tune = statistics.median(cold(command) for _ in range(3))
        bare = statistics.median(
            cold(["-c", "import tensorflow"]) for _ in range(3)
        )
    print(f"cold start to one tune, all files: {tune:.1f} s")
    print(f"python -c 'import tensorflow':     {bare:.1f} s")


if __name__ == "__main__":
    main()
