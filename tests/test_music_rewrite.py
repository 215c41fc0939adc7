"""Re-writing a passage: what it may touch, and what it leads to."""

import pytest
import tensorflow as tf
import tunes

import seqapps
from seqapps.tasks import music
from seqapps.tasks.music.composing import candidates

HEAD = "X:1\nT:x\nM:2/4\nL:1/8\nK:C\n"
THEME = "C | E4 | G2 G2 | C4 | [1 E3 :| [2 G3 |: C | C4 | E4 | G4 | C3 :|"


@pytest.fixture(scope="module")
def planned(_one_room):
    codec = tunes.planned_codec()
    return music.Composer(tunes.Steered(codec), codec)


def lines(text):
    """What stands between bar lines, and the lines."""
    return tunes.measures(tunes.parts(text)[2])


@pytest.mark.parametrize(
    "first, last, measures",
    [(1, 1, {1}), (2, 3, {2, 3}), (4, 6, {4, 5, 6, 7}), (9, 9, {10})],
)
def test_only_the_passage_changes(planned, first, last, measures):
    planned.model.like()
    abc = HEAD + THEME
    written = planned.rewrite(abc, first, last, count=5, seed=2)
    before = lines(abc)
    for text, changed in zip(written["abc"], written["changed"], strict=True):
        assert {i for i, new in enumerate(changed) if new} == measures
        assert tunes.faults(text) == []
        after = lines(text)
        assert len(after) == len(before)
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            assert (old[2] == new[2]) != (i in measures)
    assert len(set(written["abc"])) > 1


def test_what_follows_decides(planned):
    """The candidate is kept after which the rest is least surprising."""
    nats = tf.constant([[1.0, 5, 2, 3], [9, 9, 1, 1], [0, 0, 9, 0]])
    ids = tf.constant([[4, 4, 4, 1], [4, 4, 4, 1], [4, 4, 1, 0]])
    following = candidates.nats_of_end(nats, ids, tf.constant(2))
    assert following.numpy().tolist() == [5, 2, 9]
    best = candidates.best_of(tf.constant([5.0, 2, 9, 0, 3, 4]), 3)
    assert best.numpy().tolist() == [1, 3]


@pytest.mark.parametrize(
    "abc, passage, message",
    [
        (HEAD + THEME, (0, 2), "no passage 0 to 2 in 9 bars"),
        (HEAD + THEME, (3, 2), "no passage 3 to 2"),
        (HEAD + THEME, (9, 10), "no passage 9 to 10 in 9 bars"),
        (HEAD + "C4 | E4- | E4 | C4 |]", (3, 4), "tie leads into it.* bar 3"),
        (HEAD, (1, 1), "there is no tune"),
    ],
)
def test_passages_that_cannot_be_are_refused(planned, abc, passage, message):
    with pytest.raises(seqapps.InputError, match=message):
        planned.rewrite(abc, *passage)


def test_the_last_bar_of_a_section_is_varied_last(steered):
    theme = HEAD + "C4 | E4 | G4 | c4 || E2 E2 | G2 G2 | C2 C2 | E2 G2 |]"
    for strength in (0.3, 0.7):
        for row in steered.vary(theme, strength, count=5, seed=3)["changed"]:
            assert not row[3] and not row[7]
    assert all(map(all, steered.vary(theme, 1.0, count=5)["changed"]))
