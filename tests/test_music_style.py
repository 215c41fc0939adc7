import math
from functools import partial

import pytest

from seqapps.tasks.music.evaluation import style
from seqapps.tasks.music.notation.abc import Tune

in_four = partial(Tune, "", "C", "major", "4/4")
in_two = partial(Tune, "", "C", "major", "2/4")


@pytest.mark.parametrize(
    "body, bits",
    [
        ("C8 | c8 | C,8 | c'8 |]", 0),  # octaves are one pitch class
        ("C4 D4 | E4 F4 |]", 2),
        ("C6 G2 | z8 |]", 1),  # counted, not weighed by length
        ("C4- C4- | C4 D4 |]", 1),  # tied notes are one
        ("^C4 _D4 | C8 | D8 |]", 1.5),
        ("|: C8 :: D8 | D8 :|", math.log2(3) - 2 / 3),
    ],
)
def test_pitch_class_entropy(body, bits):
    assert style.pitch_class_entropy(in_four(body)) == pytest.approx(bits)


@pytest.mark.parametrize(
    "body, share",
    [
        ("C D E F G A B c |]", 1),
        ("A B c d e f ^g a |]", 7 / 8),  # the harmonic minor is no scale here
        ("E ^F ^G A B ^c ^d e |]", 1),
        ("D E F G A B c d |]", 1),  # dorian
        ("C ^C D ^D E F ^F G ^G A _B =B |]", 7 / 12),
    ],
)
def test_scale_consistency(body, share):
    assert style.scale_consistency(in_four(body)) == share


def test_scale_consistency_reads_the_key():
    tune = Tune("", "A", "major", "4/4", "A B c d e f g a |]")
    assert style.scale_consistency(tune) == 1
    assert style.pitch_range(tune) == 12


@pytest.mark.parametrize(
    "body, differ",  # places a pair, of 48
    [
        ("C2 D2 | E2 F2 | G2 z2 | A4 |]", 1 / 3),
        ("C4 | z2 D2 |]", 2),
        ("C4- | C2 D2 |]", 2),  # no note begins where one is tied
        ("C3 D | C3 z |]", 1),
        ("(3 C D E F2 | C D E2 |]", 3),
        ("C/4 D3/4 E3 | D E3 |]", 1),
        ("C4 | C2 D2 | C D E2 |]", 1),
        ("C2 D2 | C/16 D31/16 E2 |]", 0),  # finer than the grid
    ],
)
def test_groove_consistency(body, differ):
    expected = pytest.approx(1 - differ / 48)
    assert style.groove_consistency(in_two(body)) == expected


def test_groove_consistency_passes_over_parts_of_bars():
    whole = in_two("C4 | D2 E2 | E4 |]")
    parted = in_two("|: C D | C4 | D2 E2 | C2 :: C D | E4 | C D :|")
    assert style.groove_consistency(whole) == 1 - 1 / 48
    assert style.groove_consistency(parted) == 1 - 1 / 48


def test_groove_consistency_weighs_by_the_metre():
    jig = Tune("", "C", "major", "6/8", "C3 D3 | C2 D D2 E |]")
    assert style.groove_consistency(jig) == 1 - 2 / 72


def test_pitch_range():
    assert style.pitch_range(in_four("G,8 | z4 f'4 |]")) == 34
    assert style.pitch_range(in_four("G8 | z8 |]")) == 0


@pytest.mark.parametrize(
    "body, share",
    [
        ("C4 | z4 | z2 z2 | D2 z2 |]", 1 / 2),
        ("C4- | C4 | z4 |]", 1 / 3),  # a tied note sounds
        ("z | C4 | z4 :: z | D4 | z3 :|", 1 / 3),  # of the full bars
        ("(3 z z z C2 | (3 z z z z2 |]", 1 / 2),
    ],
)
def test_empty_bars(body, share):
    assert style.empty_bars(in_two(body)) == share


def test_nothing_to_measure():
    silent = in_two("z4 | z4 |]")
    for metric in (
        style.pitch_class_entropy,
        style.scale_consistency,
        style.pitch_range,
    ):
        assert math.isnan(metric(silent))
    assert style.groove_consistency(silent) == 1
    assert style.empty_bars(silent) == 1
    assert math.isnan(style.groove_consistency(in_two("C4 | D2 |]")))
    assert math.isnan(style.empty_bars(in_two("C2 |]")))


def test_summary():
    tunes = [in_two("C4 | D2 F2 |]"), in_two("C4 | c4 |]"), in_two("z4 |]")]
    assert style.mean_metrics(iter(tunes)) == pytest.approx(
        {
            "pitch-class entropy": math.log2(3) / 2,
            "scale consistency": 1,
            "groove consistency": 1 - 1 / 96,  # one bar has no neighbour
            "pitch range": 8.5,
            "empty bars": 1 / 3,
        }
    )
    assert style.mean_metrics([]).keys() == style.METRICS.keys()
    assert all(math.isnan(value) for value in style.mean_metrics([]).values())
