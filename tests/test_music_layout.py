"""The melody of a tune, its repeats, and its layout."""

from fractions import Fraction

import pytest

from seqapps.tasks.music.notation import keys
from seqapps.tasks.music.notation.abc import Tune
from seqapps.tasks.music.notation.melody import expand_repeats, melody
from seqapps.tasks.music.rendering.layout import beamed


def notes(body, key="C"):
    of = keys.parse_key(key)
    return melody(Tune("", of.tonic, of.mode, "4/4", body))


def test_melody_hears_the_key_and_the_bar():
    melody_ = notes("F ^C C c | C B z2 |]", key="D")
    assert [p for p, _ in melody_] == [66, 61, 61, 73, 61, 71, None]
    melody_ = notes("=F F ^F f | F |]", key="D")
    assert [p for p, _ in melody_] == [65, 65, 66, 78, 66]
    assert [p for p, _ in notes("C, c' ^^A __B", key="Bb")] == [48, 84, 71, 69]


def test_melody_joins_ties():
    eighth = Fraction(1, 8)
    assert notes("A2- | A2 A") == [(69, 4 * eighth), (69, eighth)]
    # the accidental holds over the bar line with its tie, and no further
    assert notes("^F- | F F") == [(66, 2 * eighth), (65, eighth)]
    assert notes("A- B") == [(69, eighth), (71, eighth)]
    assert notes("A- z A") == [(69, eighth), (None, eighth), (69, eighth)]


def test_melody_counts_tuplets():
    assert notes("(3 A B c d") == [
        (69, Fraction(1, 12)),
        (71, Fraction(1, 12)),
        (72, Fraction(1, 12)),
        (74, Fraction(1, 8)),
    ]


@pytest.mark.parametrize(
    ("body", "order"),
    [
        ("A | B :| c | d |]", "ABABcd"),
        ("A || B :| c |]", "ABBc"),
        ("|: A || B :: c :|", "ABABcc"),
        ("A | [1 B :| [2 c || d |]", "ABAcd"),
        ("|: A | [1 B :| [2 c |: d | [1 e :| [2 f |]", "ABAcdedf"),
        ("A | B |]", "AB"),
        ("A |: B :| c |]", "ABBc"),
        ("A || B |: c :| d |]", "ABccd"),
        ("A |: B || c :| d |]", "ABcBcd"),
        ("A |: B | [1 c :| [2 d || e |]", "ABcBde"),
    ],
)
def test_repeats_are_played_out(body, order):
    tune = expand_repeats(Tune("", "C", "major", "1/8", body))
    assert tune.body == " | ".join(order)


@pytest.mark.parametrize(
    ("meter", "body", "text"),
    [
        (
            "6/8",
            "|: D | G A B c2 d | e3 (3 f g a b |",
            "|: D | GAB c2d | e3 (3fgab |",
        ),
        ("4/4", "A B c d e f g a |", "ABcd efga |"),
        ("2/2", "A/2 B/2 c d e f g a2 |", "A/2B/2c de fga2 |"),
        ("2/4", "A/2 B/2 c/2 d/2 e f |", "A/2B/2c/2d/2 ef |"),
        ("3/4", "A B c d e f |", "AB cd ef |"),
        (
            "2/4",
            "A4 | B4 | c4 | d4 | [1 e4 :| [2 f4 |]",
            "|: A4 | B4 | c4 | d4 |\n[1 e4 :| [2 f4 |]",
        ),
        ("2/4", "G | A4 | B3 :| c | d4 |]", "|: G | A4 | B3 :| c | d4 |]"),
        ("2/4", "A4 :: B4 :|", "|: A4 :: B4 :|"),
        ("2/4", "A4 || B4 |: c4 :|", "A4 || B4 |:\nc4 :|"),
        ("2/4", "A4 |: B4 :| c4 |]", "A4 |: B4 :|\nc4 |]"),
        (
            "4/4",
            "A8 | B4 B | [1 c d e :| [2 e f e |]",
            "|: A8 | B4 B | [1 cde :| [2 efe |]",
        ),
    ],
)
def test_layout(meter, body, text):
    assert beamed(meter, body) == text
