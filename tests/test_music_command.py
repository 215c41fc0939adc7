"""`generate` on the command line: its files, its words, what it refuses."""

import os
import shutil

import mido
import pytest

import seqapps
from seqapps import export, files
from seqapps.cli import main
from seqapps.errors import InputError
from seqapps.tasks import music
from seqapps.tasks.music.notation import abc
from seqapps.tasks.music.rendering import folder


@pytest.mark.parametrize("part", ["saved_model.pb", "variables", "cut"])
def test_a_damaged_model_is_one_line(saved, part, tmp_path, monkeypatch, capfd):
    broken = tmp_path / "broken"
    shutil.copytree(saved, broken)
    if part == "variables":
        shutil.rmtree(broken / part)
    elif part == "cut":
        path = broken / "saved_model.pb"
        path.write_bytes(path.read_bytes()[:1000])
    else:
        (broken / part).unlink()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(music.TASK, ["generate", "--from", str(broken)])
    assert left.value.code == 2
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and "broken" in lines[0]


def test_generate_writes_all_files(composer, tmp_path, capsys):
    paths = music.generate(composer, bars=4, count=2, output=tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    endings = ("abc", "mid", "png", "svg", "wav")
    tunes = [f"tune-{n}.{e}" for n in (1, 2) for e in endings]
    assert names == ["index.html", *tunes]
    assert len(paths) == 11 and all(p.stat().st_size > 40 for p in paths)
    out = capsys.readouterr().out
    assert "index.html" in out and "K:" in out
    page = (tmp_path / "out/index.html").read_text("utf-8")
    assert "4 bars" in page and "tune-2.mid" in page


def test_a_primer_and_a_tune_to_vary_are_files(composer, tmp_path, capsys):
    header = "X:1\nT:Mine\nM:2/4\nL:1/8\nK:D\n"
    tune = "DEFG|A2d2|AFDF|E4|]\n"
    (tmp_path / "mine.abc").write_text(header + tune)
    (tmp_path / "begun.abc").write_text(header + "DEFG|A2")
    music.generate(
        composer,
        primer=tmp_path / "begun.abc",
        bars=8,
        count=1,
        output=tmp_path / "one",
    )
    assert "DE FG | A2" in (tmp_path / "one/tune-1.abc").read_text()
    assert "continued" in (tmp_path / "one/tune-1.abc").read_text()
    whole = header + "A2|DEFG|A2d2|AFDF|E4|A2d2|AFDF|A4|E2|]\n"
    (tmp_path / "whole.abc").write_text(whole)
    music.generate(
        composer,
        primer=tmp_path / "whole.abc",
        bars=8,
        count=1,
        output=tmp_path / "full",
    )
    assert "nothing was added" in capsys.readouterr().err
    music.generate(
        composer,
        vary=tmp_path / "mine.abc",
        strength=0.01,
        count=2,
        output=tmp_path / "two",
    )
    assert "Mine, variation 2" in (tmp_path / "two/tune-2.abc").read_text()
    assert "varies mine.abc" in (tmp_path / "two/index.html").read_text("utf-8")


def test_a_title_names_no_file(composer, tmp_path, capsys):
    title = '../../x<img src="y">\x1b[31m'
    given = tmp_path / ("<b>&.abc" if os.name != "nt" else "&.abc")
    head = f"X:1\nT:{title}\nM:2/4\nL:1/8\nK:D\n"
    given.write_text(head + "DEFG|A2d2|AFDF|E4|]\n")
    out = tmp_path / "a/b"
    music.generate(composer, vary=given, strength=0.01, count=1, output=out)
    names = {path.name for path in out.iterdir()}
    assert names == {"index.html", *(f"tune-1.{e}" for e in folder._FORMATS)}
    assert sorted(path.name for path in tmp_path.iterdir()) == [given.name, "a"]
    page = (out / "index.html").read_text("utf-8")
    assert "<img" not in page and "<b>" not in page
    assert "../../x&lt;img" in page and "&amp;.abc" in page
    said = capsys.readouterr()
    assert "\x1b" not in page + said.out + said.err


def test_notes_of_the_command_line_go_on(composer, tmp_path, capsys):
    music.generate(
        composer,
        start="DE FG | A2",
        key="d",
        meter="2/4",
        bars=8,
        count=1,
        tempo="99",
        instrument="banjo",
        transpose=2,
        output=tmp_path,
    )
    text = (tmp_path / "tune-1.abc").read_text()
    assert "Q:1/4=99\nK:E\n%%MIDI program 105\nEF GA | B2" in text
    track = mido.MidiFile(tmp_path / "tune-1.mid").tracks[0]
    values = {m.type: m for m in reversed(track)}
    assert values["program_change"].program == 105
    assert round(mido.tempo2bpm(values["set_tempo"].tempo)) == 99
    assert values["key_signature"].key == "E"
    assert [m.note for m in track if m.type == "note_on"][:2] == [64, 66]


def test_what_is_not_right_is_written_as_text_only(composer, tmp_path, capsys):
    music.generate(
        composer, bars=8, count=1, unconstrained=True, output=tmp_path / "out"
    )
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["tune-1.abc"]
    out = capsys.readouterr().out
    assert "tune 1 is not right:" in out and "none is right" in out


@pytest.mark.parametrize(
    "words, said",
    [
        (["--key", "H"], "unknown key H: give a tonic"),
        (["--key", "Gm7"], "unknown key Gm7"),
        (["--key", "Am", "--mode", "major"], "--key Am is minor"),
        (["--mode", "lidian"], "did you mean lydian?"),
        (["--meter", "68"], "did you mean 6/8?"),
        (["--meter", "7/8"], "unknown meter 7/8"),
        (["--temperature", "0"], "--temperature is above 0"),
        (["--count", "0"], "--count"),
        (["--bars", "0"], "--bars is from 4 to 256, not 0"),
        (["--bars", "3"], "--bars is from 4 to 256, not 3"),
        (["--bars", "100000"], "--bars is from 4 to 256"),
        (["--form", "AB" * 100], "--form has up to 32 letters"),
        (["--tempo", "fast"], "--tempo is 20 to 600 beats"),
        (["--instrument", "kazoo"], "unknown instrument kazoo: did you mean"),
        (["--transpose", "25"], "--transpose is up to 24 semitones"),
        (["--start", "z4"], "no notes"),
        (["--start", "GAB", "--primer", "x.abc"], "--primer or --start"),
        (["--form", "AABBCC", "--bars", "16"], "do not divide into the 3"),
        (["--primer", "file"], "file"),
        (["--primer", "none.mid"], "none.mid"),
        (["--vary", "file", "--bars", "8"], "--vary keeps"),
        (["--vary", "file", "--rhythm", "reel"], "--vary keeps"),
        (["--rewrite", "5-8"], "--rewrite goes with --vary"),
        (["--rhythm", "rele"], "unknown rhythm rele: did you mean reel?"),
        (["--range", "D4"], "--range is two notes such as D4-B5"),
        (
            ["--range", "D4-B5", "--unconstrained"],
            "--range is kept by the mask",
        ),
        (["--swing", "0.9"], "--swing"),
        (["--output", "file/out"], "cannot write to file/out"),
    ],
    ids=str,
)
def test_bad_input_leaves_nothing(
    composer, words, said, tmp_path, monkeypatch, capfd
):
    monkeypatch.setattr("seqapps.export.load", lambda path, **_: composer)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("kept")
    with pytest.raises(SystemExit) as left:
        main(music.TASK, ["generate", "--count", "1", *words])
    out, err = capfd.readouterr()
    assert left.value.code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1 and said in err
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


class Old:
    """A composer of an earlier version."""

    def generate(self, **request):
        raise AssertionError(request)

    vary = generate


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"rhythm": "reel"}, "earlier version, which has no --rhythm"),
        ({"range": "D4-B5"}, "earlier version, which has no --range"),
        ({"candidates": 2}, "earlier version, which has no --candidates"),
    ],
)
def test_what_an_earlier_model_lacks_is_said(asked, said, tmp_path):
    with pytest.raises(InputError, match=said):
        music.generate(Old(), **asked, output=tmp_path)


