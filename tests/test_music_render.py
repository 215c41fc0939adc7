import io
import re
import subprocess
import sys
import wave
import xml.etree.ElementTree as ET
from fractions import Fraction

import mido
import numpy as np
import pytest

from seqapps.tasks.music.notation.abc import Tune, normalise
from seqapps.tasks.music.notation.unusable import Unusable
from seqapps.tasks.music.rendering import engrave, perform, roll, tune_files
from seqapps.tasks.music.rendering.mei import write_mei

JIG = """X:1
T:A jig & more
M:6/8
L:1/8
K:Edor
B|e3 ^def|[1g2e (3ABc d:|[2g2e e2||
|:f-|f3 a2a|=f3 z3:|e3 e3-|e3 z3|]
"""
FORMATS = ("abc", "mid", "wav", "opus", "svg", "png")


@pytest.fixture
def jig():
    return normalise(JIG)


def messages(tune, *kinds):
    """(crotchets from the start, message) of some kinds."""
    file = mido.MidiFile(file=io.BytesIO(perform.render_midi(tune)))
    assert len(file.tracks) == 1
    timed, tick = [], 0
    for message in file.tracks[0]:
        tick += message.time
        if message.type in kinds:
            timed.append((Fraction(tick, file.ticks_per_beat), message))
    return timed


def sounding(tune):
    """(pitch, start, length) in crotchets, from the MIDI file."""
    notes, on = [], {}
    for time, message in messages(tune, "note_on", "note_off"):
        if message.type == "note_on":
            assert message.note not in on
            on[message.note] = time
        else:
            start = on.pop(message.note)
            notes.append((start, message.note, time - start))
    assert not on
    return sorted(notes)


def test_every_format_is_written(tmp_path, jig):
    stem = tmp_path / "new" / "tune.1"
    paths = tune_files.write_files(jig, stem, FORMATS)
    assert [p.name for p in paths] == [f"tune.1.{name}" for name in FORMATS]
    assert sorted(p.name for p in stem.parent.iterdir()) == sorted(
        p.name for p in paths
    )
    starts = [p.read_bytes()[:4] for p in paths]
    assert starts == [
        *[b"%abc", b"MThd", b"RIFF", b"OggS"],
        *[b"<svg", b"\x89PNG"],
    ]
    assert normalise(paths[0].read_text()) == jig


def test_files_repeat_themselves(tmp_path, jig):
    one = tune_files.write_files(jig, tmp_path / "a", FORMATS)
    two = tune_files.write_files(jig.abc(), tmp_path / "b", FORMATS)
    for a, b in zip(one, two, strict=True):
        assert a.read_bytes() == b.read_bytes()


