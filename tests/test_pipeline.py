import numpy as np
import pytest
import tensorflow as tf

from seqapps import pipeline

LENGTHS = np.array([9, 3, 5, 7, 2, 8, 6, 4, 1, 11, 10])


def order(step, count, seed=0, batch_size=3, window=2):
    _, rows = pipeline.bucketed(LENGTHS, batch_size, window)
    found = pipeline.stream(rows, step, seed).take(count)
    return [row.tolist() for row in found.as_numpy_iterator()]


def test_an_epoch_has_every_row_once():
    assert sorted(sum(order(0, 4), [])) == list(range(11))
    assert sorted(sum(order(4, 4), [])) == list(range(11))


@pytest.mark.parametrize("step", [1, 3, 4, 6])
def test_the_stream_can_be_entered_at_any_step(step):
    assert order(step, 5) == order(0, step + 5)[step:]


def test_epochs_and_seeds_differ():
    assert order(0, 4) != order(4, 4)
    assert order(0, 4) != order(0, 4, seed=1)


def test_a_batch_holds_like_lengths():
    for rows in order(0, 4):
        assert np.ptp(LENGTHS[rows]) <= 6  # a bucket is 2 batches of 3


def test_an_epoch_for_keras_is_finite_and_goes_on():
    steps, rows = pipeline.bucketed(LENGTHS, 3)
    whole = pipeline.epoch(rows, steps)
    assert int(whole.cardinality()) == 4
    epochs = [[r.tolist() for r in whole.as_numpy_iterator()] for _ in range(5)]
    for found in epochs:
        assert sorted(sum(found, [])) == list(range(11))
    # so few rows have but a few orders: two epochs may be alike
    assert any(found != epochs[0] for found in epochs)


def test_teacher_forcing_shifts_and_weighs():
    ids = tf.ragged.constant([[5, 6, 7, 1], [5, 8, 1]])
    x, y, weights = pipeline.teacher_forcing(ids, tf.constant([1, 2]))
    assert x.numpy().tolist() == [[5, 6, 7], [5, 8, 1]]
    assert y.numpy().tolist() == [[6, 7, 1], [8, 1, 0]]
    assert weights.numpy().tolist() == [[1, 1, 1], [0, 1, 0]]


def test_batches_by_tokens_hold_no_more_and_leave_nothing_out():
    lengths = np.random.default_rng(1).integers(3, 60, 500)
    steps, rows = pipeline.bucketed(lengths, 64, 4, tokens=300)
    found = [rows(tf.constant(i, tf.int64), 5).numpy() for i in range(steps)]
    assert sorted(np.concatenate(found)) == list(range(500))
    sizes = [len(row) for row in found]
    assert max(len(row) * lengths[row].max() for row in found) <= 300
    assert len(set(sizes) - {1, 2, 4, 8, 16, 32, 64}) <= 1  # what is left
    assert len(set(sizes)) >= 3
    again = [rows(tf.constant(steps + i, tf.int64), 5) for i in range(steps)]
    assert any(
        a.tolist() != b.numpy().tolist()
        for a, b in zip(found, again, strict=True)
    )
