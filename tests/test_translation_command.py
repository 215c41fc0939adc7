"""`translate`: lines in, lines out, whatever happens on the way."""

import gzip
import io
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import mirror
import numpy as np
import pytest
from matplotlib import image

from seqapps import recipes
from seqapps.cli import main
from seqapps.errors import InputError
from seqapps.task import Task
from seqapps.tasks.translation import command, metrics
from seqapps.tasks.translation.evaluation import unread_source
from seqapps.tasks.translation.importers import input_lines
from seqapps.tasks.translation.rendering import heatmap, resumable_output
from seqapps.text import textfile

TESTS = Path(__file__).parent
UNKNOWN, LACKING = ["<unknown>"], "\u4f60\u597d"


def nothing():
    """Stands for what makes a model."""


TASK = Task(
    "translation",
    nothing,
    nothing,
    mirror.Mirror,
    metrics.score,
    command.translate,
    nothing,
)


@pytest.fixture
def translator():
    return mirror.Mirror()


@pytest.fixture
def run(translator, tmp_path, monkeypatch, capfd):
    """Runs `translate` in an empty folder: exit code, output, errors."""
    monkeypatch.setattr("seqapps.cli.verbs._predictor", lambda *_: translator)
    monkeypatch.setattr(recipes, "read_recipe", lambda *_: {})
    monkeypatch.chdir(tmp_path)

    def run(*words, stdin=None):
        if stdin is not None:
            pipe = io.TextIOWrapper(io.BytesIO(stdin))
            monkeypatch.setattr("sys.stdin", pipe)
        code = 0
        try:
            main(TASK, ["translate", *words])
        except SystemExit as left:
            code = left.code
        return code, *capfd.readouterr()

    return run


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# -- texts in, translations out ----------------------------------------------


def test_texts_are_arguments_or_lines_or_a_file(run, tmp_path):
    said = (0, "c b a\n\né d\n", "")
    assert run("a b c", "", "d e\N{COMBINING ACUTE ACCENT}") == said
    content = b"a  b\tc\r\n \nd e\xcc\x81"
    assert run(stdin=content) == said
    (tmp_path / "in.txt").write_bytes(b"\xef\xbb\xbf" + content)
    assert run("--input", "in.txt") == said
    assert run("--input", "in.txt", "--output", "out.txt") == (0, "", "")
    assert (tmp_path / "out.txt").read_text("utf-8") == said[1]
    assert names(tmp_path) == ["in.txt", "out.txt"]
    assert run("a b c", "", "d é", "--output", "out.txt") == (0, "", "")
    assert run(stdin=content + b"\n")[1] == said[1]
    run("--output", "piped.txt", stdin=content)
    assert (tmp_path / "piped.txt").read_text("utf-8") == said[1]
    assert names(tmp_path) == ["in.txt", "out.txt", "piped.txt"]


def test_an_empty_file_becomes_an_empty_file(run, tmp_path):
    (tmp_path / "in.txt").touch()
    assert run("--input", "in.txt", "--output", "out.txt") == (0, "", "")
    assert (tmp_path / "out.txt").read_bytes() == b""


def test_lines_end_with_a_line_feed_only(run):
    odd = "a\rb\x0bc\x85d\u2028e\n"
    assert run(stdin=odd.encode())[1] == "e d c b a\n"


def test_bytes_that_are_not_utf_8_are_refused(run):
    code, _, err = run(stdin=b"a\na \xff\xe2\x82 b\n")
    assert code == 2 and "standard input line 2 is not UTF-8" in err
    said = "b \xe4 a\n"
    assert run("--encoding", "cp1252", stdin=b"a \xe4 b\n")[1] == said
    assert run("a \udcff b")[1] == "b \ufffd a\n"


def test_several_are_a_block(run, translator):
    _, out, _ = run("a b c", "", "d", "--nbest", "2")
    blocks = (
        "-0.2500\tc b a\n-0.5000\tc b\n\n",
        "0.0000\t\n\n",
        "-0.2500\td\n\n",
    )
    assert out == "".join(blocks)
    assert translator.calls == [["d", "a b c"]]  # the empty one is not sent


