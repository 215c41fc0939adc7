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
