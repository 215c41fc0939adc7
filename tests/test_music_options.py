"""What `generate` is asked for: forms that people use, notes, another key."""

import doctest

import pytest

from seqapps.errors import InputError
from seqapps.tasks.music import options
from seqapps.tasks.music.importers import start
from seqapps.tasks.music.notation import transpose
from seqapps.tasks.music.notation.abc import Tune
from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.rendering import perform, sound


def composed(bars):
    return options.GenerateOptions(bars=bars)


@pytest.mark.parametrize("module", [options, perform, transpose])
def test_examples(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "key, mode, meter, right",
    [
        ("Ador", "", "", ("A", "dorian", "")),
        ("Am", "", "C", ("A", "minor", "4/4")),
        ("AM", "", "c|", ("A", "major", "2/2")),
        ("g", "mix", "6:8", ("G", "mixolydian", "6/8")),
        ("bb", "", " 9 / 8 ", ("Bb", "", "9/8")),
        ("Bbm", "minor", "", ("Bb", "minor", "")),
        ("f# aeolian", "m", "", ("F#", "minor", "")),
        ("E flat major", "", "", ("Eb", "major", "")),
        ("A♭", "Ionian", "", ("Ab", "major", "")),
        ("b", "DOR", "", ("B", "dorian", "")),
        ("", "", "", ("", "", "")),
    ],
)
def test_forms_that_people_write(key, mode, meter, right):
    assert options.parse_header(key, mode, meter) == right


@pytest.mark.parametrize(
    "call, arguments, message",
    [
        (options.parse_header, ("A Dorain", "", ""), "did you mean dorian?"),
        (options.parse_header, ("h", "", ""), "unknown key h: give a tonic"),
        (options.parse_header, ("GG", "", ""), "unknown key GG"),
        (
            options.parse_header,
            ("Am", "dor", ""),
            "is minor, but --mode says dor",
        ),
        (options.parse_header, ("", "mx", ""), "unknown mode mx"),
        (options.parse_header, ("", "", "13/8"), "did you mean 3/8?"),
        (options.parse_header, ("", "", "3/0"), "unknown meter 3/0"),
        (composed, (1,), "from 4 to 256, not 1"),
        (composed, (-8,), "from 4 to 256, not -8"),
        (sound.parse_tempo, ("0", "4/4"), "--tempo"),
        (sound.parse_tempo, ("1/0=60", "4/4"), "--tempo"),
        (sound.parse_tempo, ("99999", "4/4"), "--tempo"),
        (
            sound.parse_instrument,
            ("sax",),
            "did you mean Soprano Sax or Alto Sax",
        ),
    ],
)
def test_what_is_not_understood_is_refused(call, arguments, message):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        call(*arguments)


@pytest.mark.parametrize("semitones", [-14, -7, -1, 1, 6, 12, 19])
def test_a_transposed_tune_sounds_so_much_higher(semitones):
    body = "|: D2 ^G2 =c2 d'2 | A,2 z2 F4- | F8 | ^c4 _e4 :|"
    for key in ("D", "Bb", "F#"):
        tune = Tune("", key, "major", "4/4", body)
        if key == "F#":
            tune = Tune("", key, "minor", "4/4", body)
        moved = transpose.transpose(tune, semitones)
        assert list(melody(moved)) == [
            (None if pitch is None else pitch + semitones, length)
            for pitch, length in melody(tune)
        ]


def test_a_note_that_cannot_be_written_is_refused():
    tune = Tune("Odd", "Bb", "major", "2/4", "^^c4 |]")
    with pytest.raises(InputError, match="Odd cannot be written"):
        transpose.transpose(tune, 6)  # of E major: F with three sharps


@pytest.mark.parametrize(
    "text, header, key, notes, guessed",
    [
        ("GAB c2d", ("G", "", "6/8"), ("G", "major"), "G A B c2 d", ""),
        ("A2 ce", ("", "", "4/4"), ("A", "minor"), "A2 c e", "A minor"),
        (
            "d2 f2 a2 d2",
            ("", "", ""),
            ("D", "minor"),
            "d2 f2 a2 d2",
            "D minor (--key), 4/4",
        ),
        ("M:3/4\nK:Ador\nA2", ("", "", ""), ("A", "dorian"), "A2", ""),
        ("G & B", ("G", "", "4/4"), ("G", "major"), "G", "first voice"),
        ("K:G\nGA", ("", "", ""), ("G", "major"), "G A", "no metre"),
        ("M:4/4\nK:G\nG\n\nK:D\nA", ("",) * 3, ("G", "major"), "G", "of 2"),
    ],
)
def test_notes_keep_the_pitch_they_are_written_with(
    text, header, key, notes, guessed
):
    tune, report = start.parse_start(text, *header)
    assert (tune.key, tune.mode) == key
    assert tune.body == notes
    report = "; ".join(report)
    assert guessed in report and bool(report) == bool(guessed)


def test_bars_are_limited_in_python_too():
    from seqapps.tasks.music.decode import Composer

    composer = Composer.__new__(Composer)
    with pytest.raises(InputError, match="bars is at most 256, not 100000"):
        composer.generate(bars=100_000)
