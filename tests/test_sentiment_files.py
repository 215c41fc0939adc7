"""What `classify` reads and writes: every form, decoded or refused."""

import bz2
import csv
import gzip
import io
import json
import lzma

import pytest

from seqapps.errors import InputError
from seqapps.tasks.sentiment import command
from seqapps.tasks.sentiment.importers import text_files
from seqapps.tasks.sentiment.rendering import page
from seqapps.text import strings


class Classifier:
    """Says "pos" of everything, and remembers what it was given."""

    def __init__(self):
        self.texts = []

    def classify(self, texts):
        for text in texts:
            text.encode()  # no lone surrogate comes here
        self.texts += texts
        return {
            "label": ["pos"] * len(texts),
            "probability": [0.75] * len(texts),
            "probabilities": [[0.25, 0.75]] * len(texts),
            "labels": ["neg", "pos"],
        }


@pytest.fixture
def classify(tmp_path, monkeypatch):
    """Classifies a file of some bytes: the texts, and what was written."""
    monkeypatch.chdir(tmp_path)

    def classify(name, content, output="out.jsonl", **options):
        path = tmp_path / name
        path.write_bytes(content)
        classifier, out = Classifier(), tmp_path / output
        command.classify(classifier, input=path, output=out, **options)
        return classifier.texts, out.read_bytes().decode()

    return classify


TABLE = "id,text\n1,na\u00efve\n2,fine\n"
RIGHT = ["fine", "na\u00efve"]


@pytest.mark.parametrize(
    "name, content, options",
    [
        ("a.csv", TABLE.encode(), {}),
        ("A.CSV", TABLE.encode(), {}),
        ("a.csv", TABLE.encode("utf-8-sig"), {}),
        ("a.csv", TABLE.encode("utf-16"), {}),
        ("a.csv", b"\xfe\xff" + TABLE.encode("utf-16-be"), {}),
        ("a.csv", TABLE.encode("utf-32"), {}),
        ("a.csv", TABLE.encode("utf-16-le"), {"encoding": "utf-16-le"}),
        ("a.csv", TABLE.encode("cp1252"), {"encoding": "cp1252"}),
        ("a.csv.gz", gzip.compress(TABLE.encode(), mtime=0), {}),
        ("a.csv", gzip.compress(TABLE.encode(), mtime=0), {}),
        ("a.csv", TABLE.replace("\n", "\r").encode(), {}),
        ("a.csv", TABLE.replace("\n", "\r\n").encode(), {}),
        ("a.tsv", TABLE.replace(",", "\t").encode(), {}),
        ("a.csv", TABLE.replace(",", ";").encode(), {"separator": ";"}),
        ("a.txt", TABLE.replace(",", "\t").encode(), {"separator": "tab"}),
        ("a.txt", "na\u00efve\rfine\r".encode(), {}),
        ("a.txt", "na\u00efve\r\nfine".encode("utf-16"), {}),
        ("a.json", '{"text": "na\u00efve"}\n{"text": "fine"}'.encode(), {}),
        ("a.json", b'[{"text": "na\\u00efve"},\n{"text": "fine"}]', {}),
        ("A.JSONL", b'{"text": "na\\u00efve"}\r{"text": "fine"}', {}),
    ],
)
def test_forms_are_read_rightly(classify, name, content, options):
    texts, out = classify(name, content, **options)
    assert sorted(texts) == RIGHT
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["text"] for row in rows] == RIGHT[::-1]


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("a.csv", TABLE.encode("cp1252"), "line 2 is not UTF-8: .*--encoding"),
        ("a.csv", TABLE.encode("utf-16-le"), "line 1 has a NUL"),
        ("a.txt", b"fine\na\x00b\n", "line 2 has a NUL"),
        ("a.txt", b"fine\r\xe9t\xe9\r", "line 2 is not UTF-8"),
        ("a.csv", b"", "a.csv is empty"),
        ("a.txt", b"", "a.txt has no texts"),
        ("a.csv", b"text\n", "a.csv has no texts"),
        ("a.csv", b"id;text\n1;fine\n", "';' parts columns.*--separator"),
        ("a.csv", b"id,Text\n1,fine\n", "no column 'text'.*mean 'Text'"),
        ("a.csv", b"id,tekst\n1,fine\n", "mean 'tekst'"),
        ("a.csv", b"id,text,id\n1,fine,2\n", "one name, 'id'"),
        ("a.csv", b"id,text\n1,a\n2\n", "row 3: 1 fields"),
        ("a.csv", b"id,text\n1,a\n2,b,c\n", "row 3: 3 fields"),
        ("a.csv", b'id,text\n1,"a\nb"\n2,"c\n\n\n', "row 4: a quote"),
        ("a.json", b'[{"text": "a"} {"text": "b"}]', "row 1: a comma"),
        ("a.json", b'[{"text": "a"}, 5]', "row 2 is no JSON object"),
        ("a.json", b'{\n "text": "a"}', "row 1 is no JSON object"),
        ("a.jsonl", b'{"text": ' + DEEP.encode(), "row 1: JSON is nested"),
        ("a.json", b'[{"text": ' + DEEP.encode(), "row 1: JSON is nested"),
        ("a.jsonl", b'{"text": "a", "text": "b"}', "row 1: the key 'text'"),
        ("a.json", b'[{"text": "a", "text": "a"}]', "row 1: the key 'text'"),
        ("a.xlsx", b"PK\x03\x04rest", "spreadsheet"),
        ("a.csv.bz2", bz2.compress(b"text\n"), "compressed, not by gzip"),
        ("a.csv.xz", lzma.compress(b"text\n"), "compressed, not by gzip"),
        (
            "a.csv.gz",
            gzip.compress(bytes(9999), mtime=0)[:20],
            "cannot be decompressed",
        ),
    ],
)
def test_other_forms_are_refused_before_work(
    classify, tmp_path, name, content, said
):
    with pytest.raises(InputError, match=said) as error:
        classify(name, content)
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "options, said",
    [
        ({"encoding": "klingon"}, "--encoding 'klingon' is unknown"),
        ({"encoding": "rot13"}, "--encoding 'rot13' is unknown"),
        ({"encoding": "idna"}, "--encoding 'idna' is unknown"),
        ({"encoding": "punycode"}, "--encoding 'punycode' is unknown"),
        ({"encoding": "unicode_escape"}, "is unknown"),
        ({"separator": "--"}, "one character"),
        ({"separator": '"'}, "one character"),
    ],
)
def test_senseless_forms_are_refused(classify, options, said):
    with pytest.raises(InputError, match=said):
        classify("a.csv", TABLE.encode(), **options)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        command.classify(Classifier(), input=tmp_path)


