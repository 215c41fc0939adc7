import random
from fractions import Fraction

import pytest

from seqapps.tasks.music import bars
from seqapps.tasks.music.abc import (
    Tune,
    Unusable,
    durations,
    melody,
    normalise,
    problems,
    split_tunes,
)
from seqapps.tasks.music.header import fifths, read_key, read_meter
from seqapps.tasks.music.layout import beamed
from seqapps.tasks.music.melody import played


def wild(body, meter="4/4", key="C", unit="L:1/8\n"):
    return f"X:1\nT:A tune\nM:{meter}\n{unit}K:{key}\n{body}\n"


def bars_of(music, meter="4/4", unit="L:1/8\n"):
    """The canonical form of a bar or two, put before three plain ones."""
    body = normalise(wild(f"{music}|C8|D8|E8|]", meter, unit=unit)).body
    end = " | C8 | D8 | E8 |]"
    assert body.endswith(end)
    return body.removesuffix(end)


def reason(text):
    with pytest.raises(Unusable) as caught:
        normalise(text)
    return caught.value.reason


@pytest.mark.parametrize(
    ("music", "canonical"),
    [
        ("C2 D2 E2 F2", "C2 D2 E2 F2"),
        ("c,2 C'2 c',2 C,,'2", "C2 c2 c2 C,2"),
        ("A3/2B1/2 A/B/ A//B//c/2 d4", "A3/2 B/2 A/2 B/2 A/4 B/4 c/2 d4"),
        ("A>B c<d A>>B c<<d", "A3/2 B/2 c/2 d3/2 A7/4 B/4 c/4 d7/4"),
        ("A > {c}B A2 A4", "A3/2 B/2 A2 A4"),
        ("^F2 _B,2 =e2 F2", "^F2 _B,2 =e2 F2"),
        ("^^F4 __B4", "^^F4 __B4"),
        ("(3ABc (3A/B/c/ (3A2B2c2 d", "(3 A B c (3 A/2 B/2 c/2 (3 A2 B2 c2 d"),
        ("((3:2:3ABc) (3:2ABc (3::ABc d2", "(3 A B c (3 A B c (3 A B c d2"),
        ("(3A>Bc (2AB A2 z", "(3 A3/2 B/2 c (2 A B A2 z"),
        ("[ceg]2 [Ge]4 [A2c2]", "g2 e4 c2"),
        ('"Am"A2 !trill!B2 {/g}c2 ~d2', "A2 B2 c2 d2"),
        ("TA2 .B2 (uc2 vd2) y3 `", "A2 B2 c2 d2"),
        ("A2-A2 B2 c2", "A4 B2 c2"),
        ("A-B c2 d2 e2", "A B c2 d2 e2"),  # a slur in disguise
        ("A2-A/ B3/2 c2 d2", "A2- A/2 B3/2 c2 d2"),
        ("z2 x2 A2 z2", "z2 z2 A2 z2"),
        ("Z", "z8"),
        ("A2 B2 \\\n c2 d2 % the end\n", "A2 B2 c2 d2"),
        ("A2 B2\nw: la la\nc2 d2", "A2 B2 c2 d2"),
        ("A2 [L:1/16] B4 c8 [L:1/8]", "A2 B2 c4"),
        ("A8\nC8", "A8 | C8"),  # the bar line goes without saying
        ("A4 B4 =\n", "A4 B4"),  # torn by mail
    ],
)
def test_music_becomes_canonical(music, canonical):
    assert bars_of(music) == canonical


def test_the_unit_follows_from_the_metre():
    tune = "X:1\nM:2/4\nK:C\nA4 B4|c8|d8|e8|]"
    assert normalise(tune).body == "A2 B2 | c4 | d4 | e4 |]"
    assert normalise(tune.replace("2/4", "4/4")).body == (
        "A4 B4 | c8 | d8 | e8 |]"
    )


