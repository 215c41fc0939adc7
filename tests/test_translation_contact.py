"""The arithmetic and the tables of benchmarks/translation_contact.py."""

import argparse
import importlib
import unicodedata
from pathlib import Path

import numpy as np
import pytest

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    contact = importlib.import_module("translation_contact")
    measures = importlib.import_module("translation_contact_measures")
    texts = importlib.import_module("translation_contact_texts")


class Model:
    """Says what `say` makes of a text; its score is minus its length."""

    def __init__(self, say=str, **figures):
        self.say, self.figures = say, figures

    def translate(self, texts):
        said = [self.say(text) for text in texts]
        own = {n: [f(text) for text in texts] for n, f in self.figures.items()}
        return {
            "texts": [[text] for text in said],
            "scores": [[-float(len(text))] for text in said],
            **own,
        }


def lines(capsys):
    return capsys.readouterr().out.strip().splitlines()


# -- arithmetic --------------------------------------------------------------


@pytest.mark.parametrize(
    ("string", "text", "count"),
    [
        ("12", "12 and 12, but not 112, 12.5, 7:12 or 1,12", 2),
        ("12", "It costs €12.", 1),
        ("1,200.50", "It is 1,200.50.", 1),
        ("1,200.50", "It is 21,200.50 or 1,200.505.", 0),
        ("Ana", "Anabel, Susana and ana", 0),
        ("Ana", "«Ana», Ana's", 2),
        ("%s", "100%s or %sa", 1),
        ("$HOME", "$HOMES $HOME/x", 1),
        ("</b>", "<b>a</b>b", 1),
        ("a.b", "a.b acb", 1),
        ("-18 °C", "-18 °C", 1),
    ],
)
def test_how_often_a_string_stands(string, text, count):
    assert measures.occurrences(string, text) == count


def test_what_stands_twice_must_be_kept_twice():
    assert measures.lost("%s | %s | 7", "%s of 7") == ["%s"]
    assert measures.lost("%s | %s | 7", "7 %s %s") == []
    assert measures.lost("7 | x", "") == ["7", "x"]
    assert measures.lost("", "nothing to keep") == []


def test_equal_values_share_a_rank():
    assert measures.ranks([5, 1, 5, 9]).tolist() == [2.5, 1, 2.5, 4]


def test_the_correlation_of_ranks():
    assert measures.spearman([1, 2, 3], [1, 10, 11]) == pytest.approx(1)
    assert measures.spearman([1, 2, 3], [0, -1, -9]) == pytest.approx(-1)
    # ranks 1, 2.5, 2.5, 4 and 4, 3, 2, 1
    found = measures.spearman([1, 2, 2, 4], [4, 3, 2, 1])
    assert found == pytest.approx(-4.5 / np.sqrt(4.5 * 5))
    assert np.isnan(measures.spearman([1, 2], [3, 3]))


def test_the_chrf_of_a_sentence_is_from_0_to_100():
    assert measures.sentence_chrf("the cat", "the cat") == pytest.approx(100)
    assert measures.sentence_chrf("xyz", "the cat") == 0
    assert 0 < measures.sentence_chrf("the hat", "the cat") < 100


def test_forms_of_a_sentence():
    made = {name: f("¿Qué año es? ") for name, f in texts.FORMS.items()}
    assert made == {
        "as they are": "¿Qué año es? ",
        "CAPITALS": "¿QUÉ AÑO ES? ",
        "without accents": "¿Que ano es? ",
        "lower case": "¿qué año es? ",
        "without end mark": "¿Qué año es",
        "NFD": unicodedata.normalize("NFD", "¿Qué año es? "),
        "Windows end of line": "¿Qué año es? \r\n",
    }
    assert len(made["NFD"]) == len("¿Qué año es? ") + 2


def test_several_sentences_on_a_line():
    pairs = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E")]
    assert texts.on_lines(pairs, 2) == [("a b", "A B"), ("c d", "C D")]
    assert texts.on_lines(pairs, 3) == [("a b c", "A B C")]


def test_translations_come_back_in_order():
    sources = [f"{'x' * (i % 7)}{i}" for i in range(150)]
    said = measures.translate(Model(str.upper), sources)
    assert said.texts == [text.upper() for text in sources]
    assert said.scores == [-len(text) for text in sources]
    assert said.quality == said.unsure == [None] * 150


def test_figures_of_a_text_or_of_its_translations():
    model = Model(quality=lambda t: [len(t), 0], unsure=lambda t: t == "a")
    said = measures.translate(model, ["bb", "a"])
    assert said.quality == [2, 1]
    assert said.unsure == [False, True]


