"""MusicXML: repeats, short measures, several parts, damage."""

from fractions import Fraction

import pytest

from seqapps.errors import InputError
from seqapps.tasks.music.importers import reader


def note(pitch, length, extra="", tie=""):
    """A note such as "F4", "Bb3" or "z"; twelve divisions are an eighth."""
    alter = {"#": 1, "b": -1}.get(pitch[1:2], 0)
    what = (
        f"<pitch><step>{pitch[0]}</step><alter>{alter}</alter>"
        f"<octave>{pitch[-1]}</octave></pitch>"
        if pitch != "z"
        else "<rest/>"
    )
    tied = "".join(f'<tie type="{kind}"/>' for kind in tie.split())
    signs = "".join(f'<tied type="{kind}"/>' for kind in tie.split())
    return (
        f"<note>{extra}{what}<duration>{round(length * 12)}</duration>{tied}"
        f"<notations>{signs}</notations></note>"
    )


def score(*parts, key="<fifths>1</fifths><mode>major</mode>", metre="4/4"):
    over, under = metre.split("/")
    first = (
        "<attributes><divisions>24</divisions>"
        + f"<key>{key}</key>" * bool(key)
        + f"<time><beats>{over}</beats><beat-type>{under}</beat-type></time>"
        "</attributes>"
    )
    names, music = "", ""
    for i, measures in enumerate(parts):
        names += f'<score-part id="P{i}"><part-name/></score-part>'
        music += f'<part id="P{i}">'
        for j, measure in enumerate(measures):
            opening = first if j == 0 else ""
            music += f'<measure number="{j + 1}">{opening}{measure}</measure>'
        music += "</part>"
    return (
        '<score-partwise version="4.0"><movement-title>A song'
        f"</movement-title><part-list>{names}</part-list>{music}"
        "</score-partwise>"
    )


def line(*pitches, length=2):
    return "".join(note(pitch, length) for pitch in pitches)


def barline(side, repeat="", ending="", kind="start", style=""):
    return (
        f'<barline location="{side}">'
        + f"<bar-style>{style}</bar-style>" * bool(style)
        + f'<ending number="{ending}" type="{kind}"/>' * bool(ending)
        + f'<repeat direction="{repeat}"/>' * bool(repeat)
        + "</barline>"
    )


@pytest.fixture
def xml(tmp_path):
    def write(*parts, **kwargs):
        path = tmp_path / "a.musicxml"
        path.write_text(score(*parts, **kwargs))
        return path

    return write


FULL = line("G4", "A4", "B4", "C5")
CANON = "G2 A2 B2 c2"


def test_repeats_and_endings_of_a_score(xml):
    path = xml(
        [
            line("D4"),
            FULL,
            FULL,
            barline("left", ending=1)
            + line("G4", "G4", "G4")
            + barline("right", "backward", ending=1, kind="stop"),
            barline("left", ending=2)
            + line("G4", "B4", "G4")
            + barline("right", ending=2, kind="stop", style="light-light"),
            barline("left", "forward") + FULL,
            FULL + barline("right", "backward"),
        ]
    )
    tune, messages = reader.load_tune(path)
    assert tune.body == (
        f"D2 | {CANON} | {CANON} | [1 G2 G2 G2 :| [2 G2 B2 G2 |: "
        f"{CANON} | {CANON} :|"
    )
    assert (tune.title, tune.key, tune.mode) == ("A song", "G", "major")
    assert messages == []


def test_notes_of_a_score(xml):
    third = Fraction(2, 3)
    grace = note("E5", 0, "<grace/>").replace("<duration>0</duration>", "")
    chord = (
        note("G4", 2) + note("D5", 2, "<chord/>") + note("B3", 2, "<chord/>")
    )
    path = xml(
        [
            line("F#4", "F4", "F4", "F#4"),
            line("F4", "F5", "F4", "Bb3"),
            "".join(note(p, third) for p in ("G4", "A4", "B4"))
            + note("C5", 2 * third)
            + note("D5", third)
            + grace
            + note("E4", 4, tie="start"),
            note("E4", 3, tie="stop") + note("z", 1) + chord + line("A4"),
        ]
    )
    tune, messages = reader.load_tune(path)
    assert tune.body == (
        "F2 =F2 F2 ^F2 | =F2 =f2 F2 _B,2 | (3 G A B (3 c- c d E4- | "
        "E3 z d2 A2 |]"
    )
    assert messages == ["only the top note of each chord was kept"]


def test_measures_that_are_short(xml):
    half = line("G4", "A4")
    rest = note("z", 4).replace("<note>", '<note print-object="no">')
    tune, _ = reader.load_tune(
        xml([half + rest, FULL, half, half, FULL, half, FULL])
    )
    assert tune.body == (
        f"G2 A2 | {CANON} | G2 A2 G2 A2 | {CANON} | G2 A2 z4 | {CANON} |]"
    )


def test_the_melody_of_several_parts(xml):
    thick = FULL + "".join(note("E4", 2, "<chord/>") for _ in "ab")
    piano = [thick.replace("<chord/>", "<chord/>", 1)] * 4
    voice, bass = [line("B4", "C5", "D5", "B4")] * 4, [line("G3", "D3")] * 4
    flute = [line("G5")] + [note("z", 8)] * 3
    tune, messages = reader.load_tune(xml(flute, piano, voice, bass))
    assert tune.body.startswith("B2 c2 d2 B2 | B2")
    assert messages == [
        "only the melody was kept: part 3, not 1, 2, 4 (choose with --track)"
    ]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("<fifths>1</fifths><mode>dorian</mode>", ("A", "dorian")),
        ("<fifths>-2</fifths><mode>minor</mode>", ("G", "minor")),
        ("<fifths>1</fifths>", ("G", "major")),
        ("", ("G", "major")),
    ],
)
def test_the_key_of_a_score(xml, key, expected):
    measure = line("G4", "B4", "D5", "F#4"), line("G4", "D5", "B4", "G4")
    tune, messages = reader.load_tune(xml(measure * 2, key=key))
    assert (tune.key, tune.mode) == expected
    assert len(messages) == (key == "")


@pytest.mark.parametrize(
    ("measures", "reason"),
    [
        ([note("z", 8)] * 4, "no notes"),
        (
            [
                note("C4", 8)
                .replace("pitch>", "unpitched>")
                .replace("step>", "display-step>")
                .replace("octave>", "display-octave>")
                .replace("<alter>0</alter>", "")
            ]
            * 4,
            "only drums",
        ),
        ([FULL, FULL + line("G4"), FULL, FULL], r"add up \(bar 2 holds 5/4"),
        ([FULL] * 3, "too short"),
        ([line("G4", length=1.6) * 5] * 4, "unusual"),
        (
            [FULL] * 3
            + [
                "<attributes><key><fifths>2</fifths></key></attributes>" + FULL,
            ],
            "changes key or metre",
        ),
    ],
)
def test_scores_that_cannot_be_used(xml, measures, reason):
    with pytest.raises(InputError, match=reason):
        reader.load_tune(xml(measures))


def test_a_score_as_a_primer(xml):
    tune, _ = reader.load_primer(xml([line("D4"), FULL, line("G4", "A4")]))
    assert tune.body == f"D2 | {CANON} | G2 A2"


def test_music21_is_quiet(tmp_path, capfd):
    path = tmp_path / "a.xml"
    path.write_text("<html><body/></html>")
    with pytest.raises(InputError, match="damaged, or not MusicXML"):
        reader.load_tune(path)
    assert capfd.readouterr() == ("", "")
