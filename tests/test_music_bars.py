"""Bars of canonical ABC: their lengths, and what is wrong with them."""

import random
from fractions import Fraction

import pytest

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.abc import Tune
from seqapps.tasks.music.notation.bars import durations
from seqapps.tasks.music.notation.melody import expand_repeats, melody
from seqapps.tasks.music.notation.validation import find_problems
from seqapps.tasks.music.rendering.layout import beamed


def test_durations_count_tuplets_right():
    body = "G | (3 A B c (2 d e z | [1 (4 A B c d A/2 :|"
    assert durations(body) == [
        Fraction(1, 8),
        Fraction(2 + 3 + 1, 8),
        Fraction(7, 16),
    ]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("G4 | A4 | B4 |]", 3),
        ("G | A4 | B3 |]", 2),
        ("G4 | A4 :: B4 | c4 | d4 :|", 5),
        ("G | A4 | B3 :: c | d4 | e3 :|", 4),
        ("A4 | [1 B4 :| [2 c4 |]", 3),
        ("G | A4 | [1 B3 :| [2 c3 :: d | e4 | f3 |]", 5),
        ("G | [1 B4 | c3 :| [2 d4 | e3 |]", 4),
        ("G | A3 |]", 1),
        ("G4 |]", 1),
    ],
)
def test_bars_as_written(body, count):
    assert bars.count_bars("2/4", body) == count


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("G4 | A4 | B4 | c4 |]", []),
        ("D | G4 | A4 | B4 | c3 :| d2 | e4 | f2 |]", []),
        ("G4 | A2 :| B2 | c4 | d4 |]", []),
        ("G4 | A2 | [1 B2 :| [2 c2 | d4 | e4 |]", []),
        ("G4 | A3 | B4 | c4 | d4 |]", ["bar 2 holds 3/8 of 2/4"]),
        ("D | G4 | A5 | B4 | c4 |]", ["bar 2 holds 5/8 of 2/4"]),
        ("G4 | A2 B | B4 | c4 | d4 |]", ["bar 2 holds 3/8 of 2/4"]),
        ("G4 | A4 | B4 |]", ["there are fewer than 4 bars"]),
        ("z4 | z4 | z4 | z4 |]", ["there is no note"]),
        ("G4 | A4 | B4 | c4 |", ["the end is neither `|]` nor `:|`"]),
        ("|: G4 | A4 | B4 | c4 |]", ["a repeat is never closed"]),
        ("|: G4 | A4 |: B4 | c4 :|", ["`|:` within a repeat"]),
        (
            "G4 | [1 A4 :| B4 | c4 |]",
            ["ending 1 is not followed by ending 2"],
        ),
        (
            "G4 | A4 | B4 | [1 c4 :|",
            ["ending 1 is not followed by ending 2"],
        ),
        ("G4 | [2 A4 | B4 | c4 |]", ["ending 2 does not follow ending 1"]),
        ("G4 | | A4 | B4 | c4 |]", ["nothing between `|` and `|`"]),
        ("G4 |] A4 | B4 | c4 |]", ["`|]` before the end"]),
    ],
)
def test_problems(body, expected):
    assert find_problems("2/4", body) == expected


@pytest.mark.parametrize(
    ("body", "first"),
    [
        ("G4 | oh | A4 | B4 | c4 |]", "cannot read `oh`"),
        ("G4 | A2 (3 B c | d4 | e4 |]", "bar 2 holds 5/12 of 2/4"),
        ("|] G4 | A4 | B4 | c4 |]", "`|]` before the end"),
    ],
)
def test_problems_of_rubbish(body, first):
    assert first in find_problems("2/4", body)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("(3 A B c", []),
        ("(3 A2 B2 c2 |]", []),
        ("(3 A B |", ["a tuplet of 3 is not complete"]),
        ("(3 A B (2 c d", ["a tuplet of 3 is not complete"]),
        ("(3 A2 B c", ["a tuplet of 3 lasts 1/3 of a whole note"]),
        ("(2 A B", []),
        ("(4 A B c d", []),
        ("(6 A B c d e f", []),
    ],
)
def test_tuplets_are_complete(group, expected):
    problems = find_problems("4/4", group)
    assert [s for s in problems if s.startswith("a tuplet")] == expected


def test_problems_names_a_strange_metre():
    assert find_problems("often", "G8 |]") == ["cannot read the metre `often`"]


@pytest.mark.parametrize("seed", range(5))
def test_no_rubbish_raises(seed):
    draw = random.Random(seed)
    tokens = (
        "A ^F2 c'3/2 z z2 G- G/4 d3- (2 (3 (6 | | || |] |: :| :: [1 [2 (9 A/0 "
        "z- ^z | , (3A é |::"
    ).split()
    for _ in range(200):
        body = " ".join(draw.choices(tokens, k=draw.randrange(40)))
        tune = Tune("", "Eb", "lydian", "6/8", body)
        find_problems("6/8", body)
        durations(body)
        melody(expand_repeats(tune))
        beamed("6/8", body)


def test_tokens_read_as_notes():
    assert bars.parse_note("^c'3/2-") == bars.AbcNote(
        "^", "c'", Fraction(3, 16), True
    )
    assert bars.parse_note("z4").pitch == "z"
    assert [
        bars.parse_note(t) for t in ("^z", "z-", "H", "A/0", "|", "(3")
    ] == ([None] * 6)
