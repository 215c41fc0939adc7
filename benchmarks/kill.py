"""Kills trainings at random, and compares their ends with unbroken ones.

    python benchmarks/kill.py [music sentiment translation] [--kills 50]

A small training of each task is run once unbroken, and once with SIGKILL after
SIGKILL: in the middle of a step, of a validation, of writing the best weights,
the log or a checkpoint. Each time it is resumed. The states (weights,
optimizer, metrics, log), the best weights, log.csv and the events for
TensorBoard must end identical, bit for bit. It prints a line a kill, and exits
with 1 where something differs. Linux and macOS.
"""

import argparse
import ctypes
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# the models are small, and compiled by each process
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

SAVE_EVERY = 2
FIT = f"--fit.save-every={SAVE_EVERY} --fit.seed=3 --fit.patience=0"
RECIPES = {
    "music": "--data.path=tunes.abc --data.batch-size=4 --model.units=8 "
    "--model.embedding=4 --model.layers=1 --fit.steps-per-epoch=24",
    "sentiment": "--data.path=texts.csv --data.batch-size=4 --data.head=8 "
    "--data.tail=0 --data.limit=96 --data.no-bucketing --model.units=8 "
    "--model.embedding=4",
    "translation": "--data.path=pairs.tsv --data.batch-size=4 --model.units=8 "
    "--model.embedding=4 --model.cell=simple_rnn --data.vocabulary=500 "
    "--data.tokens=0 --data.ratio=0 "
    "--fit.average=0.7 --fit.steps-per-epoch=24 --fit.warmup-epochs=0 "
    "--fit.decay-epochs=0",
}
_KILLED = -9  # the exit code, on Unix
PHASES = ["begins", "step", "validation", "best", "log", "checkpoint"]


def write_data(folder):
    """A small file for each task; all rows of a length, to compile once."""
    from seqapps.tasks.translation.importers.toy_pairs import generate_pairs

    draw = random.Random(0)
    tunes = []
    for number in range(60):
        bars = ["".join(draw.choices("GABcdefg", k=6)) for _ in range(8)]
        body = "|".join(bars)
        tunes.append(f"X:{number}\nT:T\nM:6/8\nL:1/8\nK:G\n{body}|]\n")
    (folder / "tunes.abc").write_text("\n".join(tunes), "utf-8")
    rows = ["text,label"]
    for number in range(130):
        word = draw.choice(["good", "fine", "bad", "dull"])
        label = "pos" if word in ("good", "fine") else "neg"
        rows.append(f"film {number} was a {word} one of {number},{label}")
    (folder / "texts.csv").write_text("\n".join(rows), "utf-8")
    pairs = [f"{a}\t{b}\n" for a, b in generate_pairs(400, 1)]
    pairs = [pair for pair in pairs if len(pair.split("\t")[0].split()) == 4]
    (folder / "pairs.tsv").write_text("".join(pairs), "utf-8")


def train(task, folder, words, shared):
    """Trains in a new process, and tells where it is: `shared` has a phase."""
    os.chdir(folder)
    output = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    import importlib

    from seqapps import cli
    from seqapps.training import state
    from seqapps.training.checkpoints import Checkpoints
    from seqapps.training.log_files import LogFiles

    def during(owner, name, phase, after="step"):
        """Tells the phase of a method while it runs, and that after it."""
        method = getattr(owner, name)

        def told(*args, **kwargs):
            shared[0] = PHASES.index(phase)
            result = method(*args, **kwargs)
            shared[0] = PHASES.index(after)
            if name == "on_train_batch_end":
                shared[1] = args[0].step
            return result

        setattr(owner, name, told)

    during(Checkpoints, "on_train_batch_end", "step")
    during(Checkpoints, "on_test_begin", "validation", "validation")
    during(Checkpoints, "_save_best", "best", "log")
    during(LogFiles, "write", "log")
    during(state, "write_state", "checkpoint")
    argv = ["train", *words]
    try:
        cli.main(importlib.import_module(f"seqapps.tasks.{task}").TASK, argv)
    finally:
        sys.stdout.flush()