@pytest.mark.parametrize(
    ("music", "canonical"),
    [
        ("|:A8|B8|c8|d8:|", "|: A8 | B8 | c8 | d8 :|"),
        ("||:A8|B8:||:c8|d8:||", "|: A8 | B8 :: c8 | d8 :|"),
        ("A8|B8:|:c8|d8:|", "A8 | B8 :: c8 | d8 :|"),
        ("A8|B8|]|:c8|d8:|", "A8 | B8 |: c8 | d8 :|"),
        ("A8|B8:|\n|\\\n:c8|d8:|", "A8 | B8 :: c8 | d8 :|"),
        ("A8|B8||c8|d8", "A8 | B8 || c8 | d8 |]"),
        ("A8||\n|B8|c8|d8|", "A8 || B8 | c8 | d8 |]"),
        ("A8|1B8:|2c8|]d8|e8", "A8 | [1 B8 :| [2 c8 || d8 | e8 |]"),
        ("|:A8|[1B8:|[2c8:|d8|", "|: A8 | [1 B8 :| [2 c8 || d8 |]"),
        ("A8|[1B8|[2c8|]d8|", "A8 | [1 B8 :| [2 c8 || d8 |]"),
        ("A8|B4[1B4:|[2c4|c8|]d8|", "A8 | B4 | [1 B4 :| [2 c4 | c8 || d8 |]"),
        ("|:A8|B8|c8|d8|]", "|: A8 | B8 | c8 | d8 :|"),
        ("|:A8|B8|:c8|d8:|", "|: A8 | B8 :: c8 | d8 :|"),
        ("[|A8|B8|c8|d8|:", "A8 | B8 | c8 | d8 |]"),
    ],
)
def test_bar_lines_become_canonical(music, canonical):
    tune = normalise(wild(music))
    assert tune.body == canonical
    assert problems("4/4", tune.body) == []
    assert normalise(tune.abc()) == tune


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (wild("A8|B7|c8|d8|]"), "bars that do not add up"),
        (
            wild("A8|B9|]c8|d8|]".replace("B9", "B8 c")),
            "bars that do not add up",
        ),
        (wild("A8|B8|c8|]"), "too short"),
        (wild("z8|z8|z8|z8|]"), "no notes"),
        (wild(""), "no notes"),
        (wild("A8|[K:G]B8|c8|d8|]"), "changes key or metre"),
        (wild("A8|B8|\nM:3/4\nc6|d6|]"), "changes key or metre"),
        (wild("V:1\nA8|B8|c8|d8|]\nV:2\nA8|]"), "several voices"),
        (wild("A8|B8 & C8|c8|d8|]"), "several voices"),
        (wild("(5ABcde A4|B8|c8|d8|]"), "unusual tuplet"),
        (wild("(3:2:2A2B A4|B8|c8|d8|]"), "unusual tuplet"),
        (wild("(3AB|c8|d8|e8|]"), "unusual tuplet"),
        (wild("A5 B3|c8|d8|e8|]"), "unusual duration"),
        (wild("A8|B8|c8|d''''8|]"), "out of range"),
        (wild("C,,8|B8|c8|d8|]"), "out of range"),
        (wild("A8|1B8|c8|]"), "unbalanced repeats"),
        (wild("A8|2B8|c8|d8|]"), "unbalanced repeats"),
        (wild("|:A8|B8||c8|d8|]"), "unbalanced repeats"),
        (wild("A8|1B8:|3c8|d8|]"), "unusual endings"),
        (wild("Z4|A8|]"), "rests of several bars"),
        (wild("A8|B8|?|c8|d8|]"), "unreadable"),
        (wild("A8|B8>|c8|d8|]"), "unreadable"),
        (wild("A0 A8|B8|c8|d8|]"), "unreadable"),
        (wild("A8|B8|c8|d8|]", key=""), "no key"),
        (wild("A8|B8|c8|d8|]", key="HP"), "unusual key"),
        (wild("A8|B8|c8|d8|]", key="D ^c"), "unusual key"),
        (wild("A8|B8|c8|d8|]", key="C octave=-1"), "unusual key"),
        (wild("A8|B8|c8|d8|]", meter="none"), "no metre"),
        (wild("A8|B8|c8|d8|]", meter="2+3/8"), "unusual metre"),
        ("X:1\nK:C\nA8|B8|c8|d8|]", "no metre"),
        ("X:1\nM:C\nA8|B8|c8|d8|]", "no key"),
        ("", "no key"),
    ],
)
def test_what_cannot_be_used_says_why(text, why):
    assert reason(text) == why


