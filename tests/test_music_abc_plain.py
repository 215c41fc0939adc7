"""ABC that people write and that was once refused, or read wrongly."""

from dataclasses import replace

import pytest

from seqapps.errors import InputError
from seqapps.tasks.music import command
from seqapps.tasks.music.importers import abc_file, reader
from seqapps.tasks.music.notation import abc
from seqapps.tasks.music.notation.melody import expand_repeats, melody

END = "|C8|D8|E8|]"


def wild(body, meter="4/4", key="C", more=""):
    return f"X:1\nT:A tune\nM:{meter}\nL:1/8\n{more}K:{key}\n{body}\n"


def sounds(tune):
    """Onsets in eighths and MIDI pitches, repeats played."""
    time, onsets = 0, []
    for pitch, length in melody(expand_repeats(tune)):
        if pitch is not None:
            onsets.append((time * 8, pitch))
        time += length
    return onsets


@pytest.mark.parametrize(
    ("music", "canonical"),
    [
        ("A5B3", "A4- A B3"),
        ("d5 z3", "d4- d z3"),
        ("z5 d3", "z4 z d3"),
        ("(3:2:2A2B A6", "(3 A- A B A6"),
        ("(3:2:2AB2 A6", "(3 A B- B A6"),
        ("(3:2:4AB/c/d A6", "(3 A/2- A/2 B/2 (3 c/2 d/2- d/2 A6"),
        ("(3:2:4A>Bc/d/ A6", "A (3 B/2 c/2 d/2 A6"),
        ("(4:2:4ABcd A6", "A/2 B/2 c/2 d/2 A6"),
        ("(5:4:5ABcde A4", "A3/4 B3/4 c d3/4 e3/4 A4"),
        ("Z", "z8"),
        ("A>>>B A6", "A- A7/8 B/8 A6"),
        ("A/8B/8A/4A/2 A7", "A/8 B/8 A/4 A/2 A7"),
        ("+f+A4 +>+B4", "A4 B4"),
        ("A4 B4&C8", "A4 B4"),
        ("A4;@B2 *$#B2", "A4 B2 B2"),
        ("A4[r: a remark]B4", "A4 B4"),
        ("A&gt;B A6", "A3/2 B/2 A6"),
        ("^F4 f4", "^F4 ^f4"),  # for its letter, in all octaves
        ("^F4 =f2 F2", "^F4 =f2 =F2"),
    ],
)
def test_bars(music, canonical):
    tune = abc.normalise(wild(music + END))
    assert tune.body == f"{canonical} | C8 | D8 | E8 |]"
    assert abc.normalise(tune.abc()) == tune


@pytest.mark.parametrize(
    ("meter", "music", "canonical"),
    [
        ("9/8", "G9|A9|B9|c9|]", "G6- G3 | A6- A3 | B6- B3 | c6- c3 |]"),
        ("5/8", "G5|A5|B5|c5|]", "G4- G | A4- A | B4- B | c4- c |]"),
        ("2+3/8", "G5|A5|B5|c5|]", "G4- G | A4- A | B4- B | c4- c |]"),
        ("4/4", "Z4|A8|]", "z8 | z8 | z8 | z8 | A8 |]"),
        (
            "4/4",
            "|:A8|B8|[1,3c8:|[2d8:|",
            "A8 | B8 | [1 c8 :| [2 d8 || A8 | B8 | c8 |]",
        ),
        ("4/4", "|:A8|[1-2B8:|[3c8|]d8|", "A8 | B8 :| A8 | c8 || d8 |]"),
        (
            "4/4",
            "|:A8|1B8:|2c8:|3d8|]",
            "A8 | [1 B8 :| [2 c8 || A8 | d8 |]",
        ),
    ],
)
def test_tunes(meter, music, canonical):
    assert abc.normalise(wild(music, meter)).body == canonical


@pytest.mark.parametrize(
    ("key", "tonic", "mode", "first"),
    [  # first: what `F` sounds like, as MIDI numbers it
        ("HP", "A", "mixolydian", 66),
        ("Hp", "A", "mixolydian", 66),
        ("Dphr ^f", "D", "phrygian", 66),
        ("D Phr ^f ^c", "D", "phrygian", 66),
        ("C exp ^f", "C", "lydian", 66),
        ("D ^c", "D", "major", 66),
        ("D =c", "D", "mixolydian", 66),
        ("Dmix=c", "D", "mixolydian", 66),
        ("F _f", "F", "major", 64),
        ("G clef=treble-8", "G", "major", 54),
        ("G treble+8", "G", "major", 78),
        ("G bass", "G", "major", 66),
        ("G octave=-1", "G", "major", 54),
        ("G transpose=-2", "F", "major", 64),
        ("none", "C", "major", 65),
        ("", "C", "major", 65),
    ],
)
def test_keys(key, tonic, mode, first):
    tune, losses = abc.normalise_with_losses(
        wild("F2G2 c4|G4 C4|E8|C8|]", key=key)
    )
    assert (tune.key, tune.mode) == (tonic, mode)
    octaves = losses.get("moved by octaves", 0)
    assert sounds(tune)[0] == (0, first + 12 * octaves)


