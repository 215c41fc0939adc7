"""Translation: speed beside PyTorch and Keras, and TensorFlow's tutorial.

    python benchmarks/translation.py decode --from RUN    # ten minutes
    python benchmarks/translation.py train --from RUN     # twenty minutes
    python benchmarks/translation.py tutorial --from RUN  # half an hour

`decode` translates 1,000 sentences with a beam of 5, in batches of 32 of like
length and one at a time. Ours is the exported SavedModel, from strings to
strings, with the attention that it always gives. The peer is the same network
with the same weights in PyTorch, see translation_torch.py; it is spared the
sub-words (it is given numbers and gives numbers), the attention and the
pointer. If the run has a pointer, ours is measured with it and without it. How
many translations are the same text is printed too: all should be, but for ties.
Numbers are sentences a second. Batches may be translated one after another, on
all cores, or as many at once as there are cores, as `translate` does; PyTorch
has one thread or as many as cores. The ratio is of the best to the best.
TensorFlow takes one core for an operation (`--intra`), which its searches are
faster with; several operations still run at once.

`train` fits our network and the same one made of Keras's own layers to the
same batches of the run's data, and says how many target sub-words a second
each learns; then the same of the recurrent layers alone, whose outputs are
differentiated by all weights and inputs. Keras's is compiled by XLA (its
default) and not, and the better of the two counts.

`tutorial` trains the model of TensorFlow's tutorial "Neural machine
translation with attention" on the run's training pairs, and measures its BLEU
on the run's test pairs beside ours; see translation_tutorial.py.

All that is compared runs in this one process, in turns, on all cores; what
compiles is called before, and is not counted; numbers are medians over
rounds. Leave the machine alone meanwhile.
"""

import argparse
import contextlib
import inspect
import io
import logging
import os
import statistics
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def load_data(run: Path, path: Path | None = None):
    """The data of a run, by its recipe; a table elsewhere, if one is given."""
    from seqapps.tasks import translation
    from seqapps.training import runs

    recipe = runs.read_recipe(run / "recipe.toml")["data"]
    known = inspect.signature(translation.load_data).parameters
    for key, value in recipe.items():
        if known[key].annotation == Path | None:
            recipe[key] = Path(value)
    if path:
        recipe["path"] = path
    with contextlib.redirect_stderr(io.StringIO()):
        return translation.load_data(**recipe)


def turns(peers: dict, rounds: int) -> dict:
    """The median seconds of each, called one after another in every round."""
    taken = {name: [] for name in peers}
    for _ in range(rounds):
        for name, run in peers.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(t) for name, t in taken.items()}


# -- decode ------------------------------------------------------------------


