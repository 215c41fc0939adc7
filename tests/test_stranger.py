"""A stranger's task keeps the contract, trains, exports and runs."""

from pathlib import Path

import parity

from seqapps import testing

SMALL = {
    "data": {"rows": 71, "batch_size": 16},
    "model": {"units": 5},
    "fit": {"epochs": 2},
    "calls": [("judge", {"bits": ["01011", "00001"]})],
}


def test_a_strangers_task_keeps_the_contract():
    testing.check_task(parity.TASK, **SMALL, replicas=(2, 4), workers=(2,))


def test_a_strangers_task_trains_exports_and_runs(command, tmp_path):
    package = tmp_path / "parity"
    package.mkdir()
    (package / "__init__.py").write_text("")
    source = Path(parity.__file__).read_text("utf-8")
    (package / "__main__.py").write_text(source, "utf-8")

    def run(*words):
        done = command(*words, cwd=tmp_path, module="parity")
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("train", "--model.units", "8", "--fit.epochs", "2")
    (log,) = tmp_path.glob("runs/parity/*/log.csv")
    rows = [line.split(",") for line in log.read_text().splitlines()]
    column = rows[0].index("loss")
    assert float(rows[2][column]) < float(rows[1][column])
    saved = run("export").strip()
    assert saved.endswith("saved_models/parity/1")
    bits = ["judge", "01011", "00001"]
    (trained,) = tmp_path.glob("runs/parity/*/recipe.toml")
    from_run = run(*bits, "--from", trained.parent)
    assert run(*bits, "--from", saved) == from_run
    assert len(from_run.split()) == 2
    assert "sure" in run("evaluate", "--from", saved)
    methods = run("inspect", "--from", saved)
    assert "judge(" in methods
    takes_and_gives = "(bits: string[None]) -> odd: float32[None]"
    assert f"serving_default{takes_and_gives}" in methods