def test_the_first_voice_is_taken_and_others_said():
    voices = "V:1\nV:2 clef=bass\n"
    music = "V:1\nA8|B8|\nV:2\nC,8|D,8|\n[V:1]c8|d8|\n[V:2]E8|F8|"
    tune, losses = abc.normalise_with_losses(wild(music, more=voices))
    assert tune.body == "A8 | B8 | c8 | d8 |]"
    assert list(losses) == ["only the first voice was kept"]
    assert abc.normalise_with_losses(wild("A8&C8|B8|c8|d8|"))[1] == losses


def test_without_a_metre_it_is_common_time():
    text = wild("A8" + END).replace("M:4/4\n", "")
    tune, losses = abc.normalise_with_losses(text)
    assert tune.meter == "4/4"
    assert list(losses) == ["no metre was given: read as 4/4"]
    inside = text.replace("K:C\n", "K:C\nM:2/2\n")
    assert abc.normalise_with_losses(inside) == (replace(tune, meter="2/2"), {})


def test_low_notes_are_moved_by_octaves(tmp_path):
    path = tmp_path / "low.abc"
    path.write_text(wild("C,,8|D,,8|C8|G,8|]"))
    tune, notes = reader.load_tune(path)
    assert tune.body == "C,8 | D,8 | c8 | G8 |]"
    assert notes == ["moved by octaves: 1"]


@pytest.mark.parametrize(
    ("value", "tempo"),
    [
        ("1/4=100", "1/4=100"),
        ('"Allegro" 3/8=120 "or so"', "3/8=120"),
        ("1/4 3/8 1/4 3/8=40", "5/4=40"),
        ("120", "1/4=120"),
        ("C3=50", "3/8=50"),
        ("Andante", ""),
        ("1/0=9", ""),
        ("9" * 5000, ""),
        ("C1/0=120", ""),
    ],
)
def test_the_tempo_is_kept(value, tempo):
    tune = abc.normalise(wild("A8" + END, more=f"Q:{value}\n"))
    assert tune.tempo == tempo
    assert (f"\nQ:{tempo}\n" in tune.abc()) == bool(tempo)
    assert abc.normalise(tune.abc()) == tune


def test_what_goes_on_from_a_tune_keeps_its_tempo(tmp_path):
    class Echo:
        def generate(self, primer, **_):
            return [primer]

        def vary(self, text, strength, **_):
            return {"abc": [text], "changed": [[False]]}

    path = tmp_path / "a.abc"
    path.write_text(wild("A8" + END, more="Q:1/4=90\n"))
    primer, _ = command._begun(path, "", "", None)
    plans = (
        command._varied(Echo(), path, "", 0.3, {}),
        command._composed(Echo(), {"constrained": True}, primer, ""),
    )
    for plan in plans:
        [(tune, _)] = plan.compose(1, 0)
        assert tune.tempo == "1/4=90"


BOOK = """M:4/4
L:1/8

A Fine Book. Abe and Dad gave Bea a cabbage.

%%begintext
X:9
K:D
AAAA
%%endtext

X:1
T:One
K:G
G8|A8|
%%text A cage
B8|c8|]
w: a bed a face

Dave had a bad cafe: CDEF GABc

X:2
T:Two
M:3/4
K:D
A6|B6|c6|d6|]
</pre>
<p>A bad page</p>
X:3
T:Three
D8|E8|F8|G8|]
"""


def test_text_is_no_music():
    texts = list(abc.split_tunes(BOOK))
    tunes = [abc.normalise(text) for text in texts[:2]]
    assert [(t.title, t.meter, t.body) for t in tunes] == [
        ("One", "4/4", "G8 | A8 | B8 | c8 |]"),
        ("Two", "3/4", "A6 | B6 | c6 | d6 |]"),
    ]
    assert len(texts) == 3
    with pytest.raises(abc.Unusable, match="no key"):
        abc.normalise(texts[2])
    keyed = list(abc.split_tunes("K:Em\n" + BOOK))[2]
    assert abc.normalise(keyed).mode == "minor"
    crlf = BOOK.replace("\n", "\r\n")
    assert list(abc.split_tunes(crlf)) == texts