def test_json_is_an_object_a_line(run):
    words = "--format", "json", "--nbest", "3"
    _, out, _ = run("é  b", "", *words)
    assert "é" in out and "Infinity" not in out
    first, second = map(json.loads, out.splitlines())
    assert first == {
        "source": "é b",
        "translations": [
            {"text": "b é", "score": -0.25},
            {"text": "b", "score": -0.5},
        ],
    }
    assert second == {
        "source": "",
        "translations": [{"text": "", "score": 0.0}],
    }


def test_a_translation_is_a_line_whatever_is_said(run, translator):
    said = {"texts": [["a\nb\tc\u2028d"]], "scores": [[float("nan")]]}
    translator.translate = lambda *_, **__: said
    assert run("x") == (0, "\n", "")
    assert json.loads(run("x", "--format", "json")[1])["translations"] == []
    said["scores"] = [[-1.0]]
    assert run("x") == (0, "a b c d\n", "")


def test_options_reach_the_translator(run, translator):
    given = {}
    translate = translator.translate
    translator.translate = lambda texts, **options: (
        given.update(options) or translate(texts, **options)
    )
    flags = "--beam 7 --nbest 3 --length-penalty 0.5 --coverage-penalty 0.2"
    run("a", *flags.split(), "--no-repeat", "3", "--minimum", "2")
    assert given == {
        "beam": 7,
        "nbest": 3,
        "length_penalty": 0.5,
        "coverage_penalty": 0.2,
        "no_repeat": 3,
        "minimum": 2,
    }


def test_an_endless_line_is_cut_and_said(run, translator, monkeypatch):
    monkeypatch.setattr(textfile, "_CHUNK", 1000)
    huge = "é " * 524_288
    code, out, err = run(stdin=f"a b\n{huge}\nc\n".encode())
    assert (code, len(out.splitlines())) == (0, 3)
    assert err == (
        "line 2: 1,048,576 characters; only the first 2,000 are read\n"
    )
    assert max(map(len, sum(translator.calls, []))) == 1999
    _, _, err = run("x" * 2001, "y" * 2000, " " * 2001 + "z")
    assert err.splitlines() == [
        "line 1: 2,001 characters; only the first 2,000 are read"
    ]


# -- what was not read, and is said --------------------------------------------


@pytest.mark.parametrize(
    "text, tokens, lacking, cut",
    [
        ("hola", ["\u2581ho", "la", "<end>", ""], "", False),
        (
            "hola \u4f60\u597d",
            ["\u2581hola", "\u2581"] + 2 * UNKNOWN,
            LACKING,
            False,
        ),
        ("\u4f60\u597d\u4f60", 4 * UNKNOWN, LACKING, False),
        ("hola \u4f60 x", ["\u2581hola", "\u2581"], "", True),
        ("a\u200db\u2581", ["\u2581a", "\u2581b", *UNKNOWN], "_", False),
        ("hola", ["\u2581other"], "", False),
        (" \t", ["<end>"], "", False),
    ],
)
def test_what_was_not_read_is_known_by_the_sub_words(
    text, tokens, lacking, cut
):
    assert unread_source.find_unread(text, tokens) == (lacking, cut)


def test_doubts_are_said(run, translator):
    answer = {
        "texts": [["Let's go."]],
        "scores": [[-1.0]],
        "source_tokens": [["\u2581", *UNKNOWN, "<end>"]],
    }
    translator.translate = lambda *_, **__: answer
    code, out, err = run(stdin="\n\n\u4f60\u597d\n".encode())
    assert (code, out) == (0, "\n\nLet's go.\n")
    lacks = "letters that the vocabulary lacks: \u4f60"
    assert err.splitlines() == [
        f"line 3: {lacks}",
        "line 3: only the first 2 sub-words are read",
    ]
    row = json.loads(run("\u4f60\u597d", "--format", "json")[1])
    assert row["unsure"] == [lacks, "only the first 2 sub-words are read"]
    assert row["cut"] is True


def test_a_file_is_checked_before_work(run, translator, tmp_path):
    (tmp_path / "in.txt").write_bytes(b"a\n" * 9999 + b"\xe9\n")
    words = "--input", "in.txt", "--output", "out.txt"
    code, _, err = run(*words)
    assert code == 2 and "in.txt line 10000 is not UTF-8" in err
    assert not translator.calls and names(tmp_path) == ["in.txt"]
    assert run(*words, "--encoding", "latin-1")[0] == 0
    assert (tmp_path / "out.txt").read_text("utf-8").endswith("a\n\u00e9\n")
    (tmp_path / "in.gz").write_bytes(gzip.compress(b"a b\rc d\r"))
    assert run("--input", "in.gz")[1] == "b a\nd c\n"


