"""Four voices as text, notes, measures; keys, spelling, voice leading."""

import pytest

from seqapps.errors import InputError
from seqapps.tasks.chorale.evaluation import voice_leading
from seqapps.tasks.chorale.notation import passages, spelling
from seqapps.tasks.chorale.notation.chorale import (
    Chorale,
    Note,
    bar_steps,
    format_voice,
    parse_voice,
    require_range,
)
from seqapps.tasks.chorale.notation.measures import (
    VALUES,
    accidentals,
    split_measures,
)


def steady(*pitches, length=4):
    return " ".join(
        " ".join([str(pitch)] + ["_"] * (length - 1)) for pitch in pitches
    )


def chords(*rows, **kwargs):
    """A chorale of crotchets, one chord after the other."""
    return Chorale(
        tuple(map(lambda v: steady(*v), zip(*rows, strict=True))), **kwargs
    )


def test_text_and_notes_say_the_same():
    text = "67^ _ _ . . 69 70 _"
    notes = parse_voice(text)
    assert notes == [
        Note(0, 3, 67, True),
        Note(3, 2, None),
        Note(5, 1, 69),
        Note(6, 2, 70),
    ]
    assert format_voice(notes, 8) == text
    assert format_voice([Note(2, 9, 60)], 4) == ". . 60 _"
    with pytest.raises(InputError, match="no token"):
        parse_voice("67 x")


@pytest.mark.parametrize("meter", ["4/4", "3/4", "3/2", "6/8", "12/8"])
def test_measures_hold_every_sixteenth_once(meter):
    voice = steady(60, 62, 64, 65, 67, 69, 71, length=7)
    chorale = Chorale((voice,) * 4, meter, pickup=4)
    measures = split_measures(chorale)
    assert measures[0].number == 0
    assert {m.length for m in measures[1:-1]} <= {bar_steps(meter)}
    for voice in range(4):
        pieces = [p for m in measures for p in m.voices[voice]]
        assert all(p.length in VALUES for p in pieces)
        ends = [p.start + p.length for p in pieces]
        assert [p.start for p in pieces] == [0, *ends[:-1]]
        assert ends[-1] == chorale.steps
        heard = [p.pitch for p in pieces for _ in range(p.length)]
        assert heard == chorale.sounding(voice)
        assert sum(not p.tied for p in pieces) == len(chorale.notes(voice))
        assert [p.ties for p in pieces][:-1] == [p.tied for p in pieces][1:]


def test_an_accidental_holds_for_a_measure():
    chorale = chords(*[(p, p - 12, 50, 40) for p in (66, 65, 65, 66, 66)])
    first, second = split_measures(chorale)
    assert accidentals(first, [0], 0) == {(0, 0): 1, (0, 4): 0, (0, 12): 1}
    assert accidentals(second, [0], 0) == {(0, 16): 1}
    assert not accidentals(second, [0], 1)


@pytest.mark.parametrize("sharps", range(-6, 7))
def test_a_scale_is_spelled_without_accidentals(sharps):
    white = [0, 2, 4, 5, 7, 9, 11]
    pitches = [60 + p - spelling.shift_to_white(sharps) for p in white]
    assert -5 <= spelling.shift_to_white(sharps) <= 6
    letters = set()
    for pitch in pitches:
        letter, alter, octave = spelling.spell(pitch, sharps)
        assert alter == spelling.in_signature(letter, sharps)
        natural = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
        assert natural[letter] + alter + 12 * (octave + 1) == pitch
        letters.add(letter)
    assert len(letters) == 7
    notes = [(pitch, 4.0) for pitch in pitches]
    assert (spelling.estimate_sharps(notes, 0) - sharps) % 12 == 0
    assert spelling.mode_of(pitches[0], sharps) == "major"
    assert spelling.mode_of(pitches[5], sharps) == "minor"