def test_two_tunes_without_numbers_are_two(tmp_path):
    path = tmp_path / "two.abc"
    one = "T:A\nM:4/4\nL:1/8\nK:G\nG8|A8|B8|c8|]\n"
    path.write_text(one + "\nSome text.\n\n" + one.replace("G8", "D8"))
    tunes, _ = reader.load_tunes(path)
    bodies = [tune.body for tune in tunes.values()]
    assert bodies == ["G8 | A8 | B8 | c8 |]", "D8 | A8 | B8 | c8 |]"]


@pytest.mark.parametrize(
    "text",
    [
        wild("A8" + END, key="G " + "staff" * 40 + " x"),
        wild("[" * 100_000 + "C"),
        wild("[C" + "{" * 100_000 + "]"),
        wild(":" * 100_000),
        wild("G" + "1" * 5000),
        wild("G" + "/" * 100_000),
        wild("Z|" * 100_000),
        wild("A8|" * 75_000),
        wild("Z999999999|"),
        wild("A8\n" * 30_000),
        wild("A" + "," * 100_000),
        wild("(9:9:99" * 50_000),
        wild("A" * 2_000_000),
        wild("+a" * 100_000),
        wild("A8|" + "1" * 100_000),
        wild("A8" + END, meter="1" * 5000 + "/4"),
        wild("A8" + END, key="C octave=" + "9" * 5000),
        wild("<" + " " * 100_000 + "x"),
        wild("[A:" * 100_000),
        wild("A8" + END, key="C " + "_" * 100_000),
        wild("=" * 100_000 + "x"),
        wild("<a" * 100_000),
        wild("V:2\n" * 100_000),
        "\n\n" * 200_000,
        "%%begintext\n" * 200_000,
        "X:1\n" * 20_000,
    ],
    ids=range(26),
)
def test_what_never_ended_is_refused(text):
    for tune in abc.split_tunes(text) or [text]:
        with pytest.raises(abc.Unusable):
            abc.normalise(tune)


def test_a_title_is_cut_before_its_marks_are_sorted():
    title = "A" + "\u0301\u0323" * 100_000 + "&#" + "9" * 5000 + ";"
    tune = abc.normalise(wild("A8" + END).replace("A tune", title))
    assert len(tune.title) <= 300


def test_one_bad_tune_is_refused_not_the_folder(tmp_path):
    (tmp_path / "a.abc").write_text(wild("G" + "1" * 5000))
    (tmp_path / "b.abc").write_text(wild("A8" + END))
    tunes, account = reader.load_tunes(tmp_path)
    assert list(tunes) == ["b.abc#1"]
    assert list(account["left_out"]) == ["a.abc#1"]


def test_a_file_too_large_is_one_line(tmp_path, monkeypatch):
    path = tmp_path / "a.abc"
    path.write_text(wild("A8" + END))
    monkeypatch.setattr(abc_file, "MAX_BYTES", 1 << 20)
    path.write_text(" " * (2 << 20))
    with pytest.raises(InputError, match="larger than 1 MB"):
        reader.load_tune(path)
    path.write_text("X:1\n" * 9)
    monkeypatch.setattr(abc_file, "MAX_TUNES", 8)
    with pytest.raises(InputError, match="more than 8 tunes"):
        reader.load_tunes(path)


@pytest.mark.parametrize(
    "text, right",
    [
        # folk-rnn writes lengths apart
        (wild("G 2 E > G c 2 G c|A 8|B /2 c3/2 d 3/2 e/ z 4|f 16/2|"),
         "G2 E3/2 G/2 c2 G c | A8 | B/2 c3/2 d3/2 e/2 z4 | f8 |]"),
        (wild("A8|B8|c8|d8|]", key="F♯m"), "A8 | B8 | c8 | d8 |]"),
        (wild("A8|B8|c8|d8|]", key="B♭"), "A8 | B8 | c8 | d8 |]"),
    ],
)  # fmt: skip
def test_wild_spellings_are_read(text, right):
    assert abc.normalise(text).body == right


@pytest.mark.parametrize(
    "text, why",
    [
        (wild("(3"), "no notes"),
        (wild("(3|(5:4:5|"), "no notes"),
        (wild("A8|B8 §c8|d8|"), "unreadable (at '§c8|d8|')"),
        (wild("A8|B8 c 1 d4|"), "unreadable (at '1 d4|')"),
        (wild("A8|B8|c8|d8|").replace("1/8", "1/0"), "unusual unit L:"),
        (wild("A8|B8|c8|d8|").replace("1/8", "1/80"), "unusual unit L:"),
        (wild("G" * 30_001), "more than 30,000 notes"),
    ],
)
def test_what_cannot_be_read_is_said(text, why):
    with pytest.raises(InputError) as error:
        reader.parse_fragment(text)
    assert why in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(encoding, tmp_path):
    path = tmp_path / "a.abc"
    path.write_bytes(wild("A8|B8|c8|d8|]").encode(encoding))
    assert reader.load_tune(path)[0].body == "A8 | B8 | c8 | d8 |]"
