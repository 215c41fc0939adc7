"""Where a tune stands in time, by hand, by Fractions, and in two ways."""

from fractions import Fraction

import numpy as np
import pytest
import tensorflow as tf
import tunes

from seqapps import text
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.grammar import clock, lookback
from seqapps.tasks.music.notation import bars

HEAD = "X:1\nT:x\nM:3/8\nL:1/8\nK:C\n"
TINY = HEAD + "C | (3 C2 E2 G2 C | [1 C2 :| [2 E2 |: G | C/2 E/2 z |]"
ODD = [
    TINY,
    HEAD + "C3 | E3 | G3 | c3 | C3 | E3 | G3 | c3 | C2 :: (2 C C | E3 :|",
    HEAD + "(6 C/2 C/2 C/2 E/2 E/2 E/2 C || (4 C C C C | G2 | c- | c3 |]",
    HEAD + "C/2 E/4 G/4 | z C2- | C2 z | [1 E3 | G2 :| [2 c3 | c2 |]",
]


@pytest.fixture(scope="module")
def codec():
    return tunes.codec()


@pytest.fixture(scope="module")
def both(toy, codec):
    """Pairs of a codec and tunes that it knows every token of."""
    config = {**toy.codec.get_config(), "forms": ()}
    untold = NoteCodec.from_config(config)
    return [(codec, ODD), (untold, toy.examples["train"][:9])]


def columns(*backs):
    return [3 + clock.LOOKBACKS.index(back) for back in backs]


def test_a_tiny_tune_by_hand(codec):
    ids = codec.encode(tf.constant([TINY])).to_tensor()
    inputs = codec.inputs(ids).numpy()[0]  # (time, 3 + lookbacks)
    names = codec.vocabulary.tokens
    tokens = "M:3/8 mode:major K:C C | (3 C2 E2 G2 C | [1 C2 :| [2 E2 |: G |"
    assert [names[i] for i in inputs[:19, 0]] == tokens.split()
    # 3/8 is 36 positions; a triplet's C2 is 16 of them; the ending 24
    places = [0, 0, 0, 12, 0, 0, 16, 32, 48, 60, 0, 0, 24, 24, 0, 24, 24, 36, 0]
    assert inputs[:19, 1].tolist() == places
    section_bar = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 0, 1, 1, 0, 0, 1]
    assert inputs[:19, 2].tolist() == section_bar
    back = ["" if i == 0 else names[i] for i in inputs[:19, columns(1)[0]]]
    assert back == [
        *[""] * 4,
        "C",
        *[""] * 5,
        "(3",
        "C2",
        "",
        "",
        "[1",
        ":|",
    ] + [
        "[2",
        "",
        "E2",
    ]
    back = ["" if i == 0 else names[i] for i in inputs[:19, columns(2)[0]]]
    assert [(i, b) for i, b in enumerate(back) if b] == [
        (10, "C"),
        (14, "(3"),
        (18, "[1"),
    ]


def reference(names, ids):
    """The rows that the network reads of one tune, in Fractions of a bar."""
    meter = Fraction(names[ids[0]][2:])
    bar, section_bar, place, order = 0, 0, Fraction(0), 0
    scale, left = Fraction(1), 0
    tokens_at, rows = {}, []
    for i in ids:
        token = names[i]
        if token[:2] not in ("M:", "K:") and token[:5] != "mode:":
            tokens_at[bar, place, order] = i
            note = bars.parse_note(token)
            full = token in bars.BAR_LINES and place >= meter
            if token == "|" or full or token == "[2" and place:
                bar, section_bar, place, order = bar + 1, section_bar + 1, 0, -1
            if token in ("|:", ":|", "::", "||"):
                section_bar = 0
            order += 1
            if token in bars.BAR_LINES:
                left = 0
            elif token[0] == "(":
                left = int(token[1])
                scale = Fraction(bars.TUPLETS[left], left)
            elif note:
                place += note.length * (scale if left > 0 else 1)
                left, order = left - 1, 0
        lookbacks = [
            tokens_at.get((bar - back, place, order), 0)
            for back in clock.LOOKBACKS
        ]
        rows.append([i, int(place * 96), min(section_bar, 15), *lookbacks])
    return rows


def test_the_clock_in_fractions(both):
    lookbacks = 0
    for codec, abc in both:
        ids = codec.encode(tf.constant(abc))
        inputs = codec.inputs(ids.to_tensor()).numpy()
        for row, tune in zip(inputs, ids.to_list(), strict=True):
            assert text.UNKNOWN not in tune
            expected = reference(codec.vocabulary.tokens, tune)
            # the last row stands behind the end, where nothing is read
            assert row[: len(tune) - 1].tolist() == expected[:-1]
            lookbacks += np.count_nonzero(row[:, 3:])
    assert lookbacks > 1000


def test_steps_read_what_the_whole_reads(both):
    for codec, abc in both:
        ids = codec.encode(tf.constant(abc)).to_tensor()
        batch, length = ids.shape

        @tf.function
        def step(i, token, state, memory, codec=codec):
            stamp = codec.clock.stamp(state)
            memory = lookback.remember(memory, i, stamp, token)
            state = codec.clock.advance(token, state)
            inputs = codec.step_inputs(token, state, memory)
            return inputs, state, memory

        state = codec.clock.initial_state(batch)
        memory = lookback.empty_memory(batch, length)
        whole = codec.inputs(ids).numpy()
        alive = ids.numpy() > text.END
        for i in range(length):
            inputs, state, memory = step(
                tf.constant(i), ids[:, i], state, memory
            )
            rows = alive[:, i]
            assert (inputs.numpy()[rows] == whole[rows, i]).all()


def test_the_times_are_those_of_bars(both):
    for codec, abc in both:
        ids = codec.encode(tf.constant(abc)).to_tensor()
        advance = tf.function(codec.clock.advance)
        state = codec.clock.initial_state(len(abc))
        times = []
        for i in range(ids.shape[1]):
            after = advance(ids[:, i], state)
            times.append((after.position - state.position).numpy())
            state = after
        for tune, ticks in zip(abc, np.transpose(times), strict=True):
            tokens = tune.partition("\nK:")[2].split()[1:]
            rows = list(bars.token_durations(tokens))
            for (token, time), measured in zip(rows, ticks[3:], strict=False):
                if bars.parse_note(token):
                    assert Fraction(int(measured), clock.TICKS) == time


def test_a_rare_token_takes_the_time_that_is_given(codec):
    ids = codec.encode(tf.constant([HEAD + "A5/4"]))
    state = codec.clock.initial_state(1)
    for token, ticks in zip(ids.to_list()[0], [0, 0, 0, 60], strict=False):
        state = codec.clock.advance(
            tf.constant([token]), state, tf.constant([ticks])
        )
    assert state.position.numpy().tolist() == [60]
    assert state.order.numpy().tolist() == [0]
