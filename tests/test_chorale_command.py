"""The verb `harmonise`, with a harmoniser that needs no network."""

import mido
import pytest

from seqapps.errors import InputError
from seqapps.tasks.chorale.command import harmonise
from seqapps.tasks.chorale.importers import score_file
from seqapps.tasks.chorale.notation.chorale import VOICES, Chorale
from seqapps.tasks.chorale.rendering.musicxml import write_musicxml

LOWER = (67, 55, 48)


class Drone:
    """Fills what is open with one pitch a voice."""

    def __init__(self):
        self.calls = []

    def harmonise(self, *args, count, **sampling):
        self.calls.append((args, sampling))
        steps = max(len(text.split()) for text in args[:4])
        voices = [args[0]]
        for text, pitch in zip(args[1:4], LOWER, strict=True):
            text = text or " ".join([str(pitch)] + ["_"] * (steps - 1))
            voices.append(text.replace("?", str(pitch)))
        return {
            name: [text] * count
            for name, text in zip(VOICES, voices, strict=True)
        }

    def compose(self, meter, sharps, mode, count, **sampling):
        self.calls.append(((meter, sharps, mode), sampling))
        voices = {
            name: [" ".join([str(pitch)] + ["_"] * 15)] * count
            for name, pitch in zip(VOICES, (72, *LOWER), strict=True)
        }
        more = {"meter": "4/4", "pickup": 0, "mode": mode or "major"}
        return voices | {name: [value] * count for name, value in more.items()}


@pytest.fixture
def melody(tmp_path):
    path = tmp_path / "m.abc"
    path.write_text("X:1\nT:Mine\nM:3/4\nL:1/4\nK:G\nG|A B c|d3|G2|]\n")
    return path


def test_a_melody_is_harmonised_into_files(melody, tmp_path, capsys):
    drone = Drone()
    paths = harmonise(
        drone, str(melody), count=2, seed=5, output=tmp_path / "out"
    )
    ((args, sampling),) = drone.calls
    assert args[0] == "67 _ _ _ 69 _ _ _ 71 _ _ _ 72 _ _ _ " + (
        "74" + " _" * 11 + " 67" + " _" * 7
    )
    assert args[4:] == ("3/4", 4, 1, "major")
    assert sampling["seed"] == 5
    assert [path.name for path in paths][-1] == "index.html"
    assert "2 in" in capsys.readouterr().out
    again = score_file.read_chorale(tmp_path / "out" / "chorale-2.musicxml")
    assert again.chorale.voices[0] == args[0]
    assert again.chorale.title == "Mine 2"
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "harmonises m.abc" in page


def test_bars_are_opened_and_all_else_is_handed_on(tmp_path):
    voices = tuple(
        " ".join(" ".join([str(p + i), "_ _ _"]) for i in range(12))
        for p in (64, 60, 50, 40)
    )
    path = tmp_path / "c.musicxml"
    path.write_text(write_musicxml(Chorale(voices)), "utf-8")
    drone = Drone()
    out = tmp_path / "out"
    harmonise(drone, str(path), rewrite="2", voices="AB", output=out)
    given = drone.calls[0][0]
    assert given[0] == voices[0] and given[2] == voices[2]
    for voice in (1, 3):
        tokens = given[voice].split()
        assert tokens[16:32] == ["?"] * 16
        assert tokens[:16] == voices[voice].split()[:16]
        assert tokens[32:] == voices[voice].split()[32:]
    with pytest.raises(InputError, match="from 0, a pick-up, to 3"):
        harmonise(drone, str(path), rewrite="2-9", output=out)
    with pytest.raises(InputError, match="letters S, A, T, B"):
        harmonise(drone, str(path), rewrite="2", voices="X", output=out)


def test_a_part_is_moved_sampled_and_played_as_asked(tmp_path):
    voices = tuple(f"{pitch} {'_ ' * 15}".strip() for pitch in (70, 60, 50, 40))
    path = tmp_path / "c.musicxml"
    path.write_text(write_musicxml(Chorale(voices)), "utf-8")
    drone = Drone()
    sampling = {"temperature": 0.5, "top_p": 0.8, "rewrites": 3}
    harmonise(
        drone,
        str(path),
        seed=4,
        **sampling,
        part="alto",
        transpose=12,
        tempo=120,
        instruments="Oboe, English Horn, Clarinet, Bassoon",
        output=tmp_path / "out",
    )
    ((args, asked),) = drone.calls
    assert args[0] == voices[1].replace("60", "72")
    assert asked == {"seed": 4, **sampling}
    played = mido.MidiFile(tmp_path / "out" / "chorale-1.mid")
    messages = [message for track in played.tracks for message in track]
    assert [m.tempo for m in messages if m.type == "set_tempo"] == [500_000]
    programs = [m.program for m in messages if m.type == "program_change"]
    assert programs == [68, 69, 71, 70]


def test_from_nothing_key_and_metre_are_asked_for(tmp_path):
    drone = Drone()
    harmonise(drone, key="Em", meter="4/4", output=tmp_path / "out")
    harmonise(drone, key="A", mode="minor", output=tmp_path / "out")
    asked = [args for args, _ in drone.calls]
    assert asked == [("4/4", 1, "minor"), ("", 0, "minor")]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"key": "H"}, "unknown key"),
        ({"meter": "4/5"}, "metre"),
        ({"rewrite": "1"}, "go with a file"),
        ({"instruments": "Flute, Oboe"}, "one name, or four"),
        ({"instruments": "Kazoo"}, "unknown instrument"),
        ({"tempo": 5}, "tempo"),
    ],
)
def test_bad_flags_are_one_line(wrong, why, tmp_path):
    with pytest.raises(InputError, match=why) as error:
        harmonise(Drone(), output=tmp_path / "out", **wrong)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_bad_files_are_one_line(melody, tmp_path):
    out = tmp_path / "out"
    for words, why in (
        ((str(melody), str(melody)), "one file"),
        ((str(tmp_path / "no.abc"),), "no such file"),
    ):
        with pytest.raises(InputError, match=why):
            harmonise(Drone(), *words, output=out)
    with pytest.raises(InputError, match="--transpose"):
        harmonise(Drone(), str(melody), transpose=-24, output=out)
    with pytest.raises(InputError, match="are the file's"):
        harmonise(Drone(), str(melody), key="G", output=out)
    with pytest.raises(InputError, match="no four parts"):
        harmonise(Drone(), str(melody), rewrite="1", output=out)
    assert not out.exists()
