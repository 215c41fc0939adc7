"""Several workers by Ray: what is asked, handed on, told and kept."""

import io
import json
import os
import subprocess
import sys
import textwrap
import time
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from seqapps.errors import InputError
from seqapps.launch import cluster, command, process, storage
from seqapps.launch.__main__ import main
from seqapps.launch.command import Command
from seqapps.launch.notes import Notes, Outcome

MUSIC = ["-m", "seqapps.tasks.music"]
# a task whose training tells what it was given, and ends as STUB says
STUB = """
import json, os, signal, sys, time
from pathlib import Path
from seqapps.task import Task

def nothing(*_): ...

TASK = Task("stub", nothing, nothing, nothing, nothing, nothing)
if __name__ == "__main__":
    worker = json.loads(os.environ["TF_CONFIG"])
    rank, count = worker["task"]["index"], len(worker["cluster"]["worker"])
    how = os.environ.get("STUB", "")
    resumed = [w for w in sys.argv if w.startswith("--resume=")]
    run = Path(resumed[0].partition("=")[2] if resumed else "runs/stub/one")
    run.mkdir(parents=True, exist_ok=True)
    print(sys.argv[1:], count, "TF_USE_LEGACY_KERAS" in os.environ)
    if rank == 0:
        (run / "recipe.toml").touch()
        (run / "state.npz").write_text("7")
        print(f"{run}: 1,234 parameters")
    if how == "bad":
        print("a warning\\nseqapps stub: what is wrong", file=sys.stderr)
        sys.exit(2)
    if how == "waits" or how == "lost" and rank == 0 and not resumed:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        time.sleep(60)
    if how == "lost" and rank == 1 and not resumed:
        time.sleep(3)
        os._exit(9)
    print("done")
"""


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """The stub can be imported and run; the current folder is an empty one."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "stub.py").write_text(textwrap.dedent(STUB))
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def variables(how="", index=0):
    spec = {"cluster": {"worker": ["a:1", "b:2"]}, "task": {"index": index}}
    more = {"TF_CONFIG": json.dumps(spec), "STUB": how}
    return {**os.environ, **more, "TF_USE_LEGACY_KERAS": "1"}


def test_help_teaches_and_imports_neither_tensorflow_nor_ray():
    code = (
        "import sys; from seqapps.launch.__main__ import main; "
        "main(['--help']); "
        "sys.exit(bool({'tensorflow', 'keras', 'ray'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "-m seqapps.tasks.TASK train" in done.stdout
    assert "--storage" in done.stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "requires an argument"),
        (["--workers", "0", *MUSIC, "train"], '"0" for --workers'),
        (["--worker", "2", *MUSIC, "train"], "--worker"),
        (["--workers", "2"], "name what to train"),
        (["--workers", "2", "-m", "no_such", "train"], "No module named"),
        (["--workers", "2", "-m", "json", "train"], "has no TASK"),
        (["--workers", "2", *MUSIC], "several workers can train"),
        (["--workers", "2", *MUSIC, "generate"], "not 'generate'"),
        (
            ["--workers", "2", *MUSIC, "train", "--devices.name=mirrored"],
            "--devices.name is multiworker here, not 'mirrored'",
        ),
        (
            ["--workers", "2", *MUSIC, "train", "--model.unit", "3"],
            "--model.unit",
        ),
        (
            ["--workers", "2", *MUSIC, "train", "--resume", "no/run"],
            "no/run is no run",
        ),
        (
            ["--workers", "2", "--address", "127.0.0.1:1", *MUSIC, "train"],
            "--address 127.0.0.1:1: ",
        ),
        (
            ["--workers", "2", "--storage", "file", *MUSIC, "train"],
            "--storage",
        ),
        (
            ["--workers", "2", "--storage", "no-such://a", *MUSIC, "train"],
            "--storage no-such://a",
        ),
    ],
)
def test_bad_input_is_one_line(words, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    told = io.StringIO()
    with redirect_stderr(told), pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert told.getvalue().count("\n") == 1
    assert told.getvalue().startswith("seqapps launch: ")
    assert line in told.getvalue()


def test_a_missing_ray_is_named():
    try:
        import ray  # noqa: F401
    except ImportError:
        pass
    else:
        pytest.skip("ray is installed")
    told = io.StringIO()
    with redirect_stderr(told), pytest.raises(SystemExit) as ended:
        main(["--workers", "2", *MUSIC, "train"])
    assert ended.value.code == 2
    assert told.getvalue() == (
        'seqapps launch: seqapps needs ray: pip install "seqapps[ray]"\n'
    )


def test_a_ray_that_does_not_start_is_tried_again_and_is_one_line(monkeypatch):
    class Ray:
        starts = ends = 0

        @classmethod
        def init(cls, address, **more):
            cls.starts += 1
            raise RuntimeError("timed out during startup\nsee the logs")

        @classmethod
        def shutdown(cls):
            cls.ends += 1

    monkeypatch.setattr(os, "environ", dict(os.environ))
    wanted = cluster.Resources(2, 1, None, 3)
    with pytest.raises(InputError, match="busy.*: timed out") as raised:
        cluster._connect(Ray, wanted, None)
    assert (Ray.starts, Ray.ends) == (3, 3) and "\n" not in str(raised.value)
    with pytest.raises(InputError, match="--address auto: timed out"):
        cluster._connect(Ray, wanted, "auto")
    assert Ray.starts == 4


def test_the_command_is_handed_on(tmp_path):
    words = ["--fit.save_every=7", "--devices.name", "multiworker"]
    read = command.read([MUSIC[1], "train", *words], str(tmp_path))
    assert read.task == "music" and read.resumed is None
    assert read.words == (
        "train",
        "--fit.save-every=7",
        "--devices.name=multiworker",
    )
    for flag in (["--resume", "a"], ["--resume=a"], []):
        begun = Command("m", "t", ("train", *flag, "--fit.seed", "3"))
        assert begun.resuming(None) == begun
        begun = begun.resuming("b")
        assert begun.resumed == "b"
        assert begun.words == ("train", "--fit.seed", "3", "--resume=b")


def run(stub, how, stops=lambda: False):
    told = []
    ended = process.run(
        Command("stub", "stub", ("train", "--fit.seed=3")),
        stub,
        tell=lambda *line: told.append(line),
        stops=stops,
        environment=variables(how),
    )
    return ended, told


def test_a_training_has_a_process_of_its_own(stub):
    ended, told = run(stub, "")
    assert ended == (0, "")
    assert told == [
        ("['train', '--fit.seed=3'] 2 False", False),
        ("runs/stub/one: 1,234 parameters", False),
        ("done", False),
    ]
    ended, told = run(stub, "bad")
    assert ended == (2, "seqapps stub: what is wrong")
    assert ("a warning", True) in told


def test_a_training_that_shall_end_is_asked_to(stub):
    ended, _ = run(stub, "waits", stops=Path("runs/stub/one/state.npz").exists)
    assert ended.code == 143


def test_a_training_ends_with_its_worker(stub):
    child = subprocess.Popen(
        [sys.executable, "-m", "seqapps.launch.child", "stub", "train"],
        env=variables("waits")
        | {"PYTHONPATH": os.pathsep.join([p for p in sys.path if p])},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    while not Path("runs/stub/one/state.npz").exists():
        time.sleep(0.05)
    assert child.poll() is None
    child.stdin.close()  # as when the worker is killed
    assert child.wait(20) == 137


def test_a_run_is_kept_at_an_address_and_fetched(tmp_path):
    pytest.importorskip("fsspec")
    address = (tmp_path / "far").as_uri()
    storage.check(address)
    near, run = tmp_path / "near", "runs/stub/one"
    (near / run / "events").mkdir(parents=True)
    for name in ("recipe.toml", "state.npz", "events/1", ".state.npz.12ab34cd"):
        (near / run / name).write_text(name)
    keeper = storage.Keeper(address, near)
    keeper.keep(run)
    (near / run / "state.npz").write_text("the next")
    (near / run / "log.csv").write_text("loss")
    keeper.keep(run)
    assert storage.newest(address, "stub") == run
    storage.fetch(address, run, tmp_path / "again")
    again = tmp_path / "again" / run
    assert sorted(p.name for p in again.rglob("*") if p.is_file()) == [
        "1",
        "log.csv",
        "recipe.toml",
        "state.npz",
    ]
    assert (again / "state.npz").read_text() == "the next"
    with pytest.raises(InputError, match="no run runs/stub/two"):
        storage.fetch(address, "runs/stub/two", tmp_path)
    with pytest.raises(InputError, match="no run in"):
        storage.newest(address, "other")


def test_what_is_uploaded_ends_with_the_state(tmp_path, monkeypatch):
    pytest.importorskip("fsspec")
    run = "runs/stub/one"
    (tmp_path / run).mkdir(parents=True)
    for name in ("state.npz", "state.before.npz", "best.weights.h5", "log.csv"):
        (tmp_path / run / name).touch()
    keeper, uploaded = storage.Keeper("memory://far", tmp_path), []
    monkeypatch.setattr(
        keeper, "_copy", lambda fs, to, path, inside: uploaded.append(inside)
    )
    keeper.keep(run)
    assert [path.name for path in uploaded] == [
        "best.weights.h5",
        "log.csv",
        "state.before.npz",
        "state.npz",
    ]


def test_lost_workers_go_on_with_the_run():
    notes = Notes(None)
    assert notes.begin(0) is notes.begin(1) is None
    notes.tell("runs/music/7: 1,234 parameters", False)
    notes.lose(1, "exit code -9")
    notes.lose(0, "exit code 1, a peer is gone")
    assert notes.begin(0) == notes.begin(1) == "runs/music/7"
    (_, (line, is_error)) = notes.take_lines()
    assert is_error and line == (
        "seqapps launch: worker 1 was lost (exit code -9): goes on with "
        "runs/music/7"
    )
    assert notes.take_lines() == [] and not notes.is_over()
    notes.end(2, "seqapps music: no")
    notes.end(0, "")
    assert notes.is_over() and notes.outcome() == Outcome(
        2, "seqapps music: no"
    )


@pytest.mark.slow
@pytest.mark.parametrize("how", ["", "bad", "lost"])
def test_ray_runs_workers_and_starts_lost_ones_again(stub, how):
    pytest.importorskip("ray")
    modules = os.pathsep.join([p for p in sys.path if p])
    done = subprocess.run(
        [sys.executable, "-m", "seqapps.launch", "--workers", "2"]
        + ["-m", "stub", "train"],
        env={**os.environ, "STUB": how, "PYTHONPATH": modules},
        capture_output=True,
        text=True,
    )
    if how == "bad":
        assert done.returncode == 2
        assert done.stderr.endswith("stub: what is wrong\n")
        return
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("done\n")
    if how == "lost":
        assert "--resume=runs/stub/one" in done.stdout
        assert "was lost (exit code 9" in done.stderr