def test_test_sentences_are_of_one_split_and_turn_round(tmp_path):
    table = "".join(f"Word {i}.\tPalabra {i}.\n" for i in range(500))
    (tmp_path / "spa.txt").write_text(table, encoding="utf-8")
    few = texts.tatoeba(tmp_path, 3, 1, False)
    every = texts.tatoeba(tmp_path, 500, 1, False)
    assert len(few) == 3 and len(every) < 50
    assert set(few) < set(every)
    assert all(pair[0].startswith("Palabra") for pair in every)
    turned = texts.tatoeba(tmp_path, 3, 1, True)
    assert turned == [pair[::-1] for pair in few]


# -- tables ------------------------------------------------------------------


def test_the_share_of_kept_strings(capsys):
    rows = [
        {"kind": "name", "source": "Ana y Luz", "kept": "Ana | Luz"},
        {"kind": "name", "source": "Ana", "kept": "Ana"},
        {"kind": "place", "source": "Lima", "kept": "Lima"},
    ]
    contact.kept(Model(lambda text: text.replace("Luz", "light")), rows)
    assert lines(capsys)[2:] == [
        "| **all** | 3 | 4 | 75.0 | 66.7 |",
        "| **names** | 3 | 4 | 75.0 | 66.7 |",
        "| name | 2 | 3 | 66.7 | 50.0 |",
        "| place | 1 | 1 | 100.0 | 100.0 |",
    ]


def test_paragraphs_at_once_and_a_sentence_at_a_time(capsys, monkeypatch):
    row = {"source": "a b c. | d e f.", "reference": "a b c. d e f."}
    monkeypatch.setattr(contact, "read", lambda name, folder: [row])

    asked = []

    def say(text):  # what stands after the first sentence is lost
        asked.append(text)
        return text.partition(".")[0] + "."

    contact.paragraphs(Model(say), Path())
    whole, alone = lines(capsys)
    assert asked == ["a b c. d e f.", "a b c.", "d e f."]
    assert whole.endswith("| 0.50 |")
    assert alone.endswith("| 1 | 100.0 | 100.0 | 100.0 | 1.00 |")


def test_figures_are_compared_with_chrf(capsys):
    said = measures.Said(
        ["the cat", "a dot", "xyz"],
        [-1, -3, -2],
        [9, 5, 1],
        [False, True, True],
    )
    contact.agreement("all", said, ["the cat", "a dog", "a hen"])
    none = [None] * 3
    some = measures.Said(said.texts, said.scores, none, none)
    contact.agreement("some", some, ["the cat", "a dog", "a hen"])
    assert lines(capsys) == [
        "| all | 3 | 0.50 | 1.00 | 66.7 |",
        "| some | 3 | 0.50 |  |  |",
    ]


def test_nonsense_is_counted_three_ways(capsys, monkeypatch):
    inputs = "xx  yy", "q", "|", "x" * 60, "x" * 96
    rows = [{"why": "odd", "input": text} for text in inputs]
    monkeypatch.setattr(contact, "untranslatable", lambda reverse: rows)
    scores = [-float(i) for i in range(1, 101)]  # 95 % are above -95.05
    usual = measures.Said(["a"] * 100, scores, [1] * 100, [False] * 100)

    def say(text):
        return " ".join(text.split()).replace("q", "Q")

    contact.nonsense(Model(say, unsure=lambda t: t == "q"), usual, False)
    table = lines(capsys)
    assert table[2:5] == [
        "| odd | xx yy | xx yy | -5.00 |  | False |",
        "| odd | q | Q | -1.00 |  | True |",
        "| odd | &#124; | &#124; | -1.00 |  | False |",
    ]
    assert table[-3:] == [
        "below travel: 1 of 5",
        "given back as it was: 4 of 5",
        "marked as unsure: 1 of 5",
    ]


def test_a_page_is_the_same_by_seed_and_names_what_is_lost(capsys):
    given = argparse.Namespace(reverse=False, texts=3, seed=4)

    def page():
        contact.page(Model(lambda text: ""), Model(), given)
        return capsys.readouterr().out

    first = page()
    assert first == page()
    given.seed = 5
    assert first != page()
    heads = [line[3:] for line in first.splitlines() if line[:3] == "## "]
    assert [*heads[:4], heads[-1]] == [
        *("Names", "Numbers", "Codes", "Protected"),
        "Nonsense",
    ]
    names = first.split("## ")[1].splitlines()[4:7]
    for line in names:
        source, _, before, now = line.strip("| ").split(" | ")
        assert before.startswith("**lost: ") and source in now
