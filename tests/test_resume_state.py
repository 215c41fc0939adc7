"""The newest whole checkpoint is taken, and nothing is lost without a word."""

import contextlib
import errno
import os
import random
import signal
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import a_line
import numpy as np
import pytest

from seqapps import files
from seqapps.console import interrupt
from seqapps.errors import InputError
from seqapps.training import fingerprint, state

STATE = state.State(
    [np.arange(6, dtype="float32").reshape(2, 3), np.array(7)],
    13,
    {"loss": [0.5, 0.25]},
    True,
    {"loss/total": np.array(3.0), "loss/count": np.array(2.0)},
    5,
)


def same(one, other):
    return (
        one[1:4] == other[1:4]
        and one.steps == other.steps
        and list(one.metrics) == list(other.metrics)
        and all(
            a.dtype == b.dtype and np.array_equal(a, b)
            for a, b in zip(
                [*one.arrays, *one.metrics.values()],
                [*other.arrays, *other.metrics.values()],
                strict=True,
            )
        )
    )


@pytest.fixture
def two(tmp_path):
    """A run with the states of steps 13 and 12."""
    state.write_state(tmp_path, STATE._replace(step=11))
    state.write_state(tmp_path, STATE._replace(step=12))
    state.write_state(tmp_path, STATE)
    return tmp_path


def test_the_newest_two_are_kept(two):
    assert {p.name for p in two.iterdir()} == {"state.npz", "state.before.npz"}
    found = state.find_state(two)
    assert same(found.state, STATE) and not found.damage
    (two / "state.npz").unlink()  # as between two renames
    found = state.find_state(two)
    assert found.state.step == 12 and "state.npz is missing" in found.damage


