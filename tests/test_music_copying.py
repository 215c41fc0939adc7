import math
import random
from fractions import Fraction

import pytest

from seqapps.tasks.music.evaluation import copying
from seqapps.tasks.music.evaluation.copying import Corpus
from seqapps.tasks.music.notation.abc import Tune


def tune(body, key="C", meter="4/4"):
    return Tune("", key, "major", meter, body)


def shared(body, *known, key="C"):
    return Corpus(map(tune, known)).longest(tune(body, key))


def test_pattern():
    quarter, half = Fraction(1, 4), Fraction(1, 2)
    pattern = copying.pattern(tune("z2 C2 | E2- E2 z2 z2 |: (3 D4 D4 D4 :| z8"))
    assert pattern == [
        *(quarter, (4, 0)),
        *(half, (-2, half)),
        *(Fraction(1, 3), (0, 0)),
        *(Fraction(1, 3), (0, 0)),
        Fraction(1, 3),
    ]


@pytest.mark.parametrize(
    "body, notes",  # beside C D2 E3 F G
    [
        ("C D2 E3 F G", 5),
        ("D E2 ^F3 G A", 5),  # transposed
        ("c d2 e3 f g", 5),
        ("a C D2 E3 F G a", 5),
        ("C D2 E2 F G", 2),  # C D2; F G are but two as well
        ("C D2 E2- E F G", 5),
        ("C D2 E3 F G2", 4),  # the last length differs
        ("C2 D2 E3 F G", 4),  # the first
        ("C D2 E3 ^F G", 3),
        ("D2 E3 G F", 2),
        ("A2 c3", 1),  # the lengths agree, the interval does not
        ("A3 B", 1),
        ("A3 _B", 2),
        ("A4", 0),
        ("C2 D4 E6 F2 G2", 1),  # in other note values
    ],
)
def test_a_run_of_n_notes_has_n_lengths_and_one_interval_less(body, notes):
    known = "C D2 E3 F G"
    assert shared(body, known) == notes
    assert shared(known, body) == notes  # which of the two is the corpus


def test_bar_lines_repeats_and_endings_are_passed_over():
    plain = "C D E2 F2 G A B c2 B"
    barred = "|: C D | E2 F2 :: G A | [1 B :| [2 c2 B |]"
    assert shared(barred, plain) == shared(plain, barred) == 9


def test_a_bar_line_ends_an_accidental():
    assert shared("^F G F E", "^F G | F E") == 2
    assert shared("^F G ^F E", "^F G | F E") == 2
    assert shared("^F G =F E", "^F G | F E") == 4


def test_the_key_is_read():
    assert shared("A B c d e", "C D E F G") == 4  # A B c d like D E F G
    assert shared("A B c d e", "C D E F G", key="A") == 5


def test_rests_are_part_of_a_run():
    known = "C D z2 E F"
    assert shared("C D z2 E F", known) == 4
    assert shared("C D z z E F", known) == 4  # they sound the same
    assert shared("C D z E F", known) == 2
    assert shared("C D E F", known) == 2
    assert shared("C D2 z E F", known) == 2
    assert shared("z4 C D z2 E F z8", known) == 4  # not those around it


def test_ties():
    assert shared("C2 D4 E2", "C2 D2- | D2 E2") == 3
    assert shared("C2 D2 D2 E2", "C2 D2- | D2 E2") == 1
    assert shared("C2 D2- D2 E2", "C2 D2- | D2 E2") == 3


def test_no_run_goes_on_from_one_tune_into_another():
    assert shared("C D2 E3 F4", "C D2", "E3 F4") == 2
    assert shared("C D2 E3 F4", "G,2 C D2 E3", "D2 E3 F4 G") == 3


def test_nothing_is_shared_with_nothing():
    assert shared("C D E") == 0
    assert shared("z8", "C D E") == 0
    assert shared("C D E", "z8") == 0


def test_equals_comparing_every_run_with_every_run():
    rng = random.Random(0)

    def some():
        tokens = ["C", "D", "E", "C2", "z", "|"]
        return tune(" ".join(rng.choices(tokens, k=rng.randint(0, 30))))

    def runs(tune):
        items = copying.pattern(tune)
        return {
            tuple(items[i:j])
            for i in range(0, len(items), 2)
            for j in range(i + 1, len(items) + 1, 2)
        }

    lengths = set()
    for _ in range(100):
        corpus, query = [some() for _ in range(5)], some()
        common = set.union(*map(runs, corpus)) & runs(query)
        expected = max((len(run) // 2 + 1 for run in common), default=0)
        assert Corpus(corpus).longest(query) == expected
        lengths.add(expected)
    assert len(lengths) > 5


def test_shares():
    corpus = Corpus([tune("C D E F G A B c")])
    tunes = [tune("C D E F"), tune("D E F G A"), tune("C2 D2"), tune("d e f")]
    assert copying.measure_copying(iter(tunes), corpus, above=3) == {
        "copying: share above 3 notes": 1 / 2,
        "copying: mean of longest runs": 3,
        "copying: longest run": 5,
    }
    none = copying.measure_copying([], corpus)
    assert list(none)[0] == "copying: share above 32 notes"
    assert all(math.isnan(value) for value in none.values())
