"""The suites that benchmarks/translation_contact.py reads: their form."""

import importlib
from collections import Counter
from pathlib import Path

import pytest

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    measures = importlib.import_module("translation_contact_measures")
    texts = importlib.import_module("translation_contact_texts")

KEPT = ("kept", "kept_en_es")
COLUMNS = {
    "kept": ["kind", "source", "reference", "kept"],
    "kept_en_es": ["kind", "source", "reference", "kept"],
    "travel": ["source", "reference"],
    "paragraphs": ["sentences", "source", "reference"],
    "nonsense": ["why", "input"],
}
LEAST = {
    "kept": 560,
    "kept_en_es": 200,
    "travel": 200,
    "paragraphs": 120,
    "nonsense": 120,
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_suite_has_its_columns_and_no_row_twice(name):
    rows = texts.read(name)
    assert len(rows) >= LEAST[name]
    assert all(list(r) == COLUMNS[name] for r in rows)
    assert None not in [value for r in rows for value in r.values()]
    for column in {"source", "reference", "input"} & set(COLUMNS[name]):
        often = Counter(r[column] for r in rows).most_common(1)
        assert often[0][1] == 1, often
    for r in rows:
        filled = [v for k, v in r.items() if k != "input"]
        assert all(value and value == value.strip() for value in filled), r


@pytest.mark.parametrize("name", KEPT)
def test_kinds_have_as_many_sentences(name):
    counts = Counter(r["kind"] for r in texts.read(name))
    assert set(counts) == set().union(*texts.GROUPS.values())
    assert len(set(counts.values())) == 1


@pytest.mark.parametrize("name", KEPT)
def test_kept_strings_stand_in_the_reference(name):
    for r in texts.read(name):
        assert 1 <= len(r["kept"].split(" | ")) <= 3
        assert measures.lost(r["kept"], r["reference"]) == [], r


@pytest.mark.parametrize("name", KEPT)
def test_names_codes_and_what_is_protected_stand_in_both(name):
    both = {"name", *texts.GROUPS["codes"], *texts.GROUPS["protected"]}
    rows = [r for r in texts.read(name) if r["kind"] in both]
    assert rows
    for r in rows:
        assert measures.lost(r["kept"], r["source"]) == [], r


def test_paragraphs_have_as_many_sentences_as_they_say():
    rows = texts.read("paragraphs")
    for r in rows:
        assert r["source"].count(" | ") + 1 == int(r["sentences"]), r
    assert {r["sentences"] for r in rows} == {"2", "3", "4"}
    assert all("|" not in r["reference"] for r in rows)


def test_english_is_no_nonsense_to_a_reader_of_english():
    why = {r["why"] for r in texts.untranslatable(False)}
    assert why - {r["why"] for r in texts.untranslatable(True)} == {"English"}
