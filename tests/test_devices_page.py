"""The page of `python -m seqapps.devices`."""

import json
import subprocess
import sys

import numpy as np
import pytest

from seqapps.console import arguments
from seqapps.devices import __main__ as program
from seqapps.devices import check, machine, report
from seqapps.testing import steps

FRAMEWORK = {
    "gpus": [],
    "cuda": "not in this build",
    "cudnn": "not in this build",
    "tf32": True,
    "xla": "works",
    "auto": "one",
    "why": "there is no GPU",
}


def test_help_imports_no_tensorflow():
    code = (
        "import sys; from seqapps.devices.__main__ import main; "
        "main(['--help']); sys.exit('tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "--format" in done.stdout


def test_each_task_has_rows_for_a_step():
    found = {task.name: tables for task, tables in steps.tasks([])}
    assert (
        list(found) == report.tasks() == ["music", "sentiment", "translation"]
    )
    for task, tables in steps.tasks([]):
        assert next(iter(task.load_data(**tables["data"]).train))
        assert tables["data"].keys() <= arguments.flags(task.load_data).keys()
        assert (
            tables["model"].keys() <= arguments.flags(task.build_model).keys()
        )
        noise = {k: v for k, v in tables["model"].items() if "dropout" in k}
        assert not any(noise.values())
    assert [task.name for task, _ in steps.tasks(["music"])] == ["music"]


def test_every_gpu_is_checked_and_mirrored_always(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for gpus in range(4):
        found = check.choices(gpus)
        assert found[0].label == "CPU" and found[0].visible == "-1"
        assert [c.visible for c in found[1:-1]] == [*map(str, range(gpus))]
        assert found[-1].name == "mirrored"
        assert found[-1].cpus == (0 if gpus > 1 else 2)
        assert {p for c in found for p in c.precisions} <= {*check.TOLERANCES}
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    assert [c.visible for c in check.choices(2)] == ["-1", "5", "7", None]


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Lets children tell what they are given, in place of taking steps."""
    rows = {}

    def tell(choice, tasks, folder):
        for (label, task, precision), gradient in rows.items():
            if label != choice.label:
                continue
            file = tmp_path / f"{label}-{task}-{precision}.npz"
            np.savez(file, np.array(gradient))
            yield {
                "task": task,
                "precision": precision,
                "replicas": 1,
                "weights": 2,
                "rows": 3,
                "loss": 0.5,
                "gradients": str(file),
                "milliseconds": 4.0,
                "megabytes": None,
                "walks": {"lstm": "fast, for there is no GPU"},
                "error": "",
            }

    monkeypatch.setattr(check, "_steps", tell)
    monkeypatch.setattr(report, "_framework", lambda: FRAMEWORK)
    return rows


OWN = ("CPU", "music", "float32")
MIRRORED = ("mirrored, 2 CPU devices", "music", "float32")


@pytest.mark.parametrize(("other", "right"), [(8.0005, True), (8.002, False)])
def test_gradients_are_compared_variable_by_variable(
    told, other, right, capsys
):
    told[OWN] = [1.0, -8.0]
    told[MIRRORED] = [1.0, -other]
    code = 0
    try:
        program.main(["--format", "json"])
    except SystemExit as ended:
        code = ended.code
    made = json.loads(capsys.readouterr().out)
    assert (code == 0) is made["right"] is right
    own, mirrored = made["steps"]
    assert own["right"] is None and mirrored["right"] is right
    assert mirrored["difference"] == pytest.approx((other - 8) / 8, rel=1e-3)


def test_a_page_says_what_differs_and_what_failed(told, capsys, monkeypatch):
    told[OWN] = told[MIRRORED] = [1.0]
    program.main([])
    page = capsys.readouterr().out
    assert "everything is equal to the CPU" in page and "equal" in page
    assert "one: there is no GPU" in page and "250.0" in page
    told[MIRRORED] = [2.0]
    with pytest.raises(SystemExit) as ended:
        program.main([])
    page = capsys.readouterr().out
    assert ended.value.code == 1 and "DIFFERS" in page

    def fails(choice, tasks, folder):
        yield check._failed("exit code -11")

    monkeypatch.setattr(check, "_steps", fails)
    with pytest.raises(SystemExit) as ended:
        program.main([])
    assert ended.value.code == 1
    assert "on CPU, : exit code -11" not in (page := capsys.readouterr().out)
    assert "CPU: exit code -11" in page


def test_a_child_that_crashes_is_a_row(monkeypatch, tmp_path):
    monkeypatch.setattr(check, "_STEPS", "no_such_module")
    (row,) = check._steps(check.choices(0)[0], [], str(tmp_path))
    assert "exit code 1" in row["error"] and "no_such_module" in row["error"]


def test_a_machine_is_described_without_tensorflow():
    facts = machine.machine()
    assert facts["cores"] >= 1 and facts["processor"]
    assert facts["tensorflow"].count(".") == 2
    json.dumps(facts)


def test_an_unknown_task_is_one_line(capsys):
    with pytest.raises(SystemExit) as ended:
        program.main(["--task", "poetry"])
    assert ended.value.code == 2
    assert "--task is one of music, " in capsys.readouterr().err
