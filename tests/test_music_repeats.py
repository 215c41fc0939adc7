"""Bar lines and repeats as people wrote them, and as canonical ABC does."""

import random

import pytest

from seqapps.tasks.music.notation.abc import normalise
from seqapps.tasks.music.notation.validation import find_problems
from seqapps.tasks.music.rendering.layout import beamed


def wild(body, meter="4/4"):
    return f"X:1\nT:A tune\nM:{meter}\nL:1/8\nK:C\n{body}\n"


@pytest.mark.parametrize(
    ("music", "canonical"),
    [
        ("|:A8|B8|c8|d8:|", "A8 | B8 | c8 | d8 :|"),
        ("||:A8|B8:||:c8|d8:||", "A8 | B8 :: c8 | d8 :|"),
        ("A8|B8:|:c8|d8:|", "A8 | B8 :: c8 | d8 :|"),
        ("A8|B8|]|:c8|d8:|", "A8 | B8 |: c8 | d8 :|"),
        ("A8|B8:|\n|\\\n:c8|d8:|", "A8 | B8 :: c8 | d8 :|"),
        ("A8|B8||c8|d8", "A8 | B8 || c8 | d8 |]"),
        ("A8||\n|B8|c8|d8|", "A8 || B8 | c8 | d8 |]"),
        ("A8|1B8:|2c8|]d8|e8", "A8 | [1 B8 :| [2 c8 || d8 | e8 |]"),
        ("|:A8|[1B8:|[2c8:|d8|", "A8 | [1 B8 :| [2 c8 || d8 |]"),
        ("A8|[1B8|[2c8|]d8|", "A8 | [1 B8 :| [2 c8 || d8 |]"),
        ("A8|B4[1B4:|[2c4|c8|]d8|", "A8 | B4 | [1 B4 :| [2 c4 | c8 || d8 |]"),
        ("|:A8|B8|c8|d8|]", "A8 | B8 | c8 | d8 :|"),
        ("|:A8|B8|:c8|d8:|", "A8 | B8 :: c8 | d8 :|"),
        ("[|A8|B8|c8|d8|:", "A8 | B8 | c8 | d8 |]"),
    ],
)
def test_bar_lines_become_canonical(music, canonical):
    tune = normalise(wild(music))
    assert tune.body == canonical
    assert find_problems("4/4", tune.body) == []
    assert normalise(tune.abc()) == tune


@pytest.mark.parametrize(
    ("music", "canonical"),
    [
        # the first section needs no sign, and has none
        ("A8|B8|c8|d8:|", "A8 | B8 | c8 | d8 :|"),
        ("|:A8|B8|c8:|d8|]", "A8 | B8 | c8 :| d8 |]"),
        ("|:A8|B8|1c8:|2d8|]", "A8 | B8 | [1 c8 :| [2 d8 |]"),
        # a double bar that is gone back to
        ("A8||B8|c8|d8:|", "A8 |: B8 | c8 | d8 :|"),
        ("A8||B8||c8:|d8|]", "A8 || B8 |: c8 :| d8 |]"),
        ("A8||B8|1c8:|2d8|]", "A8 |: B8 | [1 c8 :| [2 d8 |]"),
        ("A8|:B8:|c8||d8:|", "A8 |: B8 :| c8 |: d8 :|"),
        # a repeat that begins where one ends
        ("A8:|B8|c8|d8:|", "A8 :: B8 | c8 | d8 :|"),
        ("A8:|\n|:B8|c8|d8:|", "A8 :: B8 | c8 | d8 :|"),
        ("A8:|B8:|c8|d8|]", "A8 :: B8 :| c8 | d8 |]"),
        ("A8|B8:|c8|1d8:|2e8|]", "A8 | B8 :: c8 | [1 d8 :| [2 e8 |]"),
        # after endings
        ("|:A8|1B8:|2c8||d8:|", "A8 | [1 B8 :| [2 c8 |: d8 :|"),
        ("|:A8|1B8:|2c8:|d8:|", "A8 | [1 B8 :| [2 c8 |: d8 :|"),
        ("|:A8|1B8:|2c8|]|:d8:|", "A8 | [1 B8 :| [2 c8 |: d8 :|"),
        ("|:A8|1B8:|2c8||d8|]", "A8 | [1 B8 :| [2 c8 || d8 |]"),
        # within a repeat that is opened, a double bar stays one
        ("A8|B8|:c8||d8:|", "A8 | B8 |: c8 || d8 :|"),
        ("A8::B8||c8|d8:|", "A8 :: B8 || c8 | d8 :|"),
        ("A8|:B8||c8|1d8:|2e8|]", "A8 |: B8 || c8 | [1 d8 :| [2 e8 |]"),
        # pick-ups
        ("A4|:B8|c8|d8|e8:|", "A4 |: B8 | c8 | d8 | e8 :|"),
        ("A4||B8|c8|d8|e8:|", "A4 |: B8 | c8 | d8 | e8 :|"),
        ("A4|B8|c4:|d4|e8|f4:|", "A4 | B8 | c4 :: d4 | e8 | f4 :|"),
        ("A4|B8|c4||d4|e8|f4:|", "A4 | B8 | c4 |: d4 | e8 | f4 :|"),
        ("|:A4|B8|c4:|d4|e8|f4|]", "A4 | B8 | c4 :| d4 | e8 | f4 |]"),
        # a double bar inside a repeat that a sign has opened
        ("|:A8||B8:|c8|d8|]", "A8 | B8 :| c8 | d8 |]"),
        ("A8|:B8||c8:|d8|]", "A8 |: B8 || c8 :| d8 |]"),
        ("A8|:B8|1c8:|2d8||e8:|", "A8 |: B8 | [1 c8 :| [2 d8 |: e8 :|"),
    ],
)
def test_every_repeat_but_the_first_is_opened(music, canonical):
    tune = normalise(wild(music))
    assert tune.body == canonical
    assert find_problems("4/4", tune.body) == []
    assert normalise(tune.abc()) == tune
    assert normalise(wild(beamed("4/4", tune.body))).body == tune.body


@pytest.mark.parametrize("seed", range(20))
def test_random_tunes_are_right_and_stay_as_they_are(seed):
    draw = random.Random(seed)
    bar = ["A B c", "^F2 z", "G3", "=c3/2 A/2 B/2 c/2", "(2 e f"]
    bar += ["e- (3 e/2 f/2 g/2 a"]
    first = draw.choice(
        [
            ("{} | {} | {} | {}", ["||", "|:", ":|", "::"]),
            ("{} | {} | [1 {} :| [2 {}", ["||", "|:"]),
        ]
    )
    line = draw.choice(first[1])
    body = first[0].format(*draw.choices(bar, k=4))
    body += f" {line} G | A B c | A3 | (2 G A | A2 "
    body += ":|" if line in ("|:", "::") else "|]"
    assert find_problems("3/8", body) == []
    tune = normalise(wild(body, meter="3/8"))
    assert tune.body == body
    assert normalise(wild(beamed("3/8", body), meter="3/8")) == tune
    # as people write it, who leave signs out and put others in
    loose = body.replace("|: G", "|| G").replace(":: G", ":| G")
    assert normalise(wild(loose, meter="3/8")) == tune
    if ":|" in body[:-2] or "::" in body:
        assert normalise(wild("|: " + body, meter="3/8")) == tune
