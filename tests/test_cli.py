"""One clear line and exit code 2; help without TensorFlow."""

import subprocess
import sys

import pytest

BAD = [
    (["generate", "--kee", "D"], "--kee"),
    (["generate", "--count", "many"], "--count"),
    (["generate", "--from", "nowhere"], "nowhere"),
    (["generate", "--from", "empty"], "neither"),
    (["generate", "--config", "nowhere.toml"], "nowhere.toml"),
    (["generate", "--config", "broken.toml"], "not TOML"),
    (["generate", "--config", "typo.toml"], "did you mean 'units'"),
    (["train", "--config", "table.toml"], "did you mean 'model'"),
    (["train", "--config", "kind.toml"], "--model.units"),
    (["train", "--model.cell", "rnn"], "gru"),
    (["train", "--model.unit", "3"], "--model.units"),
    (["train", "--resume"], "train one first"),
    (["train", "--resume", "nowhere"], "nowhere"),
    (["export"], "train one first"),
    (["trian"], "train"),
    (["generate", "-5"], "generate takes flags alone, not '-5'"),
    (["generate", "--", "a", "b"], "flags alone, not 'a b'"),
    (["train", "x"], "train takes flags alone, not 'x'"),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.toml").write_text("[model\n")
    (tmp_path / "typo.toml").write_text("[model]\nunit = 3\n")
    (tmp_path / "table.toml").write_text("[modle]\nunits = 3\n")
    (tmp_path / "kind.toml").write_text("[model]\nunits = 'many'\n")
    return tmp_path


@pytest.mark.parametrize("words, said", BAD, ids=lambda x: " ".join(x))
def test_bad_input_is_one_line(words, said, folder, monkeypatch, capfd):
    from seqapps.cli import main
    from seqapps.tasks.music import TASK

    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as left:
        main(TASK, words)
    out, err = capfd.readouterr()
    assert left.value.code == 2
    assert len(err.strip().splitlines()) == 1 and said in err
    assert out == "" and not (folder / "out").exists()


def test_only_a_verb_with_texts_speaks_of_them(capfd):
    from seqapps.cli import main
    from seqapps.tasks import music, sentiment

    for task, verb, says in (
        (music.TASK, "generate", False),
        (sentiment.TASK, "classify", True),
        (sentiment.TASK, "train", False),
    ):
        with pytest.raises(SystemExit):
            main(task, [verb, "--foo"])
        assert ("stands behind --" in capfd.readouterr().err) == says


def test_flags_win_over_the_recipe_wherever_they_stand(tmp_path, capsys):
    from seqapps.cli import main
    from seqapps.task import Task

    seen = {}

    def build_model(codec, *, units: int = 1, layers: int = 1, wide=False):
        """Build."""

    def command(predictor, *, top_p: float = 1.0, loud: bool = False):
        """Do it."""
        seen.update(top_p=top_p, loud=loud)

    def load_data(*, size: int = 1):
        """Load."""

    task = Task("toy", load_data, build_model, None, command, command)
    recipe = tmp_path / "r.toml"
    recipe.write_text("[command]\ntop_p = 0.5\nloud = true\n")
    from seqapps.cli import verbs

    verbs._predictor, kept = (lambda *_: None), verbs._predictor
    try:
        main(task, ["command", "--config", str(recipe)])
        assert seen == {"top_p": 0.5, "loud": True}
        main(task, ["command", "--top_p", "0.25", "--config", str(recipe)])
        assert seen["top_p"] == 0.25
        main(
            task, ["command", f"--config={recipe}", "--top-p=.75", "--no-loud"]
        )
        assert seen == {"top_p": 0.75, "loud": False}
    finally:
        verbs._predictor = kept


@pytest.mark.parametrize(
    "task, words",
    [
        ("music", ["generate", "--help"]),
        ("music", ["generate", "-x"]),
        ("chorale", ["harmonise", "--help"]),
    ],
)
def test_help_and_slips_import_no_tensorflow(task, words, tmp_path):
    code = (
        "import sys\n"
        "from seqapps.cli import main\n"
        f"from seqapps.tasks.{task} import TASK\n"
        f"try: main(TASK, {words!r})\n"
        "except SystemExit: pass\n"
        "assert not {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_has_read_enough_ends_it_without_a_word(lines):
    code = (
        "from seqapps.cli import verbs\n"
        "from seqapps.tasks.music import TASK\n"
        f"verbs._run = lambda *_: [print(i) for i in range({lines})]\n"
        "verbs.main(TASK)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"0\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == (141 if lines > 1 else 0)


def test_bad_input_does_not_wait_for_tensorflow(tmp_path):
    code = (
        "import sys; from seqapps import cli; from seqapps.tasks import music\n"
        "try: cli.main(music.TASK, ['generate', '--bars', '0'])\n"
        "except SystemExit as left: print(left.code)\n"
        "print('tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stdout.split() == ["2", "False"], done.stderr
    assert len(done.stderr.splitlines()) == 1
