"""Kinds of tunes, ranges of notes and bars, swing."""

from fractions import Fraction

import pytest

from seqapps.errors import InputError
from seqapps.tasks.music import options, ranges
from seqapps.tasks.music.evaluation import endings, kinds
from seqapps.tasks.music.notation import abc, rhythm
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering import perform, sound, swing

JIG = "G A B c d e | " * 3 + "G A B G3 |]"


def tune(meter, body, named="", **kwargs):
    return Tune("", "G", "major", meter, body, rhythm=named, **kwargs)


@pytest.mark.parametrize(
    "meter, body, named, kind",
    [
        ("6/8", JIG, "", "jig"),
        ("6/8", "G3 A3 | " * 3 + "G6 |]", "", ""),
        ("9/8", "G A B c d e f g a | G9 |]", "", "slip-jig"),
        ("9/8", JIG, "jig", "slip-jig"),
        ("2/4", JIG, "jig", ""),
        ("3/4", "G2 A2 B2 | G6 |]", "", "waltz"),
        ("2/4", "G A B2 | G A B c |]", "", "polka"),
        ("2/2", "G A B c d e f g | " * 4 + "G A B c G4 |]", "", "reel"),
        ("2/2", "G A B c d e f g | " * 4 + "G8 |]", "hornpipe", "hornpipe"),
        ("2/2", "G3/2 A/2 B3/2 c/2 d3/2 e/2 f2 | G8 |]", "", ""),
        ("2/2", "G3/2 A/2 B3/2 c/2 d3/2 e/2 f3/2 g/2 |]", "", "hornpipe"),
        ("4/4", "G/2 A3/2 B3/2 c/2 d/2 e3/2 f3/2 g/2 |]", "", "strathspey"),
        ("4/4", "z8 |]", "", ""),
        ("4/4", "G4 |", "", ""),
    ],
)
def test_what_a_tune_is(meter, body, named, kind):
    assert rhythm.rhythm_of(tune(meter, body, named)) == kind


def test_the_field_is_read_and_written():
    text = "X:1\nT:x\nR: Double Jig\nM:6/8\nL:1/8\nK:G\n" + "GAB cde|" * 4
    read = abc.normalise(text)
    assert read.rhythm == "jig" and "\nR:jig\nM:6/8\n" in read.abc()
    assert abc.parse_canonical(read.abc()) == read
    assert "R:" not in abc.normalise(text.replace("R:", "S:")).abc()


@pytest.mark.parametrize(
    "text, name",
    [("Reel", "reel"), ("slip jig", "slip-jig"), ("waltzes", "waltz")][:2]
    + [("hornpipes", "hornpipe"), ("", "")],
)
def test_kinds_as_people_write_them(text, name):
    assert options.parse_rhythm_name(text) == name


@pytest.mark.parametrize(
    "parse, text, result",
    [
        (ranges.parse_range, "D4-B5", (62, 83)),
        (ranges.parse_range, " f#3 - eb5 ", (54, 75)),
        (ranges.parse_range, "", (0, 127)),
        (ranges.parse_passage, "5-8", (5, 8)),
        (ranges.parse_passage, "5", (5, 5)),
        (ranges.parse_passage, "", None),
    ],
)
def test_ranges(parse, text, result):
    assert parse(text) == result


@pytest.mark.parametrize(
    "parse, text, said",
    [
        (ranges.parse_range, "D4", "two notes such as D4-B5"),
        (ranges.parse_range, "B5-D4", "from a lower note to a higher"),
        (ranges.parse_range, "H4-B5", "two notes"),
        (ranges.parse_passage, "8-5", "bars such as 5-8"),
        (ranges.parse_passage, "0-2", "bars such as 5-8"),
        (ranges.parse_passage, "all", "bars such as 5-8"),
        (options.parse_rhythm_name, "rele", "did you mean reel?"),
        (options.parse_rhythm_name, "tango", "one of hornpipe, jig"),
    ],
)
def test_what_is_none_is_refused(parse, text, said):
    with pytest.raises(InputError, match=said):
        parse(text)


def test_a_range_goes_with_a_transposition():
    assert ranges.parse_range("D4-B5").transposed(-3) == (59, 80)
    assert ranges.NoteRange().transposed(5) == (0, 127)
    with pytest.raises(InputError, match="nothing of --range"):
        ranges.NoteRange(100, 110).transposed(30)


def times(tune):
    starts = [note.start for note in perform.timed_notes(tune)]
    played = swing.swung_times(tune, starts)
    return [str(played.get(time, time) * 8) for time in starts]


def test_only_even_pairs_swing():
    """Not dotted notes, triplets, or runs of semiquavers."""
    body = "G A B3/2 c/2 (3 d e f g2 | A/2 B/2 c G2 A4 |]"
    even = tune("4/4", body)
    assert swing.swung_times(even, [Fraction(1, 8)]) == {}
    swung = tune("4/4", body, "hornpipe")
    assert times(swung)[:4] == ["0", "4/3", "2", "7/2"]
    assert times(swung)[4:] == times(even)[4:]
    assert times(tune("4/4", body, swing=0.6))[1] == "6/5"
    assert times(tune("4/4", body, "hornpipe", swing=0.5))[1] == "1"
    assert times(tune("6/8", JIG, "hornpipe")) == times(tune("6/8", JIG))


def test_beats_are_counted_from_the_end_of_the_pickup():
    swung = tune("2/2", "G | A B c d e f g a | G8 |]", "hornpipe")
    assert times(swung)[:4] == ["1/3", "1", "7/3", "3"]
    in_semiquavers = tune("2/4", "A/2 B/2 c/2 d/2 e2 |]", "hornpipe")
    assert times(in_semiquavers)[:3] == ["0", "2/3", "1"]


def test_midi_swings():
    body = "G A B c d e f g | G8 |]"
    even, swung = (tune("2/2", body, kind) for kind in ("reel", "hornpipe"))
    assert perform.render_midi(even) != perform.render_midi(swung)
    assert perform.render_midi(swung) == perform.render_midi(
        tune("2/2", body, swing=2 / 3)
    )
    asked = sound.parse_sound("", "", 0, swing=0.6)
    assert asked.apply_to(even) == tune("2/2", body, "reel", swing=0.6)


def test_kinds_are_measured_side_by_side():
    real = [tune("2/4", "G4 :: A2 G2 :|")] * 6 + [tune("3/4", "G6 |]")]
    asked = []

    def compose(kind, count):
        asked.append((kind, count))
        return [tune("2/4", "G4 :: G4 :|")] * count

    (row,) = kinds.compare(real, compose, 3)
    assert asked == [(("2/4", "major"), 3)] and row.tunes == 6
    assert row.real["shared endings"] == 0 and row.composed[
        "shared endings"
    ] == (1)
    means = kinds.averages([row])
    assert means["ends on the tonic, real"] == 1
    assert means["bars, composed"] == 2
    kinds.print_table([row])


def test_nothing_is_measured_in_nothing():
    for metric in endings.METRICS.values():
        assert metric(tune("2/4", "")) != metric(tune("2/4", ""))  # NaN
