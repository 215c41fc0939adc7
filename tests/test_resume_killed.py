"""A run that is killed anywhere ends as one that never was."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import a_line
import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import kill

pytestmark = pytest.mark.skipif(os.name == "nt", reason="of Unix")

WORDS = (
    "--data.path=../rows --model.dropout=0.3 --model.metric --fit.epochs=3 "
    "--fit.patience=0 --fit.save-every=2 --fit.best=val_mae --fit.mode=min "
    "--fit.learning-rate=0.01 --fit.seed=3"
).split()
# where each process dies, and the how manyth time that it comes there; steps
# 1 to 6 are the first epoch, and every second one is saved
DEATHS = [
    ("step", 2),  # nothing is saved yet
    ("writing", 1),
    ("renaming", 2),
    ("validation", 2),
    ("best", 1),
    ("log", 1),
    ("state", 2),  # the second is of the second epoch
    ("step", 4),
]


@pytest.fixture(scope="module")
def train():
    """Trains in a process that has TensorFlow, but has not used it yet."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["tensorflow", "keras", "seqapps.training.checkpoints", "seqapps.cli"]
    )

    def run(folder, where, count, *words):
        folder.mkdir(exist_ok=True)
        process = context.Process(
            target=in_folder, args=(folder, where, count, *words)
        )
        process.start()
        process.join(120)
        return process.exitcode

    return run


def in_folder(folder, where, count, *words):
    os.chdir(folder)
    log = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        a_line.main(where, count, *words)
    finally:
        sys.stdout.flush()


def test_killed_anywhere(train, tmp_path):
    (tmp_path / "rows").write_text("\n".join(str(i / 8) for i in range(12)))
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert train(whole, "", 0, "train", *WORDS) == 0
    for i, (where, count) in enumerate(DEATHS):
        words = ["train", *WORDS] if not i else ["train", "--resume"]
        died = train(cut, where, count, *words)
        output = (cut / "output").read_text()
        assert died == -signal.SIGKILL, (where, output)
    assert train(cut, "", 0, "train", "--resume") == 0
    ends = []
    for folder in (whole, cut):
        (run,) = (folder / "runs" / "toy").iterdir()
        ends.append(kill.content(run))
    assert len(ends[0]) > 30 and kill.differences(*ends) == []
    assert "has no checkpoint yet: begins" in (cut / "output").read_text()
