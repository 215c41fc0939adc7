"""Trains by Ray with two workers, and compares the end with one process.

    python benchmarks/launch.py [--epochs 4] [--folder out/launch]

The music recipe, small, dropout off: once by one process, once by Ray with two
local workers, and twice more with a SIGKILL in the middle: of a worker's
training, and of the process of Ray that started the other worker's. Ray starts
them again, and they go on from the last checkpoint. The losses of all epochs
and the best weights must be those of one process to 1e-5. It exits with 1 where
they are not. Linux; needs `pip install "seqapps[ray]"`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import kill  # the script beside this one: its data and recipes

TOLERANCE = 1e-5
KILL = 9
FLAGS = "--model.dropout=0 --model.recurrent-dropout=0 --fit.patience=0"


def words(epochs):
    """The training that is compared."""
    recipe = f"{kill.RECIPES['music']} {FLAGS} --fit.seed=3 --fit.save-every=2"
    return ["train", *recipe.split(), f"--fit.epochs={epochs}"]


def workers(folder):
    """The trainings of Ray's workers in a folder: their processes by number."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
            if b"seqapps.launch.child" not in command:
                continue
            if (process / "cwd").resolve() != folder:
                continue
            for line in (process / "environ").read_bytes().split(b"\0"):
                if line.startswith(b"TF_CONFIG="):
                    task = json.loads(line.partition(b"=")[2])["task"]
                    found[task["index"]] = int(process.name)
        except OSError:  # it has ended
            continue
    return found


def parent(process):
    """The process that started another."""
    status = Path(f"/proc/{process}/stat").read_text("utf-8")
    return int(status.rpartition(")")[2].split()[1])


def epochs_done(folder):
    """How many epochs are in the log of the run in a folder."""
    for log in folder.glob("runs/music/*/log.csv"):
        return len(log.read_text("utf-8").splitlines()) - 1
    return 0


def train(folder, argv, victim=None):
    """Trains, and kills a process after the first epoch; returns the run."""
    folder.mkdir(parents=True)
    for path in folder.parent.glob("tunes.abc"):
        shutil.copy(path, folder)
    begun = time.monotonic()
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *argv],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        while victim and process.poll() is None:
            time.sleep(0.1)
            found = workers(folder)
            if epochs_done(folder) >= 1 and len(found) == 2:
                time.sleep(0.3)
                pid = victim(found)
                os.kill(pid, KILL)
                print(f"{folder.name}: killed {pid} in epoch 2", flush=True)
                victim = None
        code = process.wait()
    if code:
        text = (folder / "output").read_text("utf-8")
        sys.exit(f"{folder.name}: exit code {code}\n{text[-2000:]}")
    (run,) = (folder / "runs" / "music").iterdir()
    took = time.monotonic() - begun
    print(f"{folder.name}: {took:.0f} s, {epochs_done(folder)} epochs")
    for line in (folder / "output").read_text("utf-8").splitlines():
        if "was lost" in line:
            print(f"    {line}", flush=True)
    return run


def content(run):
    """The losses and the best weights of a run."""
    import h5py
    import numpy as np

    log = np.genfromtxt(run / "log.csv", delimiter=",", names=True)
    values = {name: log[name] for name in log.dtype.names}
    with h5py.File(run / "best.weights.h5") as file:

        def visit(name, item):
            if isinstance(item, h5py.Dataset) and not name.startswith("optim"):
                values[name] = item[()]

        file.visititems(visit)
    return values


def main():
    """Trains four times, and compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--folder", type=Path, default=Path("out/launch"))
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kill.write_data(folder)
    task = ["seqapps.tasks.music", *words(arguments.epochs)]
    ray = ["seqapps.launch", "--workers", "2", "-m", *task]
    runs = {
        "one process": train(folder / "one", task),
        "two workers": train(folder / "two", ray),
        "a training killed": train(
            folder / "killed", ray, lambda found: found[1]
        ),
        "a process of Ray killed": train(
            folder / "killed-ray", ray, lambda found: parent(found[0])
        ),
    }
    expected = content(runs.pop("one process"))
    print(f"one process: losses {expected['loss'].round(5)}")
    failed = False
    for name, run in runs.items():
        found = content(run)
        apart = max(abs(found[key] - expected[key]).max() for key in expected)
        failed |= not apart <= TOLERANCE
        print(
            f"{name}: losses {found['loss'].round(5)}, {len(found)} arrays, "
            f"largest difference {apart:.1e}",
            flush=True,
        )
    sys.exit(failed)


if __name__ == "__main__":
    main()