def decode(given) -> None:
    """Sentences a second of ours and of PyTorch's."""
    import tensorflow as tf
    import torch
    from translation_torch import Translator

    from seqapps import export, training
    from seqapps.tasks import translation

    tf.config.threading.set_intra_op_parallelism_threads(given.intra)
    predictor, _ = training.restore(translation.TASK, given.run)
    texts = _sentences(given)
    codec = predictor.codec
    cut = tf.function(
        codec.inputs, [tf.TensorSpec([None], tf.string)], autograph=False
    )
    order = codec.source.encode_many(texts).row_lengths().numpy().argsort()
    texts = [texts[i] for i in order]
    bare = _without_pointer(predictor)
    peer = Translator(bare.model)
    compared = {"ours": bare}
    if bare is not predictor:
        compared["with pointer"] = predictor
    with tempfile.TemporaryDirectory() as folder:
        loaded = {
            name: tf.saved_model.load(
                str(export.save(some, Path(folder) / name))
            )
            for name, some in compared.items()
        }

    def batches(size):
        firsts = range(0, len(texts), size)
        return [tf.constant(texts[i : i + size]) for i in firsts]

    def translated(some, name="ours"):
        found = loaded[name].translate(some, beam=given.beam)["texts"]
        return found[:, 0].numpy()

    print(f"{len(texts)} sentences, beam {given.beam}\n")
    columns = ["", "at once", *loaded, "PyTorch, 1 thread", "PyTorch, all"]
    columns.append("same text")
    print(f"| {' | '.join(columns)} |")
    print("|" + "---|" * len(columns))
    for size in (given.batch, 1):
        strings = batches(size)
        numbers = [torch.tensor(cut(s).numpy()).long() for s in strings]
        for some, other in list(zip(strings, numbers, strict=True))[::10]:
            peer.translate(other)  # traced, and warm
            for name in loaded:
                translated(some, name)
        best = [0.0, 0.0, 0.0]
        for workers in sorted({1, given.threads} if size > 1 else {1}):
            said = {}
            pool = ThreadPoolExecutor(workers)

            def run_ours(name, strings=strings, said=said, pool=pool):
                found = pool.map(translated, strings, [name] * len(strings))
                said[name] = [text for some in found for text in some]

            def run_peer(count, numbers=numbers, said=said, pool=pool):
                def search(numbers):
                    torch.set_num_threads(count)  # each thread has its own
                    return peer.translate(numbers, beam=given.beam)

                said["torch"] = sum(pool.map(search, numbers), [])

            ours = {n: lambda n=n: run_ours(n) for n in loaded}
            peers = {n: lambda n=n: run_peer(n) for n in (1, given.threads)}
            taken = turns({**ours, **peers}, given.rounds)
            rates = [len(texts) / t for t in taken.values()]
            some = rates[0], rates[len(ours) - 1], max(rates[len(ours) :])
            best = list(map(max, best, some))
            ids = tf.ragged.constant(said["torch"], tf.int32).to_tensor()
            other = codec.target.decode(ids).numpy()
            same = [a == b for a, b in zip(said["ours"], other, strict=True)]
            cells = [f"batches of {size}" if size > 1 else "one at a time"]
            cells += [str(workers), *(f"{rate:.1f}" for rate in rates)]
            cells += [f"{statistics.mean(same):.1%}"]
            print(f"| {' | '.join(cells)} |", flush=True)
        row = ["the best by the best", "", f"**{best[0] / best[2]:.2f}**"]
        if len(loaded) > 1:
            row.append(f"{best[1] / best[2]:.2f}")
        row += [""] * (len(columns) - len(row))
        print(f"| {' | '.join(row)} |")


def _without_pointer(predictor):
    """The same translator with the same weights, but for the pointer's."""
    from seqapps.tasks import translation

    network = predictor.model
    if not network.pointer:
        return predictor
    known = inspect.signature(translation.build_model).parameters
    sizes = {k: v for k, v in network.arguments.items() if k in known}
    bare = translation.build_model(predictor.codec, **sizes | {"copy": False})
    pointer = {id(weight) for weight in network.pointer.weights}
    bare.set_weights(
        [w.numpy() for w in network.weights if id(w) not in pointer]
    )
    return translation.Translator(bare, predictor.codec)


def _sentences(given) -> list[str]:
    from seqapps.tasks.translation.codec.normalization import compose

    if given.input:
        lines = given.input.read_text("utf-8").split("\n")
        texts = [compose(line) for line in lines if line.strip()]
    else:
        texts = load_data(given.run).examples["test"][0]
    return texts[: given.sentences]


# -- train -------------------------------------------------------------------