def test_header():
    tune = normalise(
        "X:7\nT:An t\\'eos &amp; co.\nT:Another\nR:reel\nM:C| % cut\nL:1/8\n"
        "K:E Minor\nK:F#m\nM:C|\nA8|B8|c8|d8|]"
    )
    assert (tune.title, tune.meter) == ("An téos & co.", "2/2")
    assert (tune.key, tune.mode) == ("F#", "minor")
    assert tune.abc(3) == (
        "X:3\nT:An téos & co.\nM:2/2\nL:1/8\nK:F#min\nA8 | B8 | c8 | d8 |]\n"
    )


@pytest.mark.parametrize(
    ("value", "key", "mode", "sharps"),
    [
        ("G", "G", "major", 1),
        ("Bb", "Bb", "major", -2),
        ("D major", "D", "major", 2),
        ("Em", "E", "minor", 1),
        ("A Dorian", "A", "dorian", 1),
        ("AMix", "A", "mixolydian", 2),
        ("F lyd clef=treble", "F", "lydian", 0),
        ("Gaeolian", "G", "minor", -2),
        ("C treble", "C", "major", 0),
        ("Ephr", "E", "phrygian", 0),
        ("Bloc", "B", "locrian", 0),
    ],
)
def test_keys(value, key, mode, sharps):
    assert read_key(value) == (key, mode)
    assert fifths(key, mode) == sharps


def test_metres():
    assert [read_meter(m) for m in ("C", "C|", "6/8", "9/8 slip")] == [
        "4/4",
        "2/2",
        "6/8",
        "9/8",
    ]


def test_split_tunes():
    text = "% a file\r\n\r\nX:1\r\nT:a\r\nK:C\r\nA|\r\n\r\nX: 2\nK:D\nB|\n"
    assert list(split_tunes(text)) == [
        "X:1\nT:a\nK:C\nA|\n",
        "X: 2\nK:D\nB|\n",
    ]
    assert list(split_tunes("no tune")) == []


def test_durations_count_tuplets_right():
    body = "G | (3 A B c (2 d e z | [1 (4 A B c d A/2 :|"
    assert durations(body) == [
        Fraction(1, 8),
        Fraction(2 + 3 + 1, 8),
        Fraction(7, 16),
    ]


