"""A user's own music: folders, files, fragments of ABC."""

import io
import random

import mido
import pytest

from seqapps.errors import InputError
from seqapps.tasks.music.importers import reader
from seqapps.tasks.music.notation import abc
from seqapps.tasks.music.rendering import perform

HEADER = "X:1\nT:A tune\nM:4/4\nL:1/8\nK:G\n"
TUNE = HEADER + "G8|A8|B8|c8|]\n"


def notes(pitches, channel=0):
    kinds = ("note_on", 0), ("note_off", 480)
    return [
        mido.Message(kind, note=pitch, channel=channel, time=time)
        for pitch in pitches
        for kind, time in kinds
    ]


def test_a_fragment_is_made_to_go_on():
    for music, body in (
        ("G8|A8|", "G8 | A8 |"),
        ("G8|A8|]", "G8 | A8"),
        ("G8|A8||", "G8 | A8"),
        ("G8|A4|", "G8 | A4"),
        ("G8|A4-", "G8 | A4"),
        ("G8|A2(3AB", "G8 | A2"),
        ("D2|", "D2 |"),
        ("G>A", "G3/2 A/2"),
        ("G8|A8:|", "G8 | A8 :|"),
        ("G8|A8:|:", "G8 | A8 ::"),
        ("G8:|:A8|B8", "G8 :: A8 | B8"),
        ("G8|[1A8", "G8 | [1 A8"),
        ("G8|[1A8:|", "G8 | [1 A8 :|"),
        ("G8:|A8|[1B4|]", "G8 :: A8 | [1 B4"),
    ):
        tune, _ = reader.parse_fragment(HEADER + music)
        assert (music, tune.body) == (music, body)
        assert reader.parse_fragment(tune.abc())[0].body == body
    assert (tune.title, tune.key, tune.meter) == ("A tune", "G", "4/4")
    assert reader.parse_fragment(TUNE.replace("X:1\n", ""))[0].body == (
        "G8 | A8 | B8 | c8"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEADER + "G8|A7|B4", r"add up \(bar 2 holds 7/8 of 4/4\)"),
        (HEADER + "G8|A8B", r"bar 2 holds 9/8 of 4/4"),
        (HEADER + "G8|(3AB|c4", "unusual tuplet"),
        (HEADER + "z8|", "no notes"),
        (HEADER, "no notes"),
        ("M:4/4\nGAB", "no key"),
        (" \n", "empty"),
    ],
)
def test_a_fragment_that_cannot_go_on(text, reason):
    with pytest.raises(InputError, match=reason):
        reader.parse_fragment(text)


def test_the_first_tune_of_a_file(tmp_path):
    path = tmp_path / "two.abc"
    path.write_text(TUNE + "\n" + TUNE.replace("A tune", "Another"))
    messages = ["only the first of 2 tunes was used"]
    assert reader.load_tune(path) == (abc.normalise(TUNE), messages)
    assert reader.load_primer(path) == (abc.fragment(TUNE), messages)


@pytest.mark.parametrize("code", ["latin-1", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_letters_and_lines_of_all_sorts(tmp_path, code, end):
    path = tmp_path / "a.abc"
    text = TUNE.replace("A tune", "Café").replace("\n", end)
    path.write_bytes(text.encode(code))
    tune, _ = reader.load_tune(path)
    assert (tune.title, tune.body) == ("Café", "G8 | A8 | B8 | c8 |]")


def test_a_folder_is_read_whatever_is_in_it(tmp_path):
    folder = tmp_path / "music"
    (folder / "deep").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in (".git/x.abc", ".hidden.abc", "notes.txt"):
        (folder / name).write_text(TUNE)
    short = HEADER.replace("X:1", "X:2") + "G8|A7|B8|c8|]"
    (folder / "b.ABC").write_text(TUNE + "\n" + short)
    (folder / "again.abc").write_text(TUNE.replace("A tune", "The same"))
    (folder / "binary.abc").write_bytes(b"\0\1\2")
    (folder / "empty.abc").write_text("")
    scale = abc.normalise(HEADER + "GABc dBAG|GABc d4|dcBA GABc|G8|]")
    (folder / "deep" / "c.mid").write_bytes(perform.render_midi(scale))
    other = abc.normalise(HEADER + "dcBA G4|ABcd e4|e8|G8|]")
    one = mido.MidiFile(file=io.BytesIO(perform.render_midi(other)))
    two = mido.MidiFile()
    two.tracks += [*one.tracks, mido.MidiTrack(notes(range(43, 55)))]
    two.save(folder / "d.mid")
    drums = mido.MidiFile()
    drums.tracks.append(mido.MidiTrack(notes([36] * 16, channel=9)))
    drums.save(folder / "e.mid")
    (folder / "f.mid").write_bytes(b"no music")
    (folder / "g.mxl").write_bytes(b"no music")
    tunes, report = reader.load_tunes(folder)
    assert list(tunes) == ["again.abc#1", "d.mid", "deep/c.mid"]
    assert report == {
        "usable": 3,
        "reasons": {
            "the same as another": 1,
            "bars that do not add up": 1,
            "not text": 1,
            "only drums": 1,
            "empty": 1,
            "damaged, or not MIDI": 1,
            "damaged, or not MusicXML": 1,
        },
        "left_out": {
            "b.ABC#1": "the same as another",
            "b.ABC#2": "bars that do not add up (bar 2 holds 7/8 of 4/4)",
            "binary.abc": "not text",
            "e.mid": "only drums",
            "empty.abc": "empty",
            "f.mid": "damaged, or not MIDI",
            "g.mxl": "damaged, or not MusicXML",
        },
        "notes": ["1 file: only the melody was kept"],
    }
    assert tunes["deep/c.mid"] == reader.load_tune(folder / "deep" / "c.mid")[0]


def test_one_bad_file_of_many(tmp_path):
    draw = random.Random(0)
    for i in range(300):
        music = "|".join("".join(draw.choices("GABcde", k=8)) for _ in "abcd")
        (tmp_path / f"{i:03}.abc").write_text(HEADER + music)
    (tmp_path / "bad.abc").write_bytes(b"\0" * 99)
    tunes, report = reader.load_tunes(tmp_path)
    assert len(tunes) == report["usable"] == 300
    assert list(report["left_out"]) == ["bad.abc"]


def test_what_is_no_music(tmp_path):
    (tmp_path / "a.txt").write_text(TUNE)
    bad = tmp_path / "bad"
    bad.mkdir()
    with pytest.raises(InputError, match="no music in it; give .abc, .mid"):
        reader.load_tunes(bad)
    (bad / "a.abc").write_text("")
    (bad / "b.abc").write_text(HEADER + "G8|]\n\n" + HEADER + "A8|]")
    with pytest.raises(InputError, match="used: 2 too short, 1 empty$"):
        reader.load_tunes(bad)
    for read in (reader.load_tunes, reader.load_tune, reader.load_primer):
        with pytest.raises(InputError, match="no such file or folder"):
            read(tmp_path / "none.abc")
        with pytest.raises(
            InputError, match="kind of file; give .abc, .* or .mxl"
        ):
            read(tmp_path / "a.txt")
    with pytest.raises(InputError, match="is a folder: give one file"):
        reader.load_primer(bad)
    with pytest.raises(InputError, match=r"b.abc: too short \(there are fewer"):
        reader.load_tune(bad / "b.abc")