def train(given) -> None:
    """Target sub-words a second of ours and of Keras's layers."""
    from translation_keras import network, recurrent

    from seqapps.tasks import translation

    data = load_data(given.run)
    some = data.start(0, 1).take(given.batches).cache()
    words = sum(float(weights.numpy().sum()) for *_, weights in some)
    shapes = {(*x[0].shape, x[1].shape[1]) for x, *_ in some}
    print(f"batches (pairs, source, target): {sorted(shapes)}")
    columns = ["units", "ours", "Keras, XLA", "Keras, not", "ratio"]
    print("training, target sub-words a second\n")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for units in given.units:
        how = {"cell": given.cell, "units": units, "layers": given.layers}
        how |= {"embedding": given.embedding}
        models = {"ours": translation.build_model(data.codec, **how)}
        for jit in (True, False):
            models[f"keras {jit}"] = network(data.codec, jit, **how)
        sizes = {model.count_params() for model in models.values()}
        assert len(sizes) == 1, f"not the same network: {sizes}"

        def fit(model):
            model.fit(some, shuffle=False, verbose=0)

        peers = {n: lambda m=m: fit(m) for n, m in models.items()}
        _row(units, words, peers, given.rounds)
    print("\nthe recurrent layers alone, forward and back\n")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for units in given.units:
        walks = recurrent(
            given.cell, units, given.embedding, given.layers, some
        )
        _row(units, words, walks, given.rounds)


def _row(units: int, words: float, peers: dict, rounds: int) -> None:
    for run in peers.values():  # each shape of batch is compiled
        run()
    taken = turns(peers, rounds)
    rates = [words / t for t in taken.values()]
    rates = [
        *(f"{rate:,.0f}" for rate in rates),
        f"{rates[0] / max(rates[1:]):.2f}",
    ]
    print(f"| {units} | {' | '.join(rates)} |", flush=True)


def tutorial(given) -> None:
    """BLEU of ours and of the tutorial's model."""
    import translation_tutorial

    translation_tutorial.tutorial(given, load_data(given.run, given.path))


# -- the command line --------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name, about):
        made = verbs.add_parser(
            name,
            help=about,
            description=about,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        made.add_argument(
            "--from",
            dest="run",
            type=Path,
            metavar="RUN",
            help="the folder of a run; by default the newest in runs/",
        )

        def flag(name, kind, default, about, **kwargs):
            made.add_argument(
                name, type=kind, default=default, help=about, **kwargs
            )

        return flag

    flag = verb("decode", "sentences a second, beside PyTorch")
    flag("--input", Path, None, "a sentence a line; else the run's test set")
    flag("--sentences", int, 1000, "how many, from the first")
    flag("--beam", int, 5, "hypotheses")
    flag("--batch", int, 32, "sentences translated together")
    flag(
        "--threads",
        int,
        2,
        "cores: batches at once, and threads of PyTorch",
    )
    flag("--intra", int, 1, "cores that TensorFlow takes for an operation")
    flag("--rounds", int, 3, "of which the median is taken")
    flag = verb("train", "target sub-words a second, beside Keras's layers")
    flag("--units", int, [256, 512], "sizes of a state", nargs="+")
    flag("--embedding", int, 256, "size of a sub-word's vector")
    flag("--layers", int, 1, "of the encoder")
    flag("--cell", str, "gru", "of both", choices=["gru", "lstm"])
    flag("--batches", int, 8, "of the run's training data")
    flag("--rounds", int, 5, "of which the median is taken")
    flag = verb("tutorial", "BLEU of ours and of TensorFlow's tutorial")
    flag("--path", Path, None, "the table of pairs, if it is elsewhere now")
    flag("--epochs", int, 100, "at most, of 100 batches of 64 pairs")
    flag("--beam", int, 5, "of ours; the tutorial's is greedy")
    flag("--seed", int, 1, "of the tutorial's weights and order")
    flag(
        "--output",
        Path,
        Path("runs/benchmarks/translation-tutorial.json"),
        "where the numbers are kept",
    )
    return parser


def main() -> None:
    """Measures what is asked for."""
    given = _parser().parse_args()
    from seqapps.console import terminal
    from seqapps.errors import InputError
    from seqapps.training import runs

    terminal.import_tensorflow()
    warnings.simplefilter("ignore")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    try:
        given.run = runs.find_run("translation", given.run or "newest")
        {"decode": decode, "train": train, "tutorial": tutorial}[given.verb](
            given
        )
    except InputError as error:
        terminal.fail("translation", str(error), 2)


if __name__ == "__main__":
    main()
