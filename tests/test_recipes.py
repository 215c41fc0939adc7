"""A recipe's values reach the functions as they are, or are one line."""

import pytest

TEXTS = """
[command]
word = "-x=--y"
words = ["-a", "", "b c"]
empty = ""
loud = true
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Runs `command`; gives the exit code, the texts, the values, stderr."""
    from seqapps import cli
    from seqapps.console.arguments import Count
    from seqapps.console.paths import Path
    from seqapps.task import Task

    seen = {}

    def command(
        predictor,
        *texts: str,
        word: str = "w",
        words: list[str] | None = None,
        empty: str = "e",
        loud: bool = False,
        many: Count = 1,
        source: Path | None = None,
    ):
        """Do it."""
        seen.update(locals())
        del seen["predictor"]

    def load_data(*, size: int = 1):
        """Load."""

    def build_model(codec, *, units: int = 1):
        """Build."""

    monkeypatch.chdir(tmp_path)
    task = Task("toy", load_data, build_model, None, load_data, command)

    def run(recipe, *words, name="recipe.toml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(recipe)
        seen.clear()
        code = 0
        try:
            cli.main(task, list(words))
        except SystemExit as left:
            code = left.code
        return code, dict(seen), capfd.readouterr().err

    return run


def test_a_byte_order_mark_is_passed(run):
    code, seen, err = run("\ufeff" + TEXTS, "command", "--config=recipe.toml")
    assert (code, seen["word"], err) == (0, "-x=--y", "")


def test_texts_are_texts(run):
    code, seen, err = run(
        TEXTS, "command", "--config=recipe.toml", "--", "--foo_bar", "-x", "--"
    )
    assert code == 0, err
    assert seen["texts"] == ("--foo_bar", "-x", "--")
    assert seen["word"] == "-x=--y" and seen["words"] == ["-a", "", "b c"]
    assert seen["empty"] == "" and seen["loud"] is True
    code, seen, err = run("", "command", "--", "--config", "nowhere")
    assert code == 0 and seen["texts"] == ("--config", "nowhere"), err
    code, seen, err = run(
        TEXTS, "command", "--config=recipe.toml", "--words=z", "--no-loud"
    )
    assert code == 0 and seen["words"] == ["z"] and seen["loud"] is False


@pytest.mark.parametrize(
    "recipe, says",
    [
        ("[command]\nmany = '3'", "many in [command] (--many) is a whole"),
        ("[command]\nmany = 1.0", "whole number, not 1.0"),
        ("[command]\nmany = true", "whole number, not true"),
        ("[command]\nmany = 4294967297", "at most 2147483647"),
        ("[command]\nmany = {a = 1}", "not a table"),
        ("[command]\nmany = [1]", "not a list"),
        ("[command]\nword = 3", "word in [command] (--word) is a text"),
        ("[command]\nwords = 'a'", "words in [command] (--words) is a list"),
        ("[command]\nloud = 'yes'", "true or false"),
        ("[command]\nsource = ''", "not an empty one"),
        ("[command]\nsource = 2020-01-01", "is a path"),
        ("[command]\npredictor = 1", "unknown key 'predictor'"),
        ("[command]\ntexts = ['a']", "unknown key 'texts'"),
        ("[model]\nunits = inf", "units in [model] (--model.units)"),
        ("[model]\ncodec = 1", "unknown key 'codec'"),
        ("model = 3", "write [model]"),
        ("[[model]]\nunits = 3", "write [model]"),
        ("seed = 3", "outside of any table"),
        ("a = " + "[" * 3000, "too many brackets"),
        ("[model]\nunits = " + "9" * 5000, "recipe.toml"),
        ("#" * 300_000, "no recipe"),
    ],
    ids=lambda x: x[:20],
)
def test_a_value_that_does_not_fit_is_one_line(run, recipe, says):
    code, seen, err = run(recipe, "command", "--config=recipe.toml", "a")
    assert code == 2 and not seen
    assert len(err.splitlines()) == 1 and says in err
    assert "recipe.toml" in err and len(err) < 400


@pytest.mark.parametrize("word", ["--config=", "--config=.", "--source="])
def test_a_path_is_not_empty(run, word):
    code, seen, err = run("", "command", word)
    assert code == 2 and not seen and len(err.splitlines()) == 1


def test_a_run_names_no_files(run):
    tables = "[data]\n[model]\n[fit]\n[devices]\n[command]\n"
    words = "command", "--from=run"
    code, seen, err = run(tables + "many = 3", *words, name="run/recipe.toml")
    assert code == 0 and seen["many"] == 3, err
    recipe = tables + "source = 'a'"
    code, seen, err = run(recipe, *words, name="run/recipe.toml")
    assert code == 2 and not seen and "names no files" in err
    words = "command", "--config=run/recipe.toml"
    code, seen, err = run(recipe, *words, name="run/recipe.toml")
    assert code == 0 and str(seen["source"]) == "a", err
