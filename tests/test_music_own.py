"""A musician's whole walk: a folder, a network, tunes in its manner."""

import pytest

from seqapps.cli import main
from seqapps.tasks import music
from seqapps.tasks.music.notation import abc
from seqapps.tasks.music.rendering import tune_files

BODIES = (
    "G A B c | d2 d2 | e d c B | G4 |]",
    "g f e d | c2 B2 | A G F A | G4 :|",
    "D2 G A | B A B d | e2 (3 e d B | A4 |]",
    "B2 B A | G E D E | G A B d | g4 |]",
    "d B G B | c A F A | B G E G | F2 D2 |]",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "own"
    for number, body in enumerate(BODIES):
        tune = abc.Tune(f"Tune {number}", "G", "major", "2/4", body)
        kind = ("abc", "mid")[number % 2]
        tune_files.write_files(tune, own / f"{number}", [kind])
    (own / "bad.abc").write_text("X:1\nK:G\nwhat?\n")
    return own


@pytest.mark.usefixtures("one_share")
@pytest.mark.parametrize(
    "exported", [False, pytest.param(True, marks=pytest.mark.slow)]
)
def test_the_whole_walk(folder, exported, capfd):
    """From the run itself, or by a SavedModel; see test_stranger too."""
    sizes = "--model.units 7 --model.layers 1 --model.embedding 5"
    fit = "--fit.epochs 1 --fit.steps-per-epoch 3 --data.batch-size 2"
    main(
        music.TASK,
        ["train", "--data.path", "own", *sizes.split(), *fit.split()],
    )
    assert "bad.abc" in capfd.readouterr().err
    (source,) = (folder.parent / "runs/music").iterdir()
    if exported:
        source = "model"
        main(music.TASK, ["export", "--to", source])
    words = f"generate --from {source} --primer own/1.mid --bars 12 --count 1"
    main(music.TASK, words.split())
    tune = abc.normalise((folder.parent / "out/tune-1.abc").read_text())
    assert (tune.key, tune.meter) == ("G", "2/4")
    assert tune.body.startswith("g f e d | c2 B2 | A G F A |")


def test_too_few_tunes_are_one_line(folder, capfd):
    for name in ("0.abc", "2.abc", "4.abc"):
        (folder / name).unlink()
    with pytest.raises(SystemExit) as left:
        main(music.TASK, ["train", "--data.path", "own"])
    assert left.value.code == 2
    last = capfd.readouterr().err.strip().splitlines()[-1]
    assert "too few different tunes (2)" in last
    assert not (folder.parent / "runs").exists()
