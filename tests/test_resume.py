"""A run goes on as it was begun, or nothing of it is touched."""

import json
import shutil
import threading
from types import SimpleNamespace

import a_line
import numpy as np
import pytest

from seqapps.training import fingerprint, restoring


@pytest.fixture
def main(monkeypatch, tmp_path, capfd):
    """Runs `train` and returns the exit code and what was said."""
    from seqapps import cli

    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows").write_text("1\n2\n3\n4\n")

    def run(*words, name="toy"):
        code = 0
        try:
            cli.main(a_line.task(name), ["train", *map(str, words)])
        except SystemExit as left:
            code = left.code
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of two epochs."""
    from seqapps import cli

    folder = tmp_path_factory.mktemp("trained")
    (folder / "rows").write_text("1\n2\n3\n4\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        words = "--data.path=rows", "--fit.epochs=2", "--fit.seed=3"
        cli.main(a_line.task(), ["train", *words])
    (run,) = (folder / "runs" / "toy").iterdir()
    return run


@pytest.fixture
def begun(main, trained, tmp_path):
    """A copy of it, on data of its own."""
    run = tmp_path / "runs" / "toy" / trained.name
    shutil.copytree(trained, run)
    for name in ("recipe.toml", "about.json"):
        text = (run / name).read_text()
        text = text.replace(str(trained.parents[2]), str(tmp_path))
        (run / name).write_text(text)
    return run


def content(run):
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in run.iterdir()
    }


@pytest.mark.parametrize(
    "flag, says",
    [
        ("--model.units=4", ["--model.units is 3, not 4"]),
        ("--model.dropout=0.5", ["--model.dropout is 0.0, not 0.5"]),
        ("--data.batch-size=1", ["--data.batch-size is 2, not 1"]),
        ("--data.path=other", ["--data.path is", "rows", "other"]),
        ("--fit.seed=4", ["--fit.seed is 3, not 4"]),
        ("--fit.best=loss", ["--fit.best"]),
        ("--fit.steps-per-epoch=1", ["--fit.steps-per-epoch is 0, not 1"]),
        ("--fit.decay-epochs=1", ["--fit.decay-epochs is 0.0, not 1.0"]),
        ("--devices.cpus=2", ["--devices.cpus is 0, not 2"]),
        ("--config=other.toml", ["--model.units is 3, not 7", "--data.path"]),
    ],
)
def test_what_differs_is_named_and_nothing_touched(
    begun, main, tmp_path, flag, says
):
    (tmp_path / "other").write_text("1\n")
    (tmp_path / "other.toml").write_text("[model]\nunits = 7\n")
    before = content(begun)
    code, out, err = main("--resume", begun, flag, "--fit.epochs=3")
    assert code == 2 and out == "" and len(err.splitlines()) == 1
    assert all(word in err for word in says), err
    assert content(begun) == before


def test_more_epochs_and_patience_may_be_given(begun, main):
    about = json.loads((begun / "about.json").read_text())
    assert about["task"] == "toy"
    code, out, _ = main("--resume", begun)
    assert code == 0 and "ended before" in out
    code, out, _ = main("--resume", "--fit.epochs=4", "--fit.patience=9")
    assert code == 0 and "ended before" not in out
    assert len((begun / "log.csv").read_text().splitlines()) == 5
    assert "epochs = 4" in (begun / "recipe.toml").read_text()
    code, out, err = main("--resume", begun, "--fit.epochs=3")
    assert code == 0 and "ended before" in out


def test_more_epochs_keep_the_schedule(main, tmp_path):
    words = "--data.path=rows", "--fit.decay-epochs=4", "--fit.clip=0.5"
    (tmp_path / "whole").mkdir()
    main(*words, "--fit.epochs=4")
    (whole,) = (tmp_path / "runs" / "toy").iterdir()
    (tmp_path / "runs" / "toy").rename(tmp_path / "whole" / "toy")
    main(*words, "--fit.epochs=2")
    code, _, err = main("--resume", "--fit.epochs=4")
    assert code == 0, err
    (cut,) = (tmp_path / "runs" / "toy").iterdir()
    same_state(tmp_path / "whole" / "toy" / whole.name, cut)


def same_state(one, two):
    with np.load(one / "state.npz") as a, np.load(two / "state.npz") as b:
        assert a["about"].item() == b["about"].item()
        for name in set(a) | set(b):
            np.testing.assert_array_equal(a[name], b[name])


OLD = "--model.learning-rate=0.1", "--model.decay-steps=8", "--model.clip=0.5"


@pytest.mark.filterwarnings("ignore:.* goes in 0.3")
def test_a_run_of_the_release_before_goes_on_exactly(main, tmp_path):
    """Its optimizer stands in [model], its schedule is counted in steps."""
    code, _, err = main(
        "--data.path=rows",
        "--fit.epochs=4",
        "--fit.learning-rate=0.1",
        "--fit.decay-epochs=4",
        "--fit.clip=0.5",
    )
    assert code == 0 and "goes in 0.3" not in err
    (whole,) = (tmp_path / "runs" / "toy").iterdir()
    whole = whole.rename(tmp_path / "whole")
    code, _, err = main("--data.path=rows", "--fit.epochs=2", *OLD)
    assert code == 0, err
    lines = [line for line in err.splitlines() if "goes in 0.3" in line]
    assert lines == [
        "--model.learning-rate goes in 0.3: use --fit.learning-rate",
        "--model.decay-steps goes in 0.3: use --fit.decay-epochs",
        "--model.clip goes in 0.3: use --fit.clip",
    ]
    (run,) = (tmp_path / "runs" / "toy").iterdir()
    recipe = (run / "recipe.toml").read_text()
    moved = "learning_rate = 0.1\ndecay_steps = 8\nclip = 0.5\n"
    for line in moved.splitlines():
        recipe = recipe.replace(f"{line}\n", "")
    recipe = recipe.replace("[model]\n", f"[model]\n{moved}")
    (run / "recipe.toml").write_text(recipe)
    data = fingerprint.digest(a_line.load_data(path=tmp_path / "rows"))
    (run / "about.json").write_text(json.dumps({"task": "toy", "data": data}))
    (run / "state.before.npz").unlink()
    with np.load(run / "state.npz") as state:
        arrays = {name: state[name] for name in state}
    about = json.loads(arrays["about"].item())
    del about["metrics"], about["steps"]
    arrays["about"] = np.array(json.dumps(about))
    np.savez(run / "state.npz", **arrays)
    (tmp_path / "rows").write_text("1\n2\n3\n5\n")
    code, _, err = main("--resume", run, "--fit.epochs=4")
    assert code == 2 and "the data have changed" in err
    (tmp_path / "rows").write_text("1\n2\n3\n4\n")
    code, _, err = main("--resume", run, "--fit.epochs=4")
    assert code == 0 and "goes in 0.3" not in err, err
    same_state(whole, run)


def test_data_have_the_digest_that_the_release_before_gave_them():
    import tensorflow as tf

    from seqapps.tasks.sentiment.codec.base import TextCodec

    data = SimpleNamespace(
        codec=TextCodec(["neg", "pos"], ["a", "b"]),
        examples={"train": (["a b"], ["pos"])},
        train=tf.data.Dataset.range(3),
    )
    before = "a2412d588e12c275237ee37f6b3bd6b7788039f6c00e62ffd907a2b3eb9d6819"
    assert fingerprint.digest(data) == before


@pytest.mark.filterwarnings("ignore:.* goes in 0.3")
def test_an_old_recipe_says_what_is_new_in_a_line(main, tmp_path):
    (tmp_path / "old.toml").write_text(
        "[model]\nlearning_rate = 0.1\n[fit]\nepochs = 1\nwarmup = 0.5\n"
    )
    words = "--data.path=rows", "--config=old.toml"
    code, _, err = main(*words)
    assert code == 0
    assert "old.toml: learning_rate in [model] goes in 0.3" in err
    assert "old.toml: warmup in [fit] goes in 0.3: use warmup_epochs" in err
    (run,) = (tmp_path / "runs" / "toy").iterdir()
    code, _, err = main("--resume", run, "--fit.epochs=2")  # a share of them
    assert code == 2 and "--fit.epochs is 1, not 2" in err
    code, _, err = main(*words, "--fit.warmup-epochs=0.25")
    newest = max((tmp_path / "runs" / "toy").iterdir())
    assert code == 0 and "warmup = " not in (newest / "recipe.toml").read_text()


def test_a_setting_that_the_optimizer_lacks_is_one_line(main):
    code, out, err = main("--data.path=rows", "--fit.epsilon=1e-5")
    assert code == 2 and "--fit.epsilon does not go with SGD" in err


def spoil_data(run):
    (run.parents[2] / "rows").write_text("1\n2\n3\n5\n")


def spoil_states(run):
    for path in run.glob("state*.npz"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lose_states(run):
    for path in run.glob("state*.npz"):
        path.unlink()


def spoil_recipe(run):
    (run / "recipe.toml").write_text("[data]\n")


def cut_recipe(run):
    raw = (run / "recipe.toml").read_text()
    (run / "recipe.toml").write_text(raw[:20])


def empty_recipe(run):
    (run / "recipe.toml").write_text("")


def nothing(run):
    (run / "recipe.toml").unlink()


@pytest.mark.parametrize(
    "spoil, says",
    [
        (spoil_data, "the data have changed"),
        (spoil_states, "state.npz is damaged"),
        (lose_states, "state.npz is missing"),
        (spoil_recipe, "no table [model]"),
        (cut_recipe, "recipe.toml is not TOML"),
        (empty_recipe, "no table [data]"),
        (nothing, "is no run"),
    ],
)
def test_a_damaged_run_is_one_line(begun, main, spoil, says):
    spoil(begun)
    before = content(begun)
    code, out, err = main("--resume", begun, "--fit.epochs=3")
    assert code == 2 and out == "" and len(err.splitlines()) == 1
    assert says in err
    assert content(begun) == before


def test_a_run_of_another_task_is_refused(begun, main):
    before = content(begun)
    code, _, err = main("--resume", begun, name="other")
    assert code == 2 and "is a run of toy, not of other" in err
    assert content(begun) == before
    assert main("--resume=")[0] == 2


def test_a_run_is_trained_by_one_process(begun, main):
    from seqapps import files

    before = content(begun)
    inside, ended = threading.Event(), threading.Event()

    def hold():
        with files.lock_folder(begun):
            inside.set()
            ended.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    inside.wait(60)
    try:
        code, _, err = main("--resume", begun, "--fit.epochs=3")
    finally:
        ended.set()
        other.join()
    assert code == 2 and "another process" in err
    assert content(begun) == before


def test_a_run_starts_from_the_weights_of_another(main, begun):
    still = "--fit.epochs=1", "--fit.learning-rate=1e-9"
    path = "--data.path=rows", f"--fit.start={begun}"
    code, _, err = main(*path, *still, "--model.units=4")
    assert code == 2 and "of another model" in err
    code, _, err = main(*path[:1], *still, f"--fit.start={begun}x")
    assert code == 2 and f"{begun}x" in err
    code, out, _ = main(*path, *still)
    assert code == 0
    run = begun.parent / out.split(":")[0].rpartition("/")[2]
    kept = []
    for folder in (begun, run):
        model = a_line.build_model(a_line.Codec())
        restoring.load_best(model, folder)
        kept.append(model.get_weights())
    for one, other in zip(*kept, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    shutil.rmtree(begun)  # it was wanted at the start alone
    assert main("--resume", run, "--fit.epochs=2")[0] == 0


@pytest.mark.parametrize(
    "value, expected",
    [
        ("/a/b/c.tsv", "c.tsv"),
        ("/a/b.tsv;/a/c.tsv", "b.tsv;c.tsv"),
        ("a/b.tsv", "a/b.tsv"),
        (";", ";"),
        ("", ""),
        (0.5, 0.5),
    ],
)
def test_a_model_that_goes_to_others_names_no_folder(value, expected):
    assert restoring._without_folder(value) == expected
