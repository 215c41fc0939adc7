"""Variations: what must stay stays, and what is new is what was chosen."""

import pytest
import tunes

import seqapps
from seqapps.tasks.music.notation import validation

HEAD = "X:1\nT:x\nM:2/4\nL:1/8\nK:C\n"


def vary(composer, abc, strength, **kwargs):
    """Varies, and holds every variation to the theme."""
    varied = composer.vary(abc, strength, **kwargs)
    meter, field, tokens = tunes.parts(abc)
    before = tunes.measures(tokens)
    for text, changed in zip(varied["abc"], varied["changed"], strict=True):
        assert tunes.parts(text)[:2] == (meter, field)
        after = tunes.measures(tunes.parts(text)[2])
        assert len(before) == len(after) == len(changed)
        assert any(changed)
        for i, (a, b) in enumerate(zip(before, after, strict=True)):
            assert (a[0], a[1], a[3]) == (b[0], b[1], b[3])  # lines and time
            assert changed[i] or a[2] == b[2]
            for j in range(i):
                if before[j][2] == a[2]:  # what was alike is alike still
                    assert after[j][2] == b[2] and changed[j] == changed[i]
        tokens = tunes.parts(text)[2]
        problems = validation.find_problems(
            abc.split("M:")[1].split()[0], " ".join(tokens)
        )
        assert set(problems) <= {
            "there are fewer than 4 bars",
            "there is no note",
        }
        wrong = [fault for fault in tunes.misread(tokens) if "tie" in fault]
        assert wrong == [], text
    return varied


def body(abc):
    return " ".join(tunes.parts(abc)[2])


@pytest.mark.parametrize("strength", [0.1, 0.5, 1.0])
def test_the_structure_of_real_tunes_is_kept(composer, toy, strength):
    for abc in toy.examples["validation"][:7]:
        vary(composer, abc, strength, count=3, seed=1)


@pytest.mark.parametrize("liking", ["-", "(", "z", "8", "/4"])
def test_whatever_a_network_likes_best_keeps_the_structure(steered, liking):
    steered.model.like((lambda t: liking in t and t[1:2] != ":", 6))
    theme = "C | E4 | (3 C E G C2 | [1 G3 :| [2 E2 C |: C | C2- C2 | G3 :|"
    vary(steered, HEAD + theme, 1.0, count=5, seed=2)


def test_strength_is_the_share_of_different_bars(steered):
    theme = " | ".join(f"{a} {b} {a}2" for a in "CDEFG" for b in "AB")
    for strength, expected in ((0.01, 1), (0.3, 3), (0.55, 6), (1.0, 10)):
        varied = vary(steered, f"{HEAD}{theme} |]", strength, count=5, seed=2)
        assert [sum(row) for row in varied["changed"]] == [expected] * 5
    rows = vary(steered, f"{HEAD}{theme} |]", 0.3, count=5)["changed"]
    assert len({tuple(row) for row in rows}) > 1


def test_equal_bars_count_once_and_change_together(steered):
    theme = HEAD + "C4 | E4 | C4 | G4 | C4 | E4 |]"
    varied = vary(steered, theme, 0.3, count=5, seed=4)
    kinds = {tuple(row) for row in varied["changed"]}
    assert kinds <= {
        (True, False, True, False, True, False),
        (False, True, False, False, False, True),
        (False, False, False, True, False, False),
    }


def test_a_bar_that_a_tie_leads_into_stays(steered):
    theme = HEAD + "G4- | G2 A2 | C4 | E3 G- | G4 |]"
    varied = vary(steered, theme, 1.0, count=5, seed=1)
    assert varied["changed"] == [[True, False, True, True, False]] * 5
    for abc in varied["abc"]:  # the tie that led there is gone with its bar
        assert not body(abc).partition(" |")[0].endswith("-")


def test_a_bar_like_one_that_a_tie_leads_into_stays_too(steered):
    theme = HEAD + "G4 | C4- | C4 | G4 | C4 |]"
    varied = vary(steered, theme, 1.0, count=5)
    # both plain C4 stay; what leads there may go
    assert varied["changed"] == [[True, True, False, True, False]] * 5


def test_rare_tokens_of_kept_bars_stay_as_they_are_written(steered):
    theme = HEAD + "D,,7/4 D/4 ^^f'2 | G4 | __a4 |]"
    kept = 0
    for seed in range(4):
        varied = vary(steered, theme, 0.01, count=5, seed=seed)
        for abc, changed in zip(varied["abc"], varied["changed"], strict=True):
            first, _, last = body(abc).split(" | ")
            assert changed[0] or first == "D,,7/4 D/4 ^^f'2"
            assert changed[2] or last == "__a4 |]"
            kept += not changed[0]
    assert 0 < kept < 20


def test_a_bar_with_an_unknown_tuplet_stays(composer):
    """Its length is not known to the clock."""
    assert not {"(2", "(4"} & set(composer.codec.tokens)
    theme = HEAD.replace("K:C", "K:G") + "(2 A B G | G4 | (4 A B c d A | B4 |]"
    varied = vary(composer, theme, 1.0, count=5, seed=3)
    assert varied["changed"] == [[False, True, False, True]] * 5


def test_the_same_seed_gives_the_same_and_a_batch_begins_alike(steered):
    theme = HEAD + "C4 | E4 | G4 | c4 |]"
    once = steered.vary(theme, 0.5, count=5, seed=6)
    assert steered.vary(theme, 0.5, count=5, seed=6) == once
    assert steered.vary(theme, 0.5, count=5, seed=7) != once
    beamed = HEAD + "|:C4|E4|\nG4|c4|] % the end\n"
    assert steered.vary(beamed, 0.5, count=5, seed=6) == once


@pytest.mark.parametrize(
    "abc, kwargs, message",
    [
        (HEAD + "C4 | E4 |]", {"strength": 0.0}, "strength is above 0"),
        (HEAD + "C4 | E4 |]", {"strength": 1.5}, "strength is .* not 1.5"),
        (HEAD + "C4 | E4 |]", {"count": 0}, "count must be 1 or more"),
        (HEAD + "C4 | E4 |]", {"temperature": 0.0}, "temperature must be"),
        (HEAD + "C4 | hello |]", {}, "cannot read in the ABC: h"),
        (HEAD + "(5CCCCC|]", {}, r"cannot read in the ABC: \(5"),
        (HEAD, {}, "there is no tune in the ABC"),
        ("", {}, "there is no tune in the ABC"),
        (HEAD + "|]", {}, "there is no note in the ABC"),
        (HEAD.replace("K:C", "K:Clyd") + "C4", {}, "not .* knows: Clyd"),
        (HEAD.replace("2/4", "7/8") + "C4", {}, "unknown meter 7/8"),
        (HEAD + "C/8 |]", {}, "no bar of the tune can be re-written"),
    ],
)
def test_what_cannot_be_is_said(steered, abc, kwargs, message):
    with pytest.raises(seqapps.InputError, match=message):
        steered.vary(abc, **kwargs)