def damages(raw):
    """Ways in which a file can be damaged."""
    for length in (0, 1, len(raw) // 2, len(raw) - 1):
        yield raw[:length]
    draw = random.Random(0)
    for _ in range(300):
        spoiled = bytearray(raw)
        spoiled[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        yield bytes(spoiled)
    yield b"\0" * len(raw)


def test_a_damaged_one_is_never_taken_for_whole(two):
    raw = (two / "state.npz").read_bytes()
    taken = []
    for spoiled in damages(raw):
        (two / "state.npz").write_bytes(spoiled)
        found = state.find_state(two)
        taken.append(found.state.step)
        # some bits, such as those of dates, say nothing
        assert same(found.state, STATE._replace(step=found.state.step))
        if found.state.step == 12:
            assert found.damage.count("\n") == 0
            assert "state.npz is damaged (" in found.damage
            assert "goes on from state.before.npz" in found.damage
    assert taken.count(12) > 200


def test_a_missing_member_is_damage(two):
    raw = two / "state.npz"
    with zipfile.ZipFile(raw) as file:
        members = {name: file.read(name) for name in file.namelist()}
    del members["v1.npy"]
    with zipfile.ZipFile(raw, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    assert "no item named 'v1.npy'" in state.find_state(two).damage


def test_a_damaged_one_does_not_become_the_one_before(two):
    (two / "state.npz").write_bytes(b"")
    state.write_state(two, STATE._replace(step=14), keep=False)
    assert state.find_state(two).state.step == 14
    (two / "state.npz").unlink()
    assert state.find_state(two).state.step == 12


@pytest.mark.parametrize("trace", ["log.csv", "best.weights.h5"])
def test_a_run_that_lost_all_does_not_begin_again(two, trace):
    for path in two.glob("state*"):
        path.unlink()
    assert state.find_state(two) is None  # it has done nothing
    (two / trace).write_text("")
    with pytest.raises(InputError, match="before.npz is missing: train a new"):
        state.find_state(two)


def test_a_state_of_the_release_before_is_read(tmp_path):
    about = '{"step": 13, "log": {"loss": [0.5, 0.25]}, "variables": 4}'
    arrays = [*STATE.arrays, *STATE.metrics.values()]
    arrays = {f"v{i}": array for i, array in enumerate(arrays)}
    np.savez(tmp_path / "state.npz", about=np.array(about), **arrays)
    old = state.read_state(tmp_path)
    assert old.step == 13 and len(old.arrays) == 4 and not old.metrics
    assert old.steps == 0 and old.falls is None


def test_metrics_go_by_their_names():
    import tensorflow as tf

    from seqapps.training.metric_state import MetricState

    class Variable:
        def __init__(self, path, shape=()):
            self.path, self.shape, self.value = path, shape, np.zeros(shape)

        def assign(self, value):
            self.value = value

        def __array__(self, dtype=None, copy=None):
            return np.array(self.value, dtype)

    def model(*paths):
        made = [Variable(path) for path in paths]
        return SimpleNamespace(
            metrics_variables=made,
            distribute_strategy=tf.distribute.get_strategy(),
        )

    names = ["loss/total", "loss/count", "loss/total"]
    first = model(*names)
    for i, variable in enumerate(first.metrics_variables):
        variable.assign(np.array(i + 1.0))
    kept = MetricState(first).get()
    assert list(kept) == ["loss/total", "loss/count", "loss/total#2"]
    for paths, expected in (
        (["loss/count", "loss/total", "loss/total"], [2, 1, 3]),
        (["mean_7/total", "loss/count", "x"], [1, 2, 3]),  # in their order
    ):
        other = model(*paths)
        MetricState(other).set(kept)
        assert [v.value for v in other.metrics_variables] == expected
    with pytest.raises(InputError, match="metrics were .*; now they are x$"):
        MetricState(model("x")).set(kept)


def test_a_failed_write_names_the_file_and_leaves_no_draft(two, monkeypatch):
    def full(file, **arrays):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError) as failed:
        state.write_state(two, STATE._replace(step=14))
    assert failed.value.filename == str(two / "state.npz")
    assert len(list(two.iterdir())) == 2
    assert state.find_state(two).state.step == 13


def test_what_killed_processes_leave_is_removed(tmp_path):
    kept = {".seqapps.lock", "state.npz", ".hidden", ".x.12345"}
    for name in kept | {".state.npz.0123abcd", ".log.csv.ffffffff"}:
        (tmp_path / name).write_text("")
    files.remove_drafts(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == kept


# -- a run of the toy task, in this process --


@pytest.fixture
def main(monkeypatch, tmp_path, capfd):
    """Runs `train`, and returns the exit code and what was said."""
    from seqapps import cli

    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows").write_text("\n".join(str(i / 8) for i in range(12)))

    def run(*words):
        code = 0
        try:
            cli.main(a_line.task(), ["train", *map(str, words)])
        except SystemExit as left:
            code = left.code
        return code, capfd.readouterr().err

    return run


BEGIN = "--data.path=rows", "--fit.epochs=2", "--fit.save-every=2"


def runs(folder):
    return sorted((folder / "runs" / "toy").iterdir())


def during(monkeypatch, where, step, act):
    """Does something when a training comes to a step."""
    from seqapps.training.checkpoints import Checkpoints

    method = getattr(Checkpoints, where)

    def come(self, *args, **kwargs):
        if self.step == step:
            act()
        method(self, *args, **kwargs)

    monkeypatch.setattr(Checkpoints, where, come)


@pytest.mark.skipif(os.name == "nt", reason="of Unix")
def test_a_signal_saves_and_says_how_to_go_on(main, monkeypatch, tmp_path):
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    for number, code, where, step, saved in (
        (signal.SIGTERM, 143, "on_train_batch_end", 2, 3),
        (signal.SIGINT, 130, "on_test_begin", 6, 6),
    ):
        with monkeypatch.context() as patch:
            during(patch, where, step, lambda n=number: os.kill(os.getpid(), n))
            left, err = main(*(["--resume"] if step > 2 else BEGIN))
        (run,) = runs(tmp_path)
        assert left == code
        assert err.splitlines()[-1] == (
            "seqapps toy: stopped: go on with train --resume "
            f"{run.relative_to(tmp_path)}"
        )
        assert state.read_state(run).step == saved
    after = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    assert after == before and not interrupt.requested()
    assert main("--resume")[0] == 0
    assert main(*BEGIN)[0] == 0
    one, two = (state.read_state(run) for run in runs(tmp_path))
    assert same(one, two)


@pytest.mark.parametrize("words", [[], ["--force"]])
def test_data_that_changed_are_named(main, tmp_path, words):
    assert main(*BEGIN)[0] == 0
    (run,) = runs(tmp_path)
    before = {p.name: p.read_bytes() for p in run.iterdir()}
    (tmp_path / "rows").write_text("1\n2\n3\n4\n5\n6\n7\n8\n")
    code, err = main("--resume", *words, "--fit.epochs=4", "--fit.seed=5")
    if not words:
        assert code == 2 and "--fit.seed is 0, not 5" in err
        code, err = main("--resume", "--fit.epochs=4")
        assert code == 2 and len(err.splitlines()) == 1
        assert "begun (8 rows of train, not 12); bring back" in err
        assert {p.name: p.read_bytes() for p in run.iterdir()} == before
        return
    assert code == 0, err  # the steps are counted in the epochs of now
    left = state.read_state(run)
    assert (left.step, left.steps, len(left.log["loss"])) == (16, 4, 4)
    assert main("--resume", "--fit.epochs=5")[0] == 0  # as it is now


def test_a_recipe_that_was_edited_is_named(main, tmp_path):
    assert main(*BEGIN)[0] == 0
    (run,) = runs(tmp_path)
    recipe = (run / "recipe.toml").read_text()
    (run / "recipe.toml").write_text(
        recipe.replace("[fit]\n", "[fit]\nlearning_rate = 0.5\n")
    )
    code, err = main("--resume", "--fit.epochs=3")
    assert code == 2 and "--fit.learning-rate is left out, not 0.5" in err
    assert main("--force")[0] == 2  # goes with --resume
    before = {p.name: p.read_bytes() for p in run.iterdir()}
    code, err = main("--resume", "--force", "--model.units=5")
    assert code == 2 and "state.npz is of another model" in err
    assert {p.name: p.read_bytes() for p in run.iterdir()} == before


@pytest.mark.parametrize(
    "before, now, named",
    [
        (["a b", "c"], ["a b", "d"], ["other inputs of train"]),
        ([["a"], ["x"]], [["a"], ["y"]], ["other targets of train"]),
        ([["a"], ["x"]], [["b"], ["x"]], ["other inputs of train"]),
        (
            [["a", "b"], ["x", "y"]],
            [["a"], ["x"]],
            ["1 rows of train, not 2"],
        ),
    ],
)
def test_a_fingerprint_tells_texts_from_labels(before, now, named):
    import tensorflow as tf

    from seqapps.task import Data

    batches = tf.data.Dataset.range(3)

    def data(examples):
        nested = isinstance(examples[0], list)
        train = tuple(examples) if nested else examples
        codec = a_line.Codec()
        soft = ["a"], np.zeros((1, 2000)) + (examples != before)
        examples = {"train": train, "soft": soft}
        return Data(batches, batches, batches, codec, examples)

    found = fingerprint.differences(
        fingerprint.fingerprint(data(before)),
        fingerprint.fingerprint(data(now)),
    )
    assert found == [*named, "other targets of soft"]


@pytest.fixture
def disk(tmp_path):
    """A small disk; it can be filled, and made read-only."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1M", "none", str(place)]
    if os.name == "nt" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a disk needs root on Linux")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_one_line_and_loses_nothing(main, disk, monkeypatch):
    (disk / "rows").write_text("\n".join(str(i / 8) for i in range(12)))
    monkeypatch.chdir(disk)

    def fill():
        with contextlib.suppress(OSError), open("filling", "wb") as file:
            while True:
                file.write(b"0" * 4096)
                file.flush()

    for step, name in ((3, "state.npz"), (6, "best.weights.h5")):
        with monkeypatch.context() as patch:
            during(patch, "on_train_batch_end", step - 1, fill)
            code, err = main(*(["--resume"] if step == 6 else BEGIN))
        (run,) = runs(disk)
        line = err.splitlines()[-1]
        assert code == 2 and "No space left on device" in line
        assert f"seqapps toy: {run.relative_to(disk)}/{name}: " in line
        assert f"go on with train --resume {run.relative_to(disk)}" in line
        assert not [p.name for p in run.glob(".*")]
        assert state.find_state(run).damage == ""
        (disk / "filling").unlink()
    assert main("--resume")[0] == 0
    again = ["mount", "-o", "remount,ro", str(disk)]
    subprocess.run(again, check=True)
    with pytest.raises(OSError, match="Read-only") as raised:
        files.write_file(run / "new", "")
    assert raised.value.filename == str(run / "new")
    code, err = main("--resume", "--fit.epochs=3")
    assert code == 2 and len(err.splitlines()) == 1
    assert f"{run.relative_to(disk)} cannot be written to: Read-only" in err


# -- a process that computes while a signal comes --


@pytest.mark.skipif(os.name == "nt", reason="of Unix")
@pytest.mark.parametrize(
    "signals, naps, code",
    [
        ([signal.SIGTERM], 2, 143),
        ([signal.SIGINT], 600, 130),
        ([signal.SIGINT] * 2, 600, 130),
    ],
)
def test_a_block_that_takes_too_long_is_ended(tmp_path, signals, naps, code):
    program = (
        "import ctypes, time\n"
        "from seqapps.console import interrupt, terminal\n"
        "with terminal.answering('toy', process=True):\n"
        "    with interrupt.deferred(1.5, lambda: 'go on'):\n"
        "        print('waits', flush=True)\n"
        f"        for _ in range({naps}):\n"
        f"            ctypes.CDLL(None).usleep({30_000_000 // naps})\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
    ) as process:
        assert process.stdout.readline() == "waits\n"
        for number in signals:
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.3)
        said = process.stderr.read().splitlines()
        assert process.wait(60) == code
    assert said[-1] == "seqapps toy: go on"
    assert len(said) == 1 + (len(signals) == 1)