# -- how lines are read ------------------------------------------------------


class Pieces(io.BytesIO):
    """A pipe that brings these, one after the other."""

    def __init__(self, *pieces):
        super().__init__()
        self.pieces = list(pieces)

    def read1(self, size=-1):
        return self.pieces.pop(0) if self.pieces else b""


def test_what_has_come_is_read_at_once():
    pipe = Pieces(b"a\n", b"b\nc\nd", b"\xc3", b"\xa9\n\ne\nf\ng")
    found = [
        [line.text for line in some]
        for some in input_lines.read_windows(pipe, 3)
    ]
    assert found == [["a"], ["b", "c"], ["dé", "", "e"], ["f"], ["g"]]
    content = "a\né\n\nbc".encode()
    for k in range(1, len(content)):
        pipe = Pieces(content[:k], content[k:])
        found = [
            line for some in input_lines.read_windows(pipe, 3) for line in some
        ]
        assert [line.number for line in found] == [1, 2, 3, 4]
        assert [line.text for line in found] == ["a", "é", "", "bc"]
        assert [line.length for line in found] == [1, 1, 0, 2]


def test_a_pipe_is_answered_line_by_line():
    code = (
        "import mirror; from seqapps.tasks.translation import command;"
        "command.translate(mirror.Mirror())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"},
    ) as process:
        for text in (b"a b\n", b"c d e\n"):
            process.stdin.write(text)
            process.stdin.flush()
            words = process.stdout.readline().split()
            assert words == text.split()[::-1]
        process.stdin.close()
        assert process.wait(60) == 0


def test_texts_of_like_length_go_together(run, translator):
    texts = [f"{'w ' * (7 * k % 11)}x{k}" for k in range(11)]
    _, out, _ = run(*texts, "--batch-size", "3")
    assert out.split("\n")[:-1] == [
        " ".join(text.split()[::-1]) for text in texts
    ]
    sent = sum(translator.calls, [])
    assert sent == sorted(texts, key=len)
    assert [len(batch) for batch in translator.calls] == [3, 3, 3, 2]


# -- what goes on where it stood ---------------------------------------------

TEXTS = [f"{k} of{'' if k % 5 else ' the'} many" for k in range(100)]
WORDS = "--input", "in.txt", "--output", "out.txt", "--batch-size", "1"


def told(translator, after, error):
    """A translator that fails at its so-manyeth call."""
    translate = translator.translate

    def failing(texts, **options):
        if len(translator.calls) >= after:
            raise error
        return translate(texts, **options)

    translator.translate = failing
    return lambda: setattr(translator, "translate", translate)


@pytest.fixture
def whole(run, tmp_path):
    """What an unbroken run gives, by the further words of the command."""
    (tmp_path / "in.txt").write_text("\n".join(TEXTS), "utf-8")

    def whole(*words):
        run(*WORDS, *words)
        found = (tmp_path / "out.txt").read_bytes()
        (tmp_path / "out.txt").unlink()
        return found

    return whole


@pytest.mark.parametrize(
    "words", [[], ["--nbest", "2"], ["--format", "json"]], ids=str
)
def test_an_interrupted_file_goes_on(run, translator, tmp_path, whole, words):
    expected = whole(*words)
    translator.calls.clear()
    heal = told(translator, 71, KeyboardInterrupt())
    code, _, err = run(*WORDS, *words)
    assert code == 130 and "64 lines are done; the same command" in err
    assert not (tmp_path / "out.txt").exists()
    with (tmp_path / ".out.txt.partial").open("ab") as file:
        file.write(b"half a li")  # as a machine that fell in writing leaves
    heal()
    translator.calls.clear()
    code, _, err = run(*WORDS, *words)
    assert code == 0 and "64 lines are done, and the rest follows" in err
    assert (tmp_path / "out.txt").read_bytes() == expected
    assert len(translator.calls) == 1 + 36  # one to know the model by
    assert names(tmp_path) == ["in.txt", "out.txt"]


