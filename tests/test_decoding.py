"""Sampling: frequencies, prompts, temperatures."""

import numpy as np
import pytest
import tensorflow as tf

from seqapps import decoding

CHANCES = np.array([0.0, 0.1, 0.0, 0.4, 0.3, 0.2])


def draw(batch=7, length=5, prompt=None, seed=3, **kwargs):
    logits = tf.constant(np.log(CHANCES + 1e-12), tf.float32)

    def step(tokens, states):
        count = tf.shape(tokens)[0]
        return tf.tile(logits[tf.newaxis], [count, 1]), [states[0] + 1]

    if prompt is None:
        prompt = np.full((batch, 1), 5)

    @tf.function
    def run(seed):
        return decoding.sample(
            step,
            [tf.zeros((len(prompt), 1))],
            tf.constant(prompt, tf.int32),
            length=length,
            seed=seed,
            **kwargs,
        )

    return run(tf.constant(seed)).numpy()


def test_frequencies_are_the_probabilities():
    banned = tf.constant([False, True, False, False, False, False])
    found = draw(batch=20000, length=2, banned=banned)[:, 1]
    rates = np.bincount(found, minlength=6) / 20000
    expected = np.where(np.arange(6) == 1, 0, CHANCES) / 0.9
    assert np.abs(rates - expected).max() < 0.015


def test_a_batch_begins_as_a_smaller_one():
    assert (draw(batch=9)[:4] == draw(batch=4)).all()


def test_a_seed_repeats_itself():
    assert (draw(seed=1) == draw(seed=1)).all()
    assert (draw(seed=1) != draw(seed=2)).any()


def test_nothing_follows_the_end():
    for row in draw(batch=50, length=12):
        after = np.flatnonzero(row == 1)
        if len(after):
            assert (row[after[0] + 1 :] == 0).all()


def test_a_prompt_is_kept_and_its_gaps_are_filled():
    found = draw(prompt=np.array([[5, 0, 4], [3, 3, 0]]), top_k=1)
    assert found[:, :3].tolist() == [[5, 3, 4], [3, 3, 3]]


@pytest.mark.parametrize(
    "kwargs, allowed",
    [
        ({"top_k": 1}, {3}),
        ({"top_k": 2}, {3, 4}),
        ({"top_p": 0.35}, {3}),
        ({"top_p": 0.5}, {3, 4}),
        ({"top_p": 0.85}, {3, 4, 5}),
        ({"temperature": 0.01}, {3}),
    ],
)
def test_what_is_cut_is_never_drawn(kwargs, allowed):
    assert set(draw(batch=500, length=2, **kwargs)[:, 1]) == allowed


@pytest.mark.parametrize("cold", [0.0, 1e-9, 1e-38])
def test_a_cold_draw_is_the_likeliest_that_is_allowed(cold):
    banned = tf.constant([False, False, False, True, False, False])
    found = draw(batch=50, length=2, temperature=cold, banned=banned)
    assert set(found[:, 1]) == {4}


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_a_temperature_that_is_none_is_refused(wrong):
    with pytest.raises(tf.errors.InvalidArgumentError, match="temperature"):
        draw(temperature=wrong)


def test_a_row_that_may_take_nothing_ends():
    assert (draw(length=2, banned=tf.fill([6], True))[:, 1] == 1).all()


def test_odd_lengths_and_numbers():
    assert draw(length=0).shape == (7, 0)
    assert draw(length=3, top_k=99, top_p=2.0).shape == (7, 3)
    assert (draw(length=2, top_p=0.0)[:, 1] == 3).all()
    with pytest.raises(ValueError, match="first token"):
        draw(prompt=np.zeros((2, 0)))
    step = lambda tokens, states: (tf.math.log(CHANCES)[None] + 0.0, states)  # noqa: E731
    found = decoding.sample(
        step, [], tf.constant([[5]], tf.int64), length=2, seed=1
    )
    assert found.shape == (1, 2)


@pytest.mark.parametrize("search", ["greedy", "beam_search", "sample"])
def test_logits_that_are_no_numbers_are_refused(search):
    def step(tokens, states):
        return tf.fill([tf.shape(tokens)[0], 6], float("nan")), states

    states, start = [tf.zeros((2, 1))], tf.constant([5, 5])
    how = {"limits": tf.constant([3, 3])}
    if search == "sample":
        start, how = start[:, None], {"length": 3, "seed": 1}
    how |= {"beam": 2} if search == "beam_search" else {}
    with pytest.raises(tf.errors.InvalidArgumentError, match="not numbers"):
        getattr(decoding, search)(step, states, start, **how)


@pytest.mark.parametrize("beam", [1, 4, 9])
def test_a_beam_may_be_wider_than_the_vocabulary(beam):
    def step(tokens, states):
        logits = tf.constant([[-9.0, 1, 0, 2]])
        return tf.repeat(logits, tf.shape(tokens)[0], 0), states

    found = decoding.beam_search(
        step,
        [tf.zeros((2, 1))],
        tf.constant([1, 1]),
        beam=beam,
        nbest=beam,
        limits=tf.constant([2, 2]),
    )
    # END alone, and 2 or 3 before it
    assert (found.lengths.numpy() > 0).sum(1).tolist() == [min(beam, 3)] * 2