def test_json_lines_lose_nothing(classify):
    lines = [
        '{"text": "a", "n": 1.10, "z": [1, {"b": null}], "big": 1e70}',
        '{"x": NaN,"text":"b", "more": -Infinity, "bad": "\\ud800", "e": 1E5}',
        '{"text": "\u4f60", "huge": %s, "a": 1, "a": 2 }' % ("9" * 5000),
        '  {"text": "d"}  ',
    ]
    texts, out = classify("a.jsonl", "\n\n".join(lines).encode())
    assert len(texts) == 4
    for line, new in zip(lines, out.splitlines(), strict=True):
        assert new.startswith(line.rstrip().removesuffix("}").rstrip() + ", ")
        said = '"predicted": "pos", "probability": 0.75, "unsure": ""}'
        assert new.endswith(said)
    (row,) = classify("b.json", b'[{\n"text":\n"a"}]')[1].splitlines()
    columns = ["text", "predicted", "probability", "unsure"]
    assert list(json.loads(row)) == columns


def test_json_lines_become_a_table_with_every_column(classify):
    lines = b'{"text": "a"}\n{"text": "b", "n": {"m": [1]}, "s": "\\udfff"}\n'
    _, out = classify("a.jsonl", lines, "out.csv")
    rows = list(csv.reader(io.StringIO(out)))
    assert rows[0] == ["text", "n", "s", "predicted", "probability", "unsure"]
    assert rows[1] == ["a", "", "", "pos", "0.75", ""]
    assert rows[2] == ["b", '{"m": [1]}', "?", "pos", "0.75", ""]


def test_a_table_comes_out_as_it_went_in(classify):
    odd = ["=1+1", "a\nb", 'say "x"', "a\rb", " b ", "-5", "\u202e,"]
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=";", quoting=csv.QUOTE_ALL).writerows(
        [["text"], *[[text] for text in odd]]
    )
    content = sheet.getvalue().encode()
    options = {"output": "out.csv", "separator": ";"}
    _, out = classify("a.csv", content, **options)
    rows = list(csv.reader(io.StringIO(out, newline=""), delimiter=";"))
    assert [row[0] for row in rows[1:]] == odd
    _, out = classify("a.csv", content, **options, escape_formulas=True)
    rows = list(csv.reader(io.StringIO(out, newline=""), delimiter=";"))
    assert [row[0] for row in rows[1:]] == ["'=1+1", *odd[1:]]


@pytest.mark.parametrize("cell", ["=1", "+1-1", "-1+1", "@a", "\t=1", "\r="])
def test_a_spreadsheet_runs_no_cell(cell):
    assert strings.escape_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "fine", "-5", "+1.5e3", "a=1", "'=1"])
def test_other_cells_stay(cell):
    assert strings.escape_formula(cell) == cell


def test_of_a_long_text_head_and_tail_are_read(classify, capsys):
    text = "a" * 200_000 + "b" * 3_000_000 + "c" * 200_000
    texts, out = classify("a.txt", f"x\n{text}\n".encode())
    assert texts[1] == f"{'a' * 100_000} {'c' * 99_999}"
    assert "row 2: 3,400,000 characters; only the" in capsys.readouterr().err
    assert json.loads(out.splitlines()[1])["text"] == text


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_a_longer_line_is_refused(classify, name):
    start = {"a.txt": "", "a.csv": "text\n", "a.jsonl": '{"text": "'}[name]
    with pytest.raises(InputError, match="10,000,000"):
        classify(name, start.encode() + b"x" * 12_000_000)


def test_training_reads_the_same_forms(tmp_path):
    path = tmp_path / "A.CSV"
    path.write_bytes("label;text\npos;na\u00efve\n".encode("cp1252"))
    found = text_files.read_labelled(path, "text", "label", "cp1252", ";")
    assert found == [("na\u00efve", "pos")]
    with pytest.raises(InputError, match="line 2 is not UTF-8"):
        text_files.read_labelled(path, "text", "label", "", ";")
    assert text_files.read_unlabelled(path, "text", "cp1252", ";") == [
        "na\u00efve"
    ]


def test_a_page_says_what_it_is_given_and_no_more():
    odd = "<script>alert('x')</script>\"\ud800\u202e&"
    explanation = page.Explanation([odd], [1.0], odd, 0.5, 1.0, odd)
    html = page.html([explanation], odd)
    html.encode()
    assert "<script>alert" not in html and html.count("&lt;script&gt;") == 6
    assert "\u202e" not in html


def test_a_text_does_not_speak_to_the_terminal():
    said = {"label": "pos", "probability": 0.5}
    line = command._as_text("\x1b]0;title\x07fine\x1b[31m\n", said)
    assert "fine" in line and line.isprintable()