@pytest.mark.parametrize(
    ("body", "found"),
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
def test_problems(body, found):
    assert problems("2/4", body) == found


@pytest.mark.parametrize(
    ("body", "first"),
    [
        ("G4 | oh | A4 | B4 | c4 |]", "cannot read `oh`"),
        ("G4 | A2 (3 B c | d4 | e4 |]", "bar 2 holds 5/12 of 2/4"),
        ("|] G4 | A4 | B4 | c4 |]", "`|]` before the end"),
    ],
)
def test_problems_of_rubbish(body, first):
    assert first in problems("2/4", body)


@pytest.mark.parametrize(
    ("group", "found"),
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
def test_tuplets_are_complete(group, found):
    said = problems("4/4", group)
    assert [s for s in said if s.startswith("a tuplet")] == found


def test_problems_names_a_strange_metre():
    assert problems("often", "G8 |]") == ["cannot read the metre `often`"]


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
        problems("6/8", body)
        durations(body)
        melody(played(tune))
        beamed("6/8", body)


def test_damaged_tunes_are_read_or_refused():
    draw = random.Random(1)
    text = wild(
        '|:(3ABc d2>e2|"G"[GB]4-{/c}B4|1!turn!^c8:|2_d4 z4||[K:C]A8|'
        "B4\\\nA2(DE):|"
    )
    assert normalise(text).meter == "4/4"
    refused = 0
    for _ in range(1500):
        letters = list(text)
        for _ in range(draw.randrange(1, 6)):
            place = draw.randrange(len(letters))
            letters[place] = draw.choice(
                [
                    "",
                    "\n",
                    *"Ac|:[]12(3)<>-/z\"{}!XKMVL%^_='Z0&é ",
                    letters[place] * 2,
                ]
            )
        try:
            tune = normalise("".join(letters))
        except Unusable:
            refused += 1
            continue
        assert normalise(tune.abc()) == tune
    assert 0 < refused < 1500


@pytest.mark.parametrize("seed", range(20))
def test_random_tunes_are_right_and_stay_as_they_are(seed):
    draw = random.Random(seed)
    bar = ["A B c", "^F2 z", "G3", "=c3/2 A/2 B/2 c/2", "(2 e f"]
    bar += ["e- (3 e/2 f/2 g/2 a"]
    parts = ["{} | {} | {} | {}", "{} | {} | [1 {} :| [2 {}", "|: {} | {}"]
    body = draw.choice(parts).format(*draw.choices(bar, k=4))
    body += " || G | A B c | A3 | (2 G A | A2 :|"
    if body.startswith("|:"):
        body = body.replace("||", "::")
    assert problems("3/8", body) == []
    tune = normalise(wild(body, meter="3/8"))
    assert tune.body == body
    assert normalise(wild(beamed("3/8", body), meter="3/8")) == tune


def notes(body, key="C"):
    key, mode = read_key(key)
    return melody(Tune("", key, mode, "4/4", body))


def test_melody_hears_the_key_and_the_bar():
    heard = notes("F ^C C c | C B z2 |]", key="D")
    assert [p for p, _ in heard] == [66, 61, 61, 73, 61, 71, None]
    heard = notes("=F F ^F f | F |]", key="D")
    assert [p for p, _ in heard] == [65, 65, 66, 78, 66]
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
    ],
)
def test_repeats_are_played_out(body, order):
    tune = played(Tune("", "C", "major", "1/8", body))
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
            "A4 | B4 | c4 | d4 |\n[1 e4 :| [2 f4 |]",
        ),
        ("2/4", "G | A4 | B3 :| c | d4 |]", "G | A4 | B3 :| c | d4 |]"),
        (
            "4/4",
            "A8 | B4 B | [1 c d e :| [2 e f e |]",
            "A8 | B4 B | [1 cde :| [2 efe |]",
        ),
    ],
)
def test_layout(meter, body, text):
    assert beamed(meter, body) == text


def test_music21_hears_the_same():
    converter = pytest.importorskip("music21").converter
    body = (
        "|: ^F- | F2 G3/2 A/2 (3 B c d e7/4 f/4 | ^F F f F z4 | "
        "[1 c'8 :| [2 C,8- | C,8 :: G A B2 B,4 :|"
    )
    tune = normalise(wild(body, key="Ador"))
    directives = "%abc-2.1\n%%propagate-accidentals octave\n"
    score = converter.parseData(directives + tune.abc(), format="abc")
    heard, held = [], False
    for n in score.flatten().notesAndRests:
        pitch = None if n.isRest else n.pitch.midi
        length = Fraction(n.quarterLength).limit_denominator(96) / 4
        if held and heard[-1][0] == pitch:
            heard[-1] = (pitch, heard[-1][1] + length)
        else:
            heard.append((pitch, length))
        held = bool(n.tie) and n.tie.type != "stop"
    assert heard == melody(tune)


def test_tokens_read_as_notes():
    assert bars.note("^c'3/2-") == bars.Note("^", "c'", Fraction(3, 16), True)
    assert bars.note("z4").pitch == "z"
    assert [bars.note(t) for t in ("^z", "z-", "H", "A/0", "|", "(3")] == (
        [None] * 6
    )