def test_what_fails_leaves_nothing(tmp_path, jig, monkeypatch):
    (tmp_path / "t.mid").write_bytes(b"old")
    monkeypatch.setattr(tune_files.Path, "replace", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tune_files.write_files(jig, tmp_path / "t", ["mid"])
    assert [p.name for p in tmp_path.iterdir()] == ["t.mid"]
    assert (tmp_path / "t.mid").read_bytes() == b"old"


def test_text_is_normalised_and_a_tune_is_taken_as_it_is(tmp_path):
    with pytest.raises(Unusable):
        tune_files.write_files("X:1\nM:C\nK:C\nA8|", tmp_path / "t")
    rubbish = Tune("", "C", "major", "4/4", "A/3 | | (3 z5 [2 C,,,,,,,,,- :|")
    for path in tune_files.write_files(rubbish, tmp_path / "t", FORMATS):
        assert path.stat().st_size > 20
    empty = Tune("", "C", "major", "4/4", "")
    for path in tune_files.write_files(empty, tmp_path / "t", FORMATS):
        assert path.stat().st_size > 20


def test_another_format_is_refused_before_work(tmp_path, jig):
    with pytest.raises(KeyError):
        tune_files.write_files(jig, tmp_path / "t", ["mid", "mp3"])
    assert not list(tmp_path.iterdir())


def test_midi_plays_repeats_endings_ties_and_tuplets(jig):
    half = Fraction(1, 2)
    third = Fraction(1, 3)
    first = [(71, half), (76, 3 * half), (75, half), (76, half), (78, half)]
    again = [(79, 2 * half), (76, half)]
    triplet = [(69, third), (71, third), (73, third), (74, half)]
    second = [(78, 4 * half), (81, 2 * half), (81, half), (77, 3 * half)]
    end = [(76, 3 * half), (76, 6 * half)]
    expected = [
        *[*first, *again, *triplet],
        *[*first, *again, (76, 2 * half)],
        *[*second, None],
        *[*second, None],
        *end,
    ]
    played = sounding(jig)
    assert [(p, n) for _, p, n in played] == [e for e in expected if e]
    # the rest of three quavers before the last two notes is kept
    assert played[-2][0] - (played[-3][0] + played[-3][2]) == 3 * half
    assert played[0][0] == 0


def test_midi_says_tempo_metre_key_and_title(jig):
    assert [
        (time, m.numerator, m.denominator)
        for time, m in messages(jig, "time_signature")
    ] == [(0, 1, 8), (Fraction(1, 2), 6, 8)]
    ((_, tempo),) = messages(jig, "set_tempo")
    assert mido.tempo2bpm(tempo.tempo) == pytest.approx(168, abs=1e-3)
    ((_, key),) = messages(jig, "key_signature")
    assert key.key == "D"
    ((_, name),) = messages(jig, "track_name")
    assert name.name == "A jig & more"
    whole = normalise("X:1\nM:C\nL:1/8\nK:Eb\nA8|B8|c8|d8|]")
    assert [m.numerator for _, m in messages(whole, "time_signature")] == [4]
    assert messages(whole, "key_signature")[0][1].key == "Eb"
    strong = [m.velocity for _, m in messages(jig, "note_on")][:5]
    assert strong == [104, 104, 84, 84, 84]


def test_the_sound_has_the_right_pitches():
    # A4, E5, B5: a minim each of four in a bar at 152
    tune = Tune("", "C", "major", "4/4", "A8 | e8 | b8 |")
    with wave.open(io.BytesIO(perform.render_wav(tune))) as file:
        rate = file.getframerate()
        assert (rate, file.getnchannels(), file.getsampwidth()) == (48000, 2, 2)
        frames = file.readframes(file.getnframes())
    left = np.frombuffer(frames, "<i2").reshape(-1, 2).mean(axis=1)
    assert np.abs(left).max() > 20000
    bar = int(rate * 4 * 60 / 152)
    for i, pitch in enumerate((69, 76, 83)):
        part = left[i * bar : (i + 1) * bar]
        power = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        peak = np.fft.rfftfreq(len(part), 1 / rate)[power.argmax()]
        assert 12 * np.log2(peak / 440) + 69 == pytest.approx(pitch, abs=0.3)
    assert len(left) > 3 * bar + rate / 4
    assert np.abs(left[-rate // 20 :]).max() < 2000


def mei(tune):
    text = re.sub(' xmlns="[^"]+"', "", write_mei(tune), count=1)
    return ET.fromstring(text)


def test_the_score_says_what_the_tune_says(jig):
    score = mei(jig)
    assert score.find(".//rend").text == "A jig & more"
    assert score.find(".//keySig").get("sig") == "2s"
    assert dict(score.find(".//meterSig").items()) == {
        "count": "6",
        "unit": "8",
    }
    measures = score.findall(".//measure")
    assert [(m.get("n"), m.get("left"), m.get("right")) for m in measures] == [
        ("0", None, "single"),
        ("1", None, "single"),
        ("2", None, "rptend"),
        ("3", None, "single"),
        ("3", "rptstart", "single"),
        ("4", None, "single"),
        ("5", None, "rptend"),
        ("6", None, "single"),
        ("7", None, "end"),
    ]
    endings = score.findall(".//ending")
    assert [(e.get("n"), len(e.findall("measure"))) for e in endings] == [
        ("1", 1),
        ("2", 1),
    ]
    cut = [m.get("metcon") for m in measures]
    assert cut == ["false", None, None, "false", "false", *[None] * 4]
    beams = [len(b.findall(".//note")) for b in score.findall(".//beam")]
    assert beams == [3, 4]
    tuplet = score.find(".//tuplet")
    assert (tuplet.get("num"), tuplet.get("numbase")) == ("3", "2")
    notes = score.findall(".//note")
    assert [n.get("tie") for n in notes if n.get("tie")] == list("itit")
    accidentals = [(n.get("pname"), n.get("accid")) for n in notes]
    assert [a for a in accidentals if a[1]] == [("d", "s"), ("f", "n")]
    assert notes[0].get("oct") == "4" and notes[1].get("oct") == "5"
    assert [r.get("dur") for r in score.findall(".//rest")] == ["4", "4"]


@pytest.mark.parametrize(
    ("token", "signs"),
    [
        ("A", [("8", None)]),
        ("A3/2", [("8", "1")]),
        ("A7/4", [("8", "2")]),
        ("A6", [("2", "1")]),
        ("A8", [("1", None)]),
        ("A16", [("breve", None)]),
        ("A5", [("2", None), ("8", None)]),
        ("A/4", [("32", None)]),
    ],
)
def test_lengths_are_written_with_signs(token, signs):
    notes = mei(Tune("", "C", "major", "4/4", token + " |]")).iter("note")
    assert [(n.get("dur"), n.get("dots")) for n in notes] == signs


def test_the_page_is_as_high_as_the_music(jig):
    def height(tune):
        return float(
            re.search(r'height="([\d.]+)px"', engrave.draw_svg(tune))[1]
        )

    lines = [
        Tune("", "C", "major", "4/4", " | ".join(["A8"] * n) + " |]")
        for n in (4, 8, 12)
    ]
    one, two, three = map(height, lines)
    assert 60 < one < 200
    assert three - two == pytest.approx(two - one, rel=0.1)
    drawn = ET.fromstring(engrave.draw_svg(jig))
    kinds = [e.get("class") for e in drawn.iter() if e.get("class")]
    assert kinds.count("measure") == 9
    assert sum(kind.startswith("ending") for kind in kinds) == 2


def test_the_roll_shows_every_note(jig, monkeypatch):
    from matplotlib.figure import Figure

    figures = []
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *_, **__: figures.append(self)
    )
    roll.draw_png(jig)
    (axes,) = figures[0].axes
    bars = [p for c in axes.collections for p in c.get_paths()]
    lines = len(perform.bar_starts(perform.expand_repeats(jig)))
    assert len(bars) - lines == len(sounding(jig))
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[:3] == ["A4", "B4", "C#5"] and names[-1] == "A5"
    assert axes.get_title("left") == "A jig & more"
    # the pick-up has no number; the first full bar is 1
    ticks = axes.get_xticks()
    assert ticks[0] == pytest.approx(1 / 8)
    assert [t.get_text() for t in axes.get_xticklabels()][:2] == ["1", "2"]


def test_nothing_is_said_and_little_is_imported(tmp_path):
    code = (
        "import sys\n"
        "from seqapps.tasks.music.rendering.tune_files import write_files\n"
        "heavy = {'verovio', 'mido', 'matplotlib', 'midirenderer'}\n"
        "assert not heavy & set(sys.modules)\n"
        f"write_files({JIG!r}, {str(tmp_path / 't')!r})\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert 'music21' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list(tmp_path.iterdir())) == 4
