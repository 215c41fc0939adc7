"""Trains on several devices and workers what one device has trained.

    python benchmarks/devices.py same [music sentiment translation]
    python benchmarks/devices.py same --namespaces   # two hosts; root, Linux
    python benchmarks/devices.py stop [--kills 10]   # and resumed
    python benchmarks/devices.py time                # ratios of step times

`same` trains each task for 20 steps on one device, on 2 and 4 logical CPU
devices, and on 2 and 3 workers, which are processes of this machine: without
dropout, clipped, with batches that do not divide. It prints how far the log
(loss, metrics, validation) and the state (weights, optimizer) are from those of
one device, and exits with 1 if that is more than 1e-5. `stop` ends one of two
workers in the middle, by SIGTERM and then, at random, by SIGKILL, resumes both
each time, and compares the end, bit for bit, with that of two that were left
alone. `time` compares the step of the recipe of music.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

TOLERANCE = 1e-5
FIT = (
    "--fit.seed=3 --fit.patience=0 --fit.epochs=2 --fit.steps-per-epoch=10 "
    "--fit.clip=0.1 --fit.save-every=3"
)
RECIPES = {
    "music": "--data.path=tunes.abc --data.batch-size=7 --model.units=8 "
    "--model.embedding=4 --model.layers=2 --model.dropout=0 "
    "--model.recurrent-dropout=0",
    "sentiment": "--data.path=texts.csv --data.batch-size=7 --data.head=8 "
    "--data.tail=0 --data.limit=96 --data.no-bucketing --model.units=8 "
    "--model.embedding=4 --model.dropout=0 --model.word-dropout=0 "
    "--fit.average=0.9",
    "translation": "--data.path=pairs.tsv --data.batch-size=7 --model.units=8 "
    "--model.embedding=4 --model.cell=gru --data.vocabulary=500 "
    "--data.tokens=0 --data.ratio=0 --model.dropout=0 --model.word-dropout=0 "
    "--fit.average=0.7 --fit.warmup-epochs=0 --fit.decay-epochs=0",
}
TIMED = "--data.collection=ryan --fit.epochs=1 --fit.steps-per-epoch=40"
MULTIWORKER = ["--devices.name=multiworker"]
WAYS = {
    "1 device": (1, []),
    "2 devices": (1, ["--devices.name=mirrored", "--devices.cpus=2"]),
    "4 devices": (1, ["--devices.name=mirrored", "--devices.cpus=4"]),
    "2 workers": (2, MULTIWORKER),
    "3 workers": (3, MULTIWORKER),
}
_SECONDS = 1800  # that a training may take


class Training:
    """The processes of a training; use it as a context, which ends them.

    Args:
        task: its name.
        folder: where they work.
        words: of the command line, after `train`.
        workers: how many there are; one gets no TF_CONFIG.
        hosts: a network namespace and its address for each worker, if they
            are not to be processes of one host.
        python: the words that start a command line.
    """

    def __init__(self, task, folder, words, workers=1, hosts=(), python=()):
        from seqapps.testing.children import free_addresses, tf_config

        folder.mkdir(exist_ok=True)
        self.folder, self.task, self.processes = folder, task, []
        addresses = [f"{address}:23456" for _, address in hosts]
        addresses = addresses or free_addresses(workers)
        python = [sys.executable, *(python or ["-m", f"seqapps.tasks.{task}"])]
        for index in range(workers):
            environment = dict(os.environ)
            if workers > 1:
                environment["TF_CONFIG"] = tf_config(addresses, index)
            inside = ["ip", "netns", "exec", hosts[index][0]] if hosts else []
            with (folder / f"output{index}").open("ab") as output:
                self.processes.append(
                    subprocess.Popen(
                        [*inside, *python, "train", *words],
                        cwd=folder,
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=output,
                    )
                )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for process in self.processes:
            process.kill()
            process.wait()

    def finish(self):
        """Waits for all; returns their exit codes."""
        return [process.wait(_SECONDS) for process in self.processes]

    def trained(self):
        """Waits until all have trained; returns the folder of the run."""
        if any(self.finish()):
            for path in sorted(self.folder.glob("output*")):
                print(path.read_text("utf-8", "replace")[-2000:])
            raise SystemExit(f"{self.task} did not train: see above")
        return self.run()

    def run(self):
        """The folder of the run."""
        (run,) = (self.folder / "runs" / self.task).iterdir()
        return run


@contextlib.contextmanager
def namespaces():
    """Two network namespaces that a cable joins; yields names, addresses."""
    hosts = [(f"seqapps{i}", f"10.77.18.{i + 1}") for i in range(2)]

    def ip(words):
        subprocess.run(["ip", *words.split()], check=True)

    with contextlib.ExitStack() as stack:
        for name, _ in hosts:
            ip(f"netns add {name}")
            stack.callback(ip, f"netns delete {name}")
        ends = [f"{name} netns {name}" for name, _ in hosts]
        ip(f"link add {ends[0]} type veth peer name {ends[1]}")
        for name, address in hosts:
            ip(f"-n {name} address add {address}/24 dev {name}")
            ip(f"-n {name} link set {name} up")
            ip(f"-n {name} link set lo up")
        yield hosts


def distance(one, other):
    """How far apart the logs and the states of two runs are."""
    import numpy as np

    from seqapps.training.state import read_state

    a, b = read_state(one), read_state(other)
    if a.step != b.step or a.log.keys() != b.log.keys():
        raise SystemExit(f"{other} has other steps or logs than {one}")

    def gap(pairs):
        return max(
            float(np.max(np.abs(np.float64(x) - np.float64(y)), initial=0.0))
            for x, y in pairs
        )

    logs = gap((a.log[name], b.log[name]) for name in a.log)
    return logs, gap(zip(a.arrays, b.arrays, strict=True))


def same(tasks, over_namespaces):
    """Prints the table; returns whether all are as one device is."""
    from kill import write_data

    right = True
    ways = dict(WAYS)
    with contextlib.ExitStack() as stack:
        hosts = stack.enter_context(namespaces()) if over_namespaces else ()
        if over_namespaces:
            ways = {"1 device": (1, []), "2 hosts": (2, MULTIWORKER)}
        for task in tasks:
            temporary = tempfile.TemporaryDirectory(prefix=f"devices-{task}-")
            folder = Path(stack.enter_context(temporary))
            write_data(folder)
            one = None
            for name, (workers, more) in ways.items():
                words = [*RECIPES[task].split(), *FIT.split(), *more]
                words = [w.replace(".path=", f".path={folder}/") for w in words]
                begun = time.perf_counter()
                where = folder / name.replace(" ", "-")
                reached = hosts if workers > 1 else ()
                with Training(task, where, words, workers, reached) as training:
                    run = training.trained()
                one = one or run
                logs, state = distance(one, run)
                right &= max(logs, state) <= TOLERANCE
                seconds = time.perf_counter() - begun
                print(
                    f"{task:12} {name:10} log {logs:.1e}  state {state:.1e}  "
                    f"({seconds:.0f} s)",
                    flush=True,
                )
    return right


def stop(task, kills):
    """Ends one of two workers, again and again; returns whether all is same."""
    from kill import content, differences, write_data

    draw = random.Random(0)
    ends = [("terminate", 1), ("terminate", 0)]
    ends += [("kill", draw.randrange(2)) for _ in range(kills)]

    with tempfile.TemporaryDirectory(prefix="devices-stop-") as name:
        folder = Path(name)
        write_data(folder)
        fit = FIT.replace("epochs=2", f"epochs={len(ends) + 2}")
        words = [*RECIPES[task].split(), *fit.split(), *MULTIWORKER]
        words = [w.replace(".path=", f".path={folder}/") for w in words]
        with Training(task, folder / "whole", words, 2) as training:
            whole = training.trained()
        cut = folder / "cut"
        for sent, index in ends:
            resume = ["--resume"] if (cut / "runs").exists() else words
            with Training(task, cut, resume, 2) as training:
                before = _step(cut, task)
                while _step(cut, task) < before + 3:
                    if any(p.poll() is not None for p in training.processes):
                        raise SystemExit((cut / "output0").read_text("utf-8"))
                    time.sleep(0.05)
                time.sleep(0.3 * draw.random())
                getattr(training.processes[index], sent)()
                begun = time.perf_counter()
                codes = training.finish()
            said = (cut / f"output{1 - index}").read_text("utf-8", "replace")
            print(
                f"{task}: {sent} worker {index} after step "
                f"{_step(cut, task)}: exit codes {codes} after "
                f"{time.perf_counter() - begun:.1f} s; the other said: "
                f"{said.splitlines()[-1]}",
                flush=True,
            )
        with Training(task, cut, ["--resume"], 2) as training:
            apart = differences(content(whole), content(training.trained()))
    print(f"{task}: {', '.join(apart) or 'identical to the unbroken run'}")
    return not apart


def _step(folder, task):
    """The steps that the newest checkpoint holds."""
    from seqapps.training.state import read_state

    runs = list((folder / "runs" / task).glob("*"))
    state = read_state(runs[0]) if runs else None
    return state.step if state else 0


def times():
    """Prints the time of a step, beside that of one device."""
    one = None
    script = [str(Path(__file__).resolve()), "child"]
    for name, (workers, more) in WAYS.items():
        if name.startswith(("4", "3")):
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            Training(
                "music",
                Path(folder),
                [*TIMED.split(), *more],
                workers,
                python=script,
            ) as training,
        ):
            training.trained()
            steps = json.loads((Path(folder) / "steps.json").read_text())
        half = sorted(steps[len(steps) // 2 :])  # the first ones compile
        median = half[len(half) // 2]
        one = one or median
        print(
            f"{name:10} {1000 * median:6.0f} ms a step, {median / one:.2f} of "
            "one device's",
            flush=True,
        )


def child(words):
    """Trains music, and writes the seconds of each step."""
    from seqapps import cli
    from seqapps.tasks import music
    from seqapps.training.checkpoints import Checkpoints

    ends = []
    ended = Checkpoints.on_train_batch_end

    def end(self, *args, **kwargs):
        ended(self, *args, **kwargs)
        ends.append(time.perf_counter())
        seconds = [b - a for a, b in zip(ends, ends[1:], strict=False)]
        if self._workers.is_chief:
            Path("steps.json").write_text(json.dumps(seconds), "utf-8")

    Checkpoints.on_train_batch_end = end
    cli.main(music.TASK, words)


def main():
    """Does what the command line says."""
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["same", "stop", "time"])
    parser.add_argument("tasks", nargs="*", default=list(RECIPES))
    parser.add_argument("--namespaces", action="store_true")
    parser.add_argument("--kills", type=int, default=2)
    options = parser.parse_args()
    # the models are small, and compiled by each process
    flag = "--xla_backend_optimization_level=0"
    if options.what == "time":
        times()
        return
    os.environ.setdefault("XLA_FLAGS", flag)
    if options.what == "same":
        sys.exit(not same(options.tasks, options.namespaces))
    sys.exit(not all([stop(t, options.kills) for t in options.tasks]))


if __name__ == "__main__":
    main()
