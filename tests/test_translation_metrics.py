"""Every measure to an exact number, and what is written beside."""

import csv
import math

import mirror
import pytest
import sacrebleu

from seqapps.errors import InputError
from seqapps.task import Data
from seqapps.tasks.translation import metrics
from seqapps.tasks.translation.options import TranslateOptions
from seqapps.tasks.translation.rendering import report

SAID = ["the cat sat on the mat", "a Dog runs in the park .", "no"]
REFERENCES = ["the cat sat on a mat", "A dog runs in the park.", "yes"]


def data(*pairs):
    sources, targets = zip(*pairs, strict=True) if pairs else ((), ())
    return Data(None, None, None, None, {"test": (sources, targets)})


def test_bleu_is_its_equation():
    # of 6 words 5 are right, of 5 pairs 3, of 4 threes 2, of 3 fours 1
    shares = 5 / 6 * 3 / 5 * 2 / 4 * 1 / 3
    found = metrics.bleu(SAID[:1], REFERENCES[:1])
    assert found == pytest.approx(100 * shares**0.25)
    short = metrics.bleu(["a b c d"], ["a b c d e"])
    assert short == pytest.approx(100 * math.exp(1 - 5 / 4))
    assert metrics.length_ratio(["a b c d"], ["a b c d e"]) == 4 / 5
    assert metrics.length_ratio(["a"], [""]) == 1


def test_letters_matter_unless_they_are_lowered():
    assert metrics.bleu(["A B C D"], ["a b c d"]) == 0
    assert metrics.bleu(["A B C D"], ["a b c d"], True) == pytest.approx(100)


def test_bleu_and_chrf_are_those_of_sacrebleu():
    cased = sacrebleu.corpus_bleu(SAID, [REFERENCES]).score
    lower = sacrebleu.corpus_bleu(SAID, [REFERENCES], lowercase=True).score
    assert 0 < cased < lower < 100
    assert metrics.bleu(SAID, REFERENCES) == cased
    assert metrics.bleu(SAID, REFERENCES, True) == lower
    chrf = sacrebleu.corpus_chrf(SAID, [REFERENCES]).score
    assert metrics.chrf(SAID, REFERENCES) == chrf


def test_chrf_is_its_equation():
    # of "ab" and "abc": 2 of 2 and of 3 letters, 1 of 1 and of 2 pairs
    precision, recall = 1, (2 / 3 + 1 / 2) / 2
    expected = 100 * 5 * precision * recall / (4 * precision + recall)
    # runs that one side is too short for do not count
    assert metrics.chrf(["ab"], ["abc"]) == pytest.approx(expected)


def test_perplexity_is_a_mean_over_sub_words():
    logs = [math.log(1 / 8), math.log(1 / 4) + math.log(1 / 2)]
    assert metrics.perplexity(logs, [1, 2]) == pytest.approx(4)
    assert metrics.perplexity([], []) == 1


def test_lengths_have_their_bounds():
    sources = ["w " * n for n in (1, 8, 9, 12, 13, 16, 17, 24, 25, 99)]
    good, bad = "a b c d", "E F G H"
    said = [good] * 2 + [bad] * 2 + [good] * 6
    found = metrics.bleu_by_length(sources, said, ["A B C d"] * 10)
    assert list(found) == ["1-8", "9-12", "13-16", "17-24", "25+"]
    assert [count for _, count in found.values()] == [2] * 5
    assert found["9-12"][0] == 0 and found["25+"][0] == pytest.approx(100)
    assert metrics.bleu_by_length(["", "w"], ["a", "a"], ["b", "b"]) == {
        "1-8": (0, 2)
    }


PAIRS = [
    ("e d c b a", "a b c d e"),
    ("w " * 8 + "x", "X " + "w " * 8),
    ('one "two"', "something else\t entirely"),
]


def test_score_measures_all(tmp_path, capsys):
    translator = mirror.Mirror()
    found = metrics.score(
        translator, data(*PAIRS), batch_size=2, output=tmp_path / "out"
    )
    said = ["a b c d e", "x " + "w " * 8, '"two" one']
    references = [pair[1] for pair in PAIRS]
    for how in (f"beam {TranslateOptions.beam}", "greedy"):
        assert found[f"BLEU, {how}"] == metrics.bleu(said, references)
        assert found[f"chrF, {how}"] == metrics.chrf(said, references)
    assert found["test pairs"] == 3
    assert found["perplexity a sub-word"] == pytest.approx(math.exp(0.25))
    assert found["BLEU lower-cased, 9-12 words (1)"] == pytest.approx(100)
    assert sorted(map(len, translator.calls)) == [1, 1, 2, 2]
    last = list(found)[-3:]
    assert all(math.isnan(found[name]) for name in last)
    assert "case:mixed" in last[0] and "case:lc" in last[1]
    assert all("tok:13a" in name for name in last[:2]) and "nc:6" in last[2]
    assert "by_length.png" in capsys.readouterr().err
    with (tmp_path / "out/translations.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["source"] for row in rows] == [pair[0] for pair in PAIRS]
    assert rows[0]["BLEU"] == rows[0]["chrF"] == "100.00"
    assert rows[2]["translation"] == said[2]
    assert (tmp_path / "out/by_length.png").read_bytes()[1:4] == b"PNG"


def test_score_takes_what_it_is_told():
    translator = mirror.Mirror()
    found = metrics.score(
        translator, data(*PAIRS), beam=1, limit=2, batch_size=5
    )
    assert found["test pairs"] == 2 and "BLEU, greedy" in found
    assert translator.calls == [[PAIRS[0][0], PAIRS[1][0]]]
    found = metrics.score(translator, data(*PAIRS), beam=3, greedy=False)
    assert "BLEU, beam 3" in found and "BLEU, greedy" not in found


@pytest.mark.parametrize(
    "words, said",
    [
        ({"beam": 0}, "beam is from 1 to 100, not 0"),
        ({"length_penalty": -1.0}, "length_penalty is 0 or more, not -1"),
        (
            {"coverage_penalty": math.nan},
            "coverage_penalty is 0 or more",
        ),
        ({"limit": -1}, "limit is 0 or more"),
        ({"batch_size": 0}, "batch_size is 1 or more"),
    ],
    ids=str,
)
def test_bad_numbers_are_said(words, said):
    with pytest.raises(InputError, match=said):
        metrics.score(mirror.Mirror(), data(*PAIRS), **words)


def test_nothing_to_measure_is_said():
    with pytest.raises(InputError, match="no pairs"):
        metrics.score(mirror.Mirror(), data())


def test_examples_begin_with_the_extremes():
    texts = [(str(k), "a" * 10, "a" * k + "b" * (10 - k)) for k in range(10)]
    rows = report.score_rows(texts)
    worst, best = report.examples(rows[::-1]).split("The 5 best by chrF")
    assert worst.startswith("The 5 worst by chrF\n\n   0.0  source       0\n")
    assert best.split()[:3] == [f"{rows[9][3]:.1f}", "source", "9"]
    many = report.examples(report.score_rows(texts * 5))
    assert "The 20 worst" in many and many.count("translation") == 40


def test_a_short_text_has_a_bleu():
    ((*_, chrf, bleu),) = report.score_rows([("x", "good day", "good day")])
    assert bleu == pytest.approx(100) and chrf == pytest.approx(100)
