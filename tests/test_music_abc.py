"""ABC as people wrote it, brought to canonical form or refused."""

import random
from fractions import Fraction

import pytest

from seqapps.tasks.music.notation import keys
from seqapps.tasks.music.notation.abc import normalise, split_tunes
from seqapps.tasks.music.notation.key_signature import fifths
from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.notation.meter import parse_meter
from seqapps.tasks.music.notation.unusable import Unusable


def wild(body, meter="4/4", key="C", unit="L:1/8\n"):
    return f"X:1\nT:A tune\nM:{meter}\n{unit}K:{key}\n{body}\n"


def bars_of(music, meter="4/4", unit="L:1/8\n"):
    """The canonical form of a bar or two, put before three plain ones."""
    body = normalise(wild(f"{music}|C8|D8|E8|]", meter, unit=unit)).body
    end = " | C8 | D8 | E8 |]"
    assert body.endswith(end)
    return body.removesuffix(end)


def reason(text, strict=False):
    with pytest.raises(Unusable) as caught:
        normalise(text, strict)
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
        (wild("A8|B8|é|c8|d8|]"), "unreadable"),
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
    assert reason(text, strict=True) == why


def test_header():
    tune = normalise(
        "X:7\nT:An t\\'eos &amp; co.\nT:Another\nR:reel\nM:C| % cut\nL:1/8\n"
        "K:E Minor\nK:F#m\nM:C|\nA8|B8|c8|d8|]"
    )
    assert (tune.title, tune.meter) == ("An téos & co.", "2/2")
    assert (tune.key, tune.mode) == ("F#", "minor")
    assert tune.abc(3) == (
        "X:3\nT:An téos & co.\nR:reel\nM:2/2\nL:1/8\nK:F#min\n"
        "A8 | B8 | c8 | d8 |]\n"
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
    parsed = keys.parse_key(value)
    assert (parsed.tonic, parsed.mode, parsed.extended) == (key, mode, False)
    assert fifths(key, mode) == sharps


def test_metres():
    assert [parse_meter(m) for m in ("C", "C|", "6/8", "9/8 slip")] == [
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


def test_music21_hears_the_same():
    converter = pytest.importorskip("music21").converter
    body = (
        "|: ^F- | F2 G3/2 A/2 (3 B c d e7/4 f/4 | ^F F f F z4 | "
        "[1 c'8 :| [2 C,8- | C,8 :: G A B2 B,4 :|"
    )
    tune = normalise(wild(body, key="Ador"))
    directives = "%abc-2.1\n%%propagate-accidentals octave\n"
    score = converter.parseData(directives + tune.abc(), format="abc")
    notes, tied = [], False
    for n in score.flatten().notesAndRests:
        pitch = None if n.isRest else n.pitch.midi
        length = Fraction(n.quarterLength).limit_denominator(96) / 4
        if tied and notes[-1][0] == pitch:
            notes[-1] = (pitch, notes[-1][1] + length)
        else:
            notes.append((pitch, length))
        tied = bool(n.tie) and n.tie.type != "stop"
    assert notes == melody(tune)
