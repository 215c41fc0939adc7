"""`classify` on the command line: its files, its words, what it refuses."""

import csv
import io
import json

import keras
import pytest
import reviews

from seqapps.cli import main
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment import command as commands


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    path = reviews.write(tmp_path_factory.mktemp("toy") / "toy.csv")
    data = sentiment.load_data(path=path, batch_size=16)
    keras.utils.set_random_seed(0)
    model = sentiment.build_model(data.codec, kind="bag", embedding=3)
    return sentiment.Classifier(model, data.codec)


@pytest.fixture
def run(classifier, tmp_path, monkeypatch, capfd):
    """Runs `classify` in an empty folder: exit code, output, errors."""
    monkeypatch.setattr("seqapps.cli.verbs._predictor", lambda *_: classifier)
    monkeypatch.chdir(tmp_path)

    def run(*words, stdin=None):
        if stdin is not None:
            pipe = io.TextIOWrapper(io.BytesIO(stdin))
            monkeypatch.setattr("sys.stdin", pipe)
        code = 0
        try:
            main(sentiment.TASK, ["classify", *words])
        except SystemExit as left:
            code = left.code
        return code, *capfd.readouterr()

    return run


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_texts_are_arguments_or_lines(run):
    texts = ["a fine film", "a dull film"]
    code, said, _ = run(*texts)
    assert code == 0 and len(said.splitlines()) == 2
    assert "a dull film" in said.splitlines()[1]
    lines = "\r\n".join(texts).encode()
    assert run(stdin=lines) == (0, said, "")
    code, out, _ = run(stdin=b"fine\n\n \ndull\n")  # each keeps its place
    assert code == 0 and len(out.splitlines()) == 4
    code, _, err = run(stdin=b"fine\nbad \xff bytes\n")
    assert code == 2 and "standard input line 2 is not UTF-8" in err


def test_json_is_an_object_a_line(run, classifier):
    _, out, _ = run("a fine film", "", "--format", "json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["text"] for row in rows] == ["a fine film", ""]
    (chances,) = classifier.classify(["a fine film"])["probabilities"]
    expected = dict(zip(["neg", "pos"], chances, strict=True))
    assert rows[0]["probabilities"] == pytest.approx(expected, abs=1e-6)
    keys = {"text", "label", "probability", "probabilities", "unsure"}
    assert set(rows[0]) == keys
    assert [row["unsure"] for row in rows] == ["", "no words"]


def test_abstain_is_a_band_around_a_half(run):
    _, out, _ = run("a fine film", "--abstain", "0.5")
    assert out.split()[0] == "unsure"
    _, out, _ = run("a fine film", "--abstain", "0")
    assert out.split()[0] in ("neg", "pos")


def test_a_csv_goes_in_and_comes_out(run, tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "_BATCH_SIZE", 3)
    monkeypatch.setattr(commands, "_WINDOW", 2)
    reviews.write(tmp_path / "in.csv", 20)
    code, out, err = run("--input", "in.csv", "--output", "out.csv")
    assert (code, out, err) == (0, "", "")
    before, after = table(tmp_path / "in.csv"), table(tmp_path / "out.csv")
    assert len(after) == 20
    for old, new in zip(before, after, strict=True):
        assert {key: new[key] for key in old} == old
        _, alone, _ = run(new["text"], "--format", "json")
        assert json.loads(alone)["label"] == new["predicted"]
        assert json.loads(alone)["unsure"] == new["unsure"]
        assert float(new["probability"]) == pytest.approx(
            json.loads(alone)["probability"], abs=1e-5
        )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_other_tables_and_lines(run, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": 1, "body": "fine\\nfilm"}\n')
    run("--input", "in.jsonl", "--column", "body", "--output", "out.tsv")
    assert (tmp_path / "out.tsv").read_text().startswith("id\tbody\tpredicted")
    (tmp_path / "in.txt").write_bytes(b"fine\n\ndull\n")
    run("--input", "in.txt", "--output", "out.jsonl")
    rows = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(row)["text"] for row in rows] == ["fine", "", "dull"]


def test_odd_texts_have_answers(run, tmp_path):
    huge = "good " * 200_000
    content = f'text\n""\nqwertz\n\N{GRINNING FACE}\n"{huge}"\n"a\nb"\n'
    (tmp_path / "in.csv").write_bytes(content.encode() + b"=1\n")
    code, _, err = run("--input", "in.csv", "--output", "out.csv")
    assert code == 0, err
    rows = (tmp_path / "out.csv").read_text("utf-8")
    assert rows.count(",neg,") + rows.count(",pos,") == 6


def test_reasons_are_a_page(run, tmp_path):
    code, _, err = run("The plot was not dull <b>", "--explain", "why.html")
    assert code == 0 and "why.html" in err
    page = (tmp_path / "why.html").read_text("utf-8")
    assert ">dull</span>" in page and "&lt;" in page and "unsure" not in page
    run("a fine film", "--explain", "why.html", "--abstain", "0.5")
    assert "<h2>unsure: " in (tmp_path / "why.html").read_text("utf-8")


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "no text"),
        (["a", "--input", "in.csv"], "not both"),
        (["--input", "none.csv"], "there is no file none.csv"),
        (["--input", "in.csv", "--column", "body"], "no column 'body'"),
        (["--input", "ragged.csv", "--output", "out.csv"], "row 3"),
        (["--input", "open.csv", "--output", "out.csv"], "row 2"),
        (["--input", "done.csv", "--output", "out.csv"], "'predicted' already"),
        (["--input", "in.jsonl", "--output", "out.csv"], "row 2"),
        (["--input", "in.csv", "--output", "out.xls"], ".csv, .tsv or .jsonl"),
        (["--input", "in.csv", "--output", "no/out.csv"], "no folder no"),
        (["a", "--abstain", "2"], "--abstain"),
        (["a", "--explain", "no/why.html"], "no folder no"),
        (["a", "--format", "xml"], "--format"),
    ],
    ids=str,
)
def test_bad_input_leaves_nothing(run, words, said, tmp_path):
    files = {
        "in.csv": "id,text\n1,fine\n",
        "ragged.csv": "id,text\n1,fine\n2\n",
        "open.csv": 'id,text\n1,"fine\n',
        "done.csv": "text,predicted\nfine,pos\n",
        "in.jsonl": '{"text": "fine"}\n{"text": 3}\n',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    code, out, err = run(*words, stdin=b"")
    assert code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1 and said in err
    assert {p.name for p in tmp_path.iterdir()} == set(files)