def content(run):
    """All that must be the same at the end of a run, by name."""
    import h5py
    import numpy as np
    import tensorflow as tf

    found = {"log.csv": (run / "log.csv").read_bytes()}
    for path in run.glob("state*.npz"):
        with np.load(path) as arrays:
            found |= {f"{path.name}: {k}": arrays[k].tobytes() for k in arrays}

    def add(name, item):
        if isinstance(item, h5py.Dataset):
            found[f"best: {name}"] = item[()].tobytes()

    with h5py.File(run / "best.weights.h5") as best:
        best.visititems(add)
    (events,) = run.glob("events.*")
    for number, record in enumerate(tf.data.TFRecordDataset(str(events))):
        event = tf.compat.v1.Event.FromString(record.numpy())
        event.wall_time = 0
        found[f"events: {number}"] = event.SerializeToString()
    drafts = [p.name for p in run.glob(".*") if p.name != ".seqapps.lock"]
    return found | {f"left behind: {name}": "" for name in drafts}


def differences(one, other):
    """The names of what is not the same in two contents."""
    return [k for k in one | other if one.get(k) != other.get(k)]


class Trainer:
    """Starts trainings in processes that have imported TensorFlow already."""

    def __init__(self):
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(
            ["tensorflow", "keras", "seqapps.training.checkpoints"]
        )
        # raw: a process that is killed holds no lock
        self.shared = self._context.RawArray(ctypes.c_long, 2)

    def start(self, task, folder, words):
        """Starts a training in a folder."""
        folder.mkdir(exist_ok=True)
        self.shared[:] = 0, 0
        arguments = task, folder, words, self.shared
        process = self._context.Process(target=train, args=arguments)
        process.start()
        return process

    def finish(self, task, folder, words):
        """Trains to the end; returns the run."""
        process = self.start(task, folder, words)
        process.join()
        if process.exitcode:
            raise SystemExit((folder / "output").read_text("utf-8"))
        (run,) = (folder / "runs" / task).iterdir()
        return run

    def kill(self, process, draw, done, ahead):
        """Kills a process at random; returns the phase, None if it ended.

        Args:
            process: of a training.
            draw: `random.Random`.
            done: steps before it.
            ahead: steps that it may make, at most.
        """
        wanted = draw.choice([None, None, *PHASES[1:]])
        goal = done + draw.randint(0, ahead)
        most = done + 2 * ahead  # where a rare phase is not waited for
        while process.is_alive():
            phase, step = PHASES[self.shared[0]], self.shared[1]
            ripe = phase != "begins" and step >= goal
            if ripe and (wanted in (None, phase) or step >= most):
                time.sleep(draw.random() * 0.004)
                process.kill()
                break
            time.sleep(0.0003)
        process.join()
        killed = process.exitcode == _KILLED
        return PHASES[self.shared[0]] if killed else None


def main():
    """Prints a line a kill, and whether the ends are the same."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tasks", nargs="*", default=list(RECIPES))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    trainer, failed = Trainer(), False
    for task in options.tasks:
        folder = Path(tempfile.mkdtemp(prefix=f"kill-{task}-"))
        for part in ("whole", "cut"):
            (folder / part).mkdir()
            write_data(folder / part)
        # of the same name, for the recipe has it
        words = [*RECIPES[task].split(), *FIT.split()]
        words.append(f"--fit.epochs={options.epochs}")
        begun = time.time()
        whole = trainer.finish(task, folder / "whole", words)
        steps = trainer.shared[1]
        print(f"{task}: {steps} steps, {time.time() - begun:.0f} s", flush=True)
        draw, phases, done = random.Random(options.seed), Counter(), 0
        ahead = max(1, steps // options.kills)
        cut = folder / "cut"
        while sum(phases.values()) < options.kills:
            resume = any((cut / "runs" / task).glob("*/recipe.toml"))
            process = trainer.start(
                task, cut, ["--resume"] if resume else words
            )
            phase = trainer.kill(process, draw, done, ahead)
            if phase is None:
                break
            step = trainer.shared[1] or done
            done = max(done, step - step % SAVE_EVERY)
            phases[phase] += 1
            print(
                f"{task}: kill {sum(phases.values())} after step {step}, "
                f"in the middle of: {phase}",
                flush=True,
            )
        run = trainer.finish(task, cut, ["--resume"])
        apart = differences(content(whole), content(run))
        failed |= bool(apart)
        print(
            f"{task}: {sum(phases.values())} kills ("
            + ", ".join(f"{n} {phase}" for phase, n in phases.most_common())
            + f"), {len(content(run))} parts compared, "
            + (f"these differ: {', '.join(apart)}" if apart else "identical"),
            flush=True,
        )
        if not apart:
            shutil.rmtree(folder)
    sys.exit(failed)


if __name__ == "__main__":
    main()