class Asked(Exception):
    """Says what a composer was asked for."""


class Asking:
    """A composer of this version, which composes nothing."""

    rewrite = None

    def generate(self, **request):
        raise Asked(request)


def test_kind_range_and_candidates_reach_the_composer(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(Asked) as asked:
        music.generate(
            Asking(),
            rhythm="Slip jigs",
            range="D4-B5",
            transpose=2,
            candidates=3,
            output=out,
        )
    (request,) = asked.value.args
    found = {name: request[name] for name in ("rhythm", "candidates")}
    assert found == {"rhythm": "slip-jig", "candidates": 3}
    # as composed, before they are moved two semitones up
    assert (request["lowest"], request["highest"]) == (60, 81)
    assert not out.exists()


def test_a_passage_of_a_file_is_written_anew(composer, tmp_path, capsys):
    tune = "X:1\nT:Mine\nR:reel\nM:2/4\nL:1/8\nK:D\nDEFG|A2d2|AFDF|E4|]\n"
    (tmp_path / "mine.abc").write_text(tune)
    music.generate(
        composer,
        vary=tmp_path / "mine.abc",
        rewrite="2-3",
        count=1,
        output=tmp_path / "out",
    )
    text = (tmp_path / "out/tune-1.abc").read_text()
    assert "R:reel\n" in text and "DE FG |" in text and "| E4 |]" in text
    assert "A2 d2 | AF DF" not in text
    page = (tmp_path / "out/index.html").read_text("utf-8")
    assert "re-writes bars 2 to 3 of mine.abc" in page.lower()


def composed(command, folder):
    """Returns a tune that what ships wrote in a process of its own."""
    words = "generate --key D --meter 6/8 --bars 8 --count 1 --seed 7"
    done = command(*words.split(), cwd=folder)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    written = abc.normalise((folder / "out/tune-1.abc").read_text("utf-8"))
    assert (written.meter, written.key) == ("6/8", "D")
    return written


def test_what_ships_composes(command, tmp_path):
    assert composed(command, tmp_path).body.count("|") == 9  # a pick-up first


@pytest.mark.slow
def test_what_ships_composes_alike_in_any_process(command, tmp_path):
    """As the model of `test_music` does."""
    shipped = seqapps.load(export.shipped_model("music"))
    asked = {"key": "D", "meter": "6/8", "bars": 8, "seed": 7, "top_p": 0.95}
    tune = abc.parse_canonical(shipped.generate(**asked)[0])
    assert (tune.meter, tune.key) == ("6/8", "D")
    assert composed(command, tmp_path).body == tune.body


def test_files_of_an_earlier_run_are_named(composer, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    (out / "tune-2.abc").write_text("of an earlier run")
    (out / "tune-12.wav").write_text("of an earlier run")
    music.generate(composer, bars=4, count=1, output=out)
    err = capsys.readouterr().err
    assert "holds 2 files of an earlier run: tune-12.wav, tune-2.abc" in err
    assert (out / "tune-2.abc").read_text() == "of an earlier run"
    assert not [p for p in out.iterdir() if p.name.startswith(".")]


def test_one_process_at_a_time_writes_a_folder(composer, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    with (
        files.lock_folder(out),
        pytest.raises(InputError, match="another proc"),
    ):
        music.generate(composer, bars=4, count=1, output=out)
    assert [path.name for path in out.iterdir()] == []
    music.generate(composer, bars=4, count=1, output=out)
    assert (out / "index.html").exists()


def test_tunes_are_written_as_they_come(
    composer, tmp_path, monkeypatch, capsys
):
    """Batch by batch; a stop leaves a page of what is there."""
    monkeypatch.setattr(folder, "_COMPOSE_BATCH", 2)
    music.generate(composer, bars=4, count=2, seed=3, output=tmp_path / "few")
    real, calls = composer.generate, []

    def generate(**request):
        calls.append((request["count"], request["seed"]))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(**request)

    monkeypatch.setattr(composer, "generate", generate)
    many = tmp_path / "many"
    with pytest.raises(KeyboardInterrupt):
        music.generate(composer, bars=4, count=5, seed=3, output=many)
    assert [count for count, _ in calls] == [2, 2, 1]
    assert calls[0][1] == 3 and len({seed for _, seed in calls}) == 3
    assert len(list(many.glob("tune-*.abc"))) == 4
    page = (many / "index.html").read_text("utf-8")
    assert page.count("<article") == 4 and page.endswith("</html>\n")
    for name in ("tune-1.abc", "tune-2.abc"):
        few = (tmp_path / "few" / name).read_text()
        assert (many / name).read_text() == few
