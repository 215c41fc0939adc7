"""Requests hold, alone and in pairs, whatever a network likes."""

import itertools
import re

import pytest
import tunes

import seqapps
from seqapps.tasks import music
from seqapps.tasks.music.notation import abc, sections
from seqapps.tasks.music.notation.melody import melody

PRIMER = "X:1\nT:x\nM:4/4\nL:1/8\nK:C\nC2 | E4 G4 | c8 |"
REQUESTS = {
    "rhythm": {"rhythm": "reel"},
    "bars": {"bars": 13},
    "known bars": {"bars": 12},
    "form": {"form": "AABA"},
    "endings": {"form": "AAB"},
    "range": {"lowest": 60, "highest": 76},
    "key": {"key": "Bb", "mode": "major"},
    "meter": {"meter": "2/2"},
    "primer": {"primer": PRIMER},
    "candidates": {"candidates": 2},
}
PAIRS = [
    (one, two)
    for one, two in itertools.combinations(REQUESTS, 2)
    if not {one, two} >= {"form", "endings"}
    and not {one, two} >= {"bars", "known bars"}
    and not {one, two} & {"form", "endings"} & {"bars"}
    and not ("primer" in (one, two) and {one, two} & {"key", "meter"})
]


@pytest.fixture(scope="module")
def planned(_one_room):
    codec = tunes.planned_codec()
    return music.Composer(tunes.Steered(codec), codec)


@pytest.mark.parametrize(
    "names", [*((name,) for name in REQUESTS), *PAIRS], ids=" ".join
)
def test_requests_are_kept(planned, names):
    asked = {}
    for name in names:
        asked |= REQUESTS[name]
    if "form" in asked and asked.get("bars") == 13:
        asked["bars"] = 12
    if "primer" in asked and "form" in asked:
        asked["bars"] = asked.get("bars", 0) or 12
    planned.model.like((lambda t: t in tunes.LINES, 1), (lambda t: "-" in t, 1))
    composed = planned.generate(**asked, count=5, seed=4)
    assert len(composed) == 5
    for text in composed:
        bars = asked.get("bars") or None
        assert tunes.faults(text, bars, asked.get("form")) == [], text
        tune = abc.parse_canonical(text)
        assert tune.key == asked.get("key", tune.key)
        assert tune.meter == asked.get("meter", tune.meter)
        assert tune.rhythm == asked.get("rhythm", tune.rhythm)
        if "primer" in asked:
            assert "K:C\nC2 | E4 G4 | c8 |" in text
        elif "lowest" in asked:
            pitches = [p for p, _ in melody(tune) if p is not None]
            assert min(pitches) >= 60 and max(pitches) <= 76


def test_forms_are_as_the_training_tunes(planned):
    planned.model.like()
    seen = set()
    for text in planned.generate(count=40, seed=3):
        tune = abc.parse_canonical(text)
        assert tunes.faults(text) == []
        form = sections.split_sections(tune.meter, tune.body)
        seen.add(sections.write_form(form))
        kinds = {"6/8": "jig", "2/2": "reel", "4/4": "reel", "3/4": "waltz"}
        assert tune.rhythm in ("", kinds.get(tune.meter))
    assert seen == set(tunes.FORMS)


def test_a_kind_has_its_metre(planned):
    for text in planned.generate(rhythm="waltz", count=5, seed=1):
        assert "\nR:waltz\nM:3/4\n" in text
    with pytest.raises(seqapps.InputError, match="unknown rhythm tango"):
        planned.generate(rhythm="tango")
    with pytest.raises(seqapps.InputError, match="rhythm and in 6/8"):
        planned.generate(rhythm="waltz", meter="6/8")


def test_a_range_needs_room(planned):
    with pytest.raises(seqapps.InputError, match="range is too narrow"):
        planned.generate(key="E", mode="major", lowest=60, highest=62)


def test_candidates_are_chosen_by_their_score(planned):
    codec = planned.codec
    planned.model.like((lambda t: t == "C2", 3))
    one, many = (
        planned.generate(meter="2/4", bars=8, candidates=n, count=5, seed=1)
        for n in (1, 2)
    )
    assert one != many
    count = [
        sum(len(re.findall(r"C2 ", t)) / len(t.split()) for t in texts)
        for texts in (one, many)
    ]
    assert count[1] > count[0]
    assert codec.plans is not None


def test_without_forms_there_are_no_kinds(steered):
    with pytest.raises(seqapps.InputError, match="knows no rhythm"):
        steered.generate(rhythm="reel")