def test_a_written_signature_that_fits_stays():
    dorian = [(62 + p, 1.0) for p in (0, 2, 3, 5, 7, 8, 10, 12)]  # B flat
    assert spelling.estimate_sharps(dorian, -1) == -1
    assert spelling.estimate_sharps(dorian, 0) == -1
    assert spelling.estimate_sharps([(60, 1.0), (67, 1.0)], 0) == 0
    assert spelling.estimate_sharps([], -3) == -3


def test_parallels_are_counted_by_pair():
    rows = [(72, 67, 64, 48), (74, 69, 65, 50)]
    assert voice_leading.parallels(chords(*rows)) == {
        "fifths": 1,  # alto and bass
        "octaves": 1,  # soprano and bass
    }
    contrary = [(72, 67, 64, 48), (74, 65, 62, 43)]
    assert not any(voice_leading.parallels(chords(*contrary)).values())
    held = [(72, 67, 64, 48), (72, 67, 64, 48)]
    assert not any(voice_leading.parallels(chords(*held)).values())


def test_leading_notes_leaps_and_problems():
    rows = [(71, 67, 59, 43), (72, 67, 60, 48)]
    assert voice_leading.doubled_leading_notes(chords(*rows, mode="major")) == 1
    assert voice_leading.doubled_leading_notes(chords(*rows)) == 0
    leaps = [(72, 64, 60, 48), (60, 60, 57, 36), (70, 60, 57, 45)]
    assert voice_leading.large_leaps(chords(*leaps)) == 2  # and two octaves
    assert voice_leading.problems(chords(*rows)) == []
    assert voice_leading.problems(chords((60, 64, 59, 30))) == [
        "a voice leaves its range",
        "voices cross",
    ]
    silent = Chorale(("60 _", "57 .", "55 _", "43 _"))
    assert voice_leading.problems(silent) == ["a voice is silent"]


def test_transposing_keeps_the_degrees():
    chorale = chords((71, 67, 59, 43), (72, 67, 60, 48), sharps=1)
    for semitones in range(-9, 10):
        moved = passages.transposed(chorale, semitones)
        for voice in range(4):
            before, after = chorale.sounding(voice), moved.sounding(voice)
            assert [b - a for a, b in zip(before, after, strict=True)] == [
                semitones
            ] * 8
        white = spelling.shift_to_white
        assert (semitones + white(moved.sharps) - white(1)) % 12 == 0


def test_opening_takes_whole_notes_alone():
    voice = "60 _ _ 62 _ 64 _ _ 65 _ _ _"
    chorale = Chorale((voice,) * 4, "1/4")
    open_ = passages.opened(chorale, 2, 2, [1])
    assert open_.voices[1] == "60 _ _ 62 _ ? ? ? 65 _ _ _"
    assert open_.voices[0] == voice
    with pytest.raises(InputError, match="no note of alto"):
        passages.opened(Chorale((steady(60, length=12),) * 4), 1, 0, [1])


@pytest.mark.parametrize(
    ("key", "mode", "expected"),
    [
        ("G", "", (1, "major")),
        ("f#m", "", (3, "minor")),
        ("Bb", "minor", (-5, "minor")),
        ("C", "minor", (-3, "minor")),
        ("Cb", "", (-7, "major")),
        ("A# minor", "", (7, "minor")),
        ("", "minor", (0, "minor")),
    ],
)
def test_keys_are_read(key, mode, expected):
    assert passages.parse_key(key, mode) == expected


@pytest.mark.parametrize(
    ("key", "mode"), [("H", ""), ("Gm", "major"), ("G#", ""), ("Fb", "minor")]
)
def test_no_keys(key, mode):
    with pytest.raises(InputError):
        passages.parse_key(key, mode)


def test_a_melody_out_of_range_gets_a_hint():
    low = Chorale((steady(48, 50), "", "", ""))
    with pytest.raises(InputError, match="--transpose 12"):
        require_range(low)
    require_range(passages.transposed(low, 12))
    wide = Chorale((steady(40, 90), "", "", ""))
    with pytest.raises(InputError, match="from E2 to F#6"):
        require_range(wide)
