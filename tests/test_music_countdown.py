"""Bars left: counted alike for whole tunes and while one is composed."""

import numpy as np
import pytest
import tensorflow as tf
import tunes

from seqapps import text
from seqapps.tasks.music.codec.counts import is_regular
from seqapps.tasks.music.grammar import countdown, lookback
from seqapps.tasks.music.grammar.form import Form
from seqapps.tasks.music.notation import abc, sections

ENDINGS = (  # a pick-up, an ending of two bars, one of one bar
    "X:1\nR:reel\nM:2/4\nL:1/8\nK:C\nG | G4 | G4 | [1 G4 | G3 :| [2 G4 | G3 ||"
    " G | G4 | G4 | G4 | G3 |: G | G4 | G4 | [1 G3 :| [2 G3 |]\n"
)


def forms(tunes):
    """The forms that tunes have."""
    rows = [sections.split_sections(tune.meter, tune.body) for tune in tunes]

    def table(field):
        return tf.constant(
            [
                [int(getattr(section, field)) for section in row]
                + [0] * (sections.MOST_SECTIONS - len(row))
                for row in rows
            ]
        )

    place = tf.range(sections.MOST_SECTIONS) + tf.zeros_like(table("bars"))
    return Form(
        bars=table("bars"),
        repeated=table("repeated"),
        ending_bars=table("ending_bars"),
        source=place,
        copied=place < 0,
        last=tf.constant([len(row) - 1 for row in rows]),
        strict=tf.ones(len(rows), tf.bool),
        min_section_bars=tf.ones(len(rows), tf.int32),
    )


@pytest.fixture(scope="module")
def codec():
    return tunes.planned_codec()


def test_a_tune_by_hand(codec):
    ids = codec.encode(tf.constant([ENDINGS]))
    tokens = ENDINGS.partition("\nK:C\n")[2].split()
    inputs = codec.inputs(ids.to_tensor(), True).numpy()[0]
    told = inputs[codec.header_length - 1 :, 3:5] - 1
    lines = {0: (4, 14)}
    lines |= {i: tuple(row) for i, row in enumerate(told) if i}
    expected = {  # after so many tokens: bars left in the section, the tune
        0: (4, 14),
        2: (4, 14),  # after the pick-up
        4: (3, 13),
        6: (2, 12),
        7: (2, 12),  # after [1
        9: (1, 11),
        11: (2, 10),  # after :|
        12: (2, 10),
        14: (1, 9),
        16: (4, 8),
        18: (4, 8),  # after the second pick-up
        len(tokens): (0, 0),
    }
    assert {i: lines[i] for i in expected} == expected
    untold = codec.inputs(ids.to_tensor()).numpy()[0]
    assert (untold[:, 3:5] == 0).all() and (untold[:, -1] == 0).all()
    back = inputs[codec.header_length - 1 :, -1]
    # nothing before the first end; as [2 begins, how [1 began; and the second
    # section ends as the first did
    names = codec.vocabulary.tokens
    assert not back[:12].any() and names[back[12]] == "G4"
    assert names[back[14]] == "G3" and names[back[29]] == "|"


def test_steps_count_as_the_whole(toy, codec):
    real = [abc.parse_canonical(t) for t in toy.examples["train"]]
    real = [
        tune
        for tune in real
        if is_regular(sections.split_sections(tune.meter, tune.body))
        and tunes.faults(tune.abc()) == []
    ]
    real.sort(key=lambda tune: "[1" not in tune.body)
    compare_steps(codec, [ENDINGS])
    assert compare_steps(toy.codec, [tune.abc() for tune in real[:9]]) > 300


def compare_steps(codec, texts):
    """Holds each step's inputs to the whole's; counts the looks at endings."""
    form = forms([abc.parse_canonical(t) for t in texts])
    ids = codec.encode(tf.constant(texts)).to_tensor()
    batch, length = ids.shape
    whole = codec.inputs(ids, True).numpy()

    @tf.function
    def step(i, token, clock, state, memory):
        before = countdown.bars_left(state, form)
        stamp = codec.clock.stamp(clock)
        memory = lookback.remember(
            memory, i, stamp, token, before.section, codec.clock.closes(token)
        )
        ticks = tf.gather(codec.ticks, token)
        state = codec.grammar.advance(token, clock, state, form, ticks)
        clock = codec.clock.advance(token, clock)
        left = countdown.bars_left(state, form)
        inputs = codec.step_inputs(token, clock, memory, left)
        return inputs, clock, state, memory

    clock = codec.clock.initial_state(batch)
    state = codec.grammar.initial_state(form)
    memory = lookback.empty_memory(batch, length)
    alive = ids.numpy() > text.END
    looked_back = 0
    for i in range(length):
        inputs, clock, state, memory = step(
            tf.constant(i), ids[:, i], clock, state, memory
        )
        rows = alive[:, i]
        assert (inputs.numpy()[rows] == whole[rows, i]).all(), i
        looked_back += np.count_nonzero(inputs.numpy()[rows, -1])
    return looked_back


@pytest.mark.parametrize("told", [True, False])
def test_bars_are_bounded(told):
    left = countdown.BarsLeft(tf.constant([0, 1, 99]), tf.constant([0, 1, 999]))
    if not told:
        untold = tf.fill([3], lookback.NOT_TOLD)
        left = countdown.BarsLeft(untold, untold)
    columns = left.features().numpy()
    most = [countdown.SECTION_BARS_LEFT - 1, countdown.TUNE_BARS_LEFT - 1]
    expected = [[1, 1], [2, 2], most] if told else [[0, 0]] * 3
    assert columns.tolist() == expected
