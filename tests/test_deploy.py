"""The scripts and manifests of deploy/ start what our command line takes."""

import importlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from seqapps import cli

DEPLOY = Path(__file__).parents[1] / "deploy"
# prints what it is called with, in place of Python
SHOW = """#!/bin/sh
printf '%s\\n' "$TF_CONFIG" "$PWD" "$@"
"""

needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="no bash")


@pytest.fixture
def script(tmp_path):
    """Runs a script of deploy/ with a Python that shows its arguments."""
    show = tmp_path / "bin" / "python"
    show.parent.mkdir()
    show.write_text(SHOW)
    (show.parent / "srun").write_text('#!/bin/sh\nshift\nexec "$@"\n')
    for path in show.parent.iterdir():
        path.chmod(0o755)

    def run(name, *words, **variables):
        variables["PATH"] = f"{show.parent}{os.pathsep}{os.environ['PATH']}"
        variables = {"TF_CONFIG": "", "PYTHON": "python", **variables}
        done = subprocess.run(
            ["bash", DEPLOY / name, *words],
            env={**os.environ, **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        return done.stdout.splitlines(), done.stderr

    return run


def check(words):
    """The words behind `python` are a training that our command line takes."""
    assert words[0] == "-m"
    task = importlib.import_module(words[1]).TASK
    assert words[2] == "train"
    assert [w for w in words if w.startswith("--devices.name")]
    cli.check(task, words[2:])


@needs_bash
def test_by_hand_each_shell_is_a_worker(script):
    flags = ["--fit.epochs", "2"]
    for index in ("0", "1"):
        lines, _ = script("by-hand.sh", index, "a:1,b:2", "music", *flags)
        assert json.loads(lines[0]) == {
            "cluster": {"worker": ["a:1", "b:2"]},
            "task": {"type": "worker", "index": int(index)},
        }
        check(lines[2:])
        assert lines[-2:] == flags
    assert "NUMBER HOST:PORT" in script("by-hand.sh", "0")[1]


@needs_bash
def test_a_job_of_slurm_goes_on_when_it_is_requeued(script, tmp_path):
    lines, _ = script("slurm.sh", "music", "--fit.epochs=2", SLURM_JOB_ID="7")
    assert lines[1] == str(tmp_path / "job-7")
    check(lines[2:])
    assert "--resume" not in lines
    run = tmp_path / "job-7" / "runs" / "music" / "20260101-000000"
    run.mkdir(parents=True)
    (run / "recipe.toml").touch()
    for more in ({"SLURM_JOB_ID": "7"}, {"FOLDER": "job-7"}):
        lines, _ = script("slurm.sh", "music", "--fit.epochs=2", **more)
        assert lines[-1] == "--resume"
    assert "name a task" in script("slurm.sh", SLURM_JOB_ID="7")[1]


@needs_bash
def test_the_manifest_is_a_tfjob_that_goes_on(script, tmp_path):
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load((DEPLOY / "tfjob.yaml").read_text("utf-8"))
    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v1", "TFJob")
    assert set(job) == {"apiVersion", "kind", "metadata", "spec"}
    assert set(job["spec"]) <= {"runPolicy", "tfReplicaSpecs"}
    assert set(job["spec"]["tfReplicaSpecs"]) == {"Worker"}
    worker = job["spec"]["tfReplicaSpecs"]["Worker"]
    assert set(worker) == {"replicas", "restartPolicy", "template"}
    assert worker["replicas"] > 1
    assert worker["restartPolicy"] == "OnFailure"
    pod = worker["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > 30
    (container,) = pod["containers"]
    assert container["name"] == "tensorflow"
    volumes = {v["name"] for v in pod["volumes"]}
    assert {m["name"] for m in container["volumeMounts"]} <= volumes
    command = [*container["command"], *container["args"]]
    assert all(isinstance(word, str) for word in command)
    env = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}

    def start():
        done = subprocess.run(
            command, env=env, cwd=tmp_path, capture_output=True, text=True
        )
        return done.stdout.splitlines()[2:]

    words = start()
    check(words)
    run = tmp_path / "runs" / "music" / "20260101-000000"
    run.mkdir(parents=True)
    (run / "recipe.toml").touch()
    assert start() == [*words, "--resume"]