def test_a_killed_process_goes_on(run, tmp_path, whole):
    expected = whole()
    code = (
        "import mirror, os, signal, sys\n"
        "from pathlib import Path\n"
        "from seqapps.tasks.translation import command\n"
        "class Falling(mirror.Mirror):\n"
        "    def translate(self, texts, **options):\n"
        "        if len(self.calls) == 50:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return super().translate(texts, **options)\n"
        "command.translate(Falling(), input=Path('in.txt'),"
        " output=Path('out.txt'), batch_size=1)"
    )
    env = os.environ | {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    process = subprocess.run([sys.executable, "-c", code], env=env, timeout=60)
    assert process.returncode == -9
    assert names(tmp_path) == [
        ".out.txt.partial",
        ".out.txt.partial.json",
        "in.txt",
    ]
    code, _, err = run(*WORDS)
    assert code == 0 and err.startswith("out.txt: 32 lines are done, and")
    assert (tmp_path / "out.txt").read_bytes() == expected


def test_something_else_begins_again(run, translator, tmp_path, whole):
    expected = whole()

    def broken():
        translator.calls.clear()
        heal = told(translator, 40, OSError("the disk is full"))
        code, _, err = run(*WORDS)
        assert code == 2 and "32 lines are done; the same" in err
        assert "disk is full" in err
        heal()

    broken()
    assert "another --beam: beginning again" in run(*WORDS, "--beam", "4")[2]
    broken()
    os.utime(tmp_path / "in.txt", (3, 5))
    assert "another input: beginning again" in run(*WORDS)[2]
    broken()
    translator.shift = 0.125
    assert "another model: beginning again" in run(*WORDS)[2]
    translator.shift = 0.0
    broken()
    said = run(*WORDS[2:], stdin=b"a b\n")[2]
    assert "another input: beginning again" in said
    assert (tmp_path / "out.txt").read_text() == "b a\n"
    broken()
    (tmp_path / ".out.txt.partial").write_bytes(b"")  # lost by a fallen machine
    assert "beginning again" in run(*WORDS)[2]
    assert (tmp_path / "out.txt").read_bytes() == expected
    broken()
    (tmp_path / ".out.txt.partial.json").write_text("{")
    assert run(*WORDS)[2] == ""
    assert (tmp_path / "out.txt").read_bytes() == expected
    assert names(tmp_path) == ["in.txt", "out.txt"]


def test_what_fails_at_once_leaves_nothing(run, translator, tmp_path, whole):
    whole()
    (tmp_path / "out.txt").write_text("old")
    translator.calls.clear()
    told(translator, 9, InputError("no"))
    assert run(*WORDS) == (2, "", "seqapps translation: no\n")
    assert run(*WORDS[2:], stdin=b"a\n")[0] == 2
    assert names(tmp_path) == ["in.txt", "out.txt"]
    assert (tmp_path / "out.txt").read_text() == "old"


def test_two_at_once_do_not_mix(tmp_path):
    pytest.importorskip("fcntl")
    with resumable_output.ResumableOutput(
        tmp_path / "out.txt", {"a": 1}
    ) as draft:
        draft.add("one\n", 1)
        with pytest.raises(InputError, match="another process"):
            resumable_output.ResumableOutput(
                tmp_path / "out.txt", {"a": 1}
            ).__enter__()
        draft.add("two\n", 1)
    assert (tmp_path / "out.txt").read_text() == "one\ntwo\n"


# -- pictures ----------------------------------------------------------------


@pytest.mark.parametrize(
    "name, start",
    [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")],
)
def test_what_was_looked_at_is_drawn(run, translator, tmp_path, name, start):
    code, out, err = run("", *"abcde", "--explain", name)
    assert (code, out) == (0, "\na\nb\nc\nd\ne\n") and name in err
    assert (tmp_path / name).read_bytes().startswith(start)
    assert translator.calls[0] == ["a", "b", "c", "d"]


def test_a_map_has_no_padding(translator):
    maps = heatmap.attention_maps(
        translator, ["a b c", "d"], {"beam": 3, "nbest": 2}
    )
    assert maps[0].source == ["▁a", "▁b", "▁c", "<end>"]
    assert maps[0].target == ["▁c", "▁b", "▁a", "<end>"]
    expected = np.eye(4)[[2, 1, 0, 3]]
    np.testing.assert_array_equal(maps[0].weights, expected)
    assert maps[1].weights.shape == (2, 2)


def test_labels_show_where_words_begin():
    tokens = ["▁un", "likely", ".", "▁", "▁(", "<end>"]
    said = ["un", "·likely", ".", "␣", "(", "end"]
    assert heatmap.token_labels(tokens) == said


def test_any_letters_can_be_drawn_and_none_is_cut_off():
    odd = ["▁日本", "語", "▁$x_1$", "▁שלום", "▁\U0001f600", "\x00", "<end>"]
    long = [f"▁{'w' * (k % 13 + 1)}" for k in range(70)]
    for source, target in ((odd, long), (long, odd), (odd[-1:], odd[-1:])):
        weights = np.full((len(target), len(source)), 1 / len(source))
        found = heatmap.render([heatmap.AttentionMap(source, target, weights)])
        pixels = image.imread(io.BytesIO(found))
        for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
            assert (edge == 1).all()


def test_markup_is_drawn_as_letters():
    odd = ["\u2581<script>x</script>", "--><a>", "\u2581$\\input{x}$", "&lt;"]
    map = heatmap.AttentionMap(odd, odd[::-1], np.eye(4)[::-1])
    drawn = heatmap.render([map], "svg").decode()
    tags = {node.tag for node in ElementTree.fromstring(drawn).iter()}
    assert not {tag for tag in tags if tag.endswith(("}script", "}a"))}
    assert "<script" not in drawn


def test_colours_darken_evenly():
    colours = heatmap._colours()(np.linspace(0, 1, 21))[:, :3]
    linear = np.where(
        colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4
    )
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    light = np.where(
        luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance
    )  # CIE L*
    assert light[0] > 95 and np.ptp(colours[0]) < 0.001
    steps = -np.diff(light)[:-1]
    assert 4 < steps.min() and steps.max() < 7


# -- what is refused ---------------------------------------------------------


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "no text"),
        (["a", "--input", "in.txt"], "not both"),
        (["--input", "none.txt"], "no file none.txt"),
        (["--input", "."], "is not a file"),
        (["--input", "in.txt", "--output", "in.txt"], "is the input"),
        (["--input", "in.txt", "--output", "./in.txt"], "is the input"),
        (["--input", "in.txt", "--explain", "in.txt"], "is the input"),
        (["--input", "in.txt", "--output", "no/out.txt"], "no folder no"),
        (["a", "--output", "."], "is not a file"),
        (["a", "--explain", "no/a.png"], "no folder no"),
        (["a", "--explain", "a.gif"], ".png, .svg or .pdf"),
        (["a", "--explain", "a.png", "--output", "a.png"], "cannot be both"),
        (["a", "--beam", "0"], "--beam is from 1 to 100"),
        (["a", "--beam", "101"], "--beam is from 1 to 100"),
        (["a", "--nbest", "0"], "--nbest is from 1 to --beam"),
        (["a", "--nbest", "6"], "--nbest is from 1 to --beam"),
        (["a", "--length-penalty", "-1"], "--length-penalty is 0 or more"),
        (["a", "--length-penalty", "nan"], "--length-penalty is 0 or more"),
        (["a", "--coverage-penalty", "inf"], "--coverage-penalty is 0 or more"),
        (["a", "--no-repeat", "-1"], "--no-repeat is 0 or more"),
        (["a", "--minimum", "-1"], "--minimum is 0 or more"),
        (["a", "--batch-size", "0"], "--batch-size is 1 or more"),
        (["a", "--format", "xml"], "--format"),
    ],
    ids=str,
)
def test_bad_input_leaves_nothing(run, words, said, tmp_path):
    (tmp_path / "in.txt").write_text("a b\n")
    code, out, err = run(*words, stdin=b"")
    assert code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1 and said in err
    assert names(tmp_path) == ["in.txt"]
    assert (tmp_path / "in.txt").read_text() == "a b\n"


def test_a_model_that_looks_at_nothing_says_so(run, translator, tmp_path):
    translator.blind = True
    code, out, err = run("a", "--explain", "a.png")
    assert code == 2 and out == "" and "no attention to show" in err
    assert names(tmp_path) == []


def test_text_is_sent_composed(translator, capsys):
    decomposed = unicodedata.normalize("NFD", "señor")
    command.translate(translator, decomposed)
    assert capsys.readouterr().out == "señor\n"
