import itertools

import numpy as np
import pytest
import tensorflow as tf

from seqapps import decoding
from seqapps.decoding import next_tokens
from seqapps.text import END, PAD

VOCABULARY, UNITS, SOURCE = 5, 3, 7
RANDOM = np.random.default_rng(5)
EMBEDDING = RANDOM.normal(size=(VOCABULARY, UNITS)).astype("float32")
RECURRENT = RANDOM.normal(size=(UNITS, UNITS)).astype("float32")
OUTPUT = RANDOM.normal(size=(UNITS, VOCABULARY)).astype("float32")
ATTENTION = 2 * RANDOM.normal(size=(UNITS, SOURCE)).astype("float32")
STATES = RANDOM.normal(size=(4, UNITS)).astype("float32")
LIMITS = np.array([5, 2, 4, 5])
VISIBLE = np.arange(SOURCE) < np.array([[7], [3], [5], [6]])
FREE = dict(alpha=1.0, beta=0.0, n=0, minimum=0, banned=())


def step(tokens, states):
    hidden = tf.tanh(tf.gather(EMBEDDING, tokens) + states["h"] @ RECURRENT)
    looks = tf.nn.softmax(hidden @ ATTENTION)
    return hidden @ OUTPUT, {"h": hidden}, looks


def blind(tokens, states):
    return step(tokens, states)[:2]


def follow(state, tokens):
    """In NumPy: the log-probability of a sequence, and its looks."""
    total, looks, before = 0.0, [], 2
    for token in tokens:
        state = np.tanh(EMBEDDING[before].astype(float) + state @ RECURRENT)
        logits, seen = state @ OUTPUT, np.exp(state @ ATTENTION)
        total += logits[token] - np.log(np.exp(logits).sum())
        looks.append(seen / seen.sum())
        before = token
    return total, np.array(looks)


def rank(total, looks, visible, alpha, beta):
    covered = np.minimum(looks.sum(0), 1)[visible]
    lp = ((5 + len(looks)) / 6) ** alpha
    return total / lp + beta * np.log(np.maximum(covered, 1e-6)).sum()


def repeats(tokens, n):
    grams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return n > 0 and len(set(grams)) < len(grams)


def every(row, alpha, beta, n, minimum, banned):
    """All that a row may say, as (score, tokens), best first."""
    allowed = [t for t in range(2, VOCABULARY) if t not in banned]
    found = []
    for length in range(minimum, LIMITS[row]):
        for words in itertools.product(allowed, repeat=length):
            tokens = (*words, END)
            if not repeats(tokens, n):
                total, looks = follow(STATES[row], tokens)
                value = rank(total, looks, VISIBLE[row], alpha, beta)
                found.append((value, tokens))
    return sorted(found, reverse=True)


@tf.function(
    autograph=False,
    input_signature=[
        tf.TensorSpec([None, None]),
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([None, None], tf.bool),
        tf.TensorSpec([None], tf.bool),
        *[tf.TensorSpec([], tf.int32)] * 4,
        *[tf.TensorSpec([])] * 2,
    ],
)
def traced(states, limits, visible, banned, beam, nbest, n, minimum, *weights):
    return decoding.beam_search(
        step,
        {"h": states},
        tf.ones_like(limits) * 2,
        beam=beam,
        limits=limits,
        nbest=nbest,
        length_penalty=weights[0],
        coverage_penalty=weights[1],
        no_repeat=n,
        minimum=minimum,
        banned=banned,
        visible=visible,
    )


def search(beam, nbest=1, rows=slice(None), limits=LIMITS, **rules):
    """Beam search with every size unknown to the graph."""
    rules = {**FREE, **rules}
    banned = np.isin(np.arange(VOCABULARY), rules["banned"])
    found = traced(
        STATES[rows],
        limits[rows].astype("int32"),
        VISIBLE[rows],
        banned,
        beam,
        nbest,
        rules["n"],
        rules["minimum"],
        rules["alpha"],
        rules["beta"],
    )
    return decoding.Beams(*(value.numpy() for value in found))


def words(tokens):
    return tuple(tokens[: np.argmax(tokens == END) + 1])


def same(one, other, rtol=1e-5):
    """Whether two results are equal but for padding of time."""
    time = min(one.tokens.shape[-1], other.tokens.shape[-1])
    assert (one.tokens[..., :time] == other.tokens[..., :time]).all()
    assert not one.tokens[..., time:].any()
    assert not other.tokens[..., time:].any()
    np.testing.assert_allclose(one.scores, other.scores, rtol)
    np.testing.assert_allclose(
        one.log_probabilities, other.log_probabilities, rtol
    )
    assert (one.lengths == other.lengths).all()
    np.testing.assert_allclose(
        one.attention_weights[..., :time, :],
        other.attention_weights[..., :time, :],
        rtol,
        1e-6,
    )


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"alpha": 0.0},
        {"alpha": 2.0},
        {"beta": 0.3},
        {"beta": 1.7, "alpha": 0.6},
        {"n": 1},
        {"n": 2},
        {"n": 3},
        {"minimum": 1},
        {"minimum": 1, "n": 1, "beta": 0.2},
        {"banned": (3,)},
        {"banned": (2, 4), "n": 2},
    ],
    ids=str,
)
def test_a_beam_wide_enough_finds_the_very_best(asked):
    asked = {**FREE, **asked}
    found = search(beam=131, nbest=9, **asked)
    for row in range(len(LIMITS)):
        expected = every(row, **asked)[:9]
        assert [words(t) for t in found.tokens[row, : len(expected)]] == [
            tokens for _, tokens in expected
        ]
        scores = found.scores[row]
        np.testing.assert_allclose(
            scores[: len(expected)], [v for v, _ in expected], 1e-5
        )
        # what is not there is empty
        assert (scores[len(expected) :] == -np.inf).all()
        assert (found.log_probabilities[row] == -np.inf).tolist() == (
            scores == -np.inf
        ).tolist()
        assert not found.tokens[row, len(expected) :].any()
        assert not found.lengths[row, len(expected) :].any()


def test_scores_log_probabilities_and_looks_are_those_of_the_hypothesis():
    found = search(beam=4, nbest=3, alpha=0.7, beta=0.4)
    for row, i in np.ndindex(found.scores.shape):
        if row == 1 and i == 2:  # at most two tokens: END, or a word and END
            continue
        tokens = words(found.tokens[row, i])
        total, looks = follow(STATES[row], tokens)
        assert found.lengths[row, i] == len(tokens)
        assert np.isclose(found.log_probabilities[row, i], total, rtol=1e-5)
        value = rank(total, looks, VISIBLE[row], 0.7, 0.4)
        assert np.isclose(found.scores[row, i], value, rtol=1e-5)
        seen = found.attention_weights[row, i]
        np.testing.assert_allclose(seen[: len(tokens)], looks, 1e-4)
        assert not seen[len(tokens) :].any()
        assert not found.tokens[row, i, len(tokens) :].any()
    assert found.tokens.shape[-1] == found.lengths.max()


def classical(row, beam, n):
    """Beam search written as one would say it: a list of what is alive."""
    live, finished = [(0.0, ())], []
    for length in range(1, LIMITS[row] + 1):
        last = length == LIMITS[row]
        more = []
        for _, tokens in live:
            for token in [END] if last else range(1, VOCABULARY):
                longer = (*tokens, token)
                if not repeats(longer, n):
                    more.append((follow(STATES[row], longer)[0], longer))
        kept = sorted(more, reverse=True)[: beam - len(finished)]
        finished += [one for one in kept if one[1][-1] == END]
        live = [one for one in kept if one[1][-1] != END]
    values = [(t / ((5 + len(y)) / 6), y) for t, y in finished]
    return sorted(values, reverse=True)


@pytest.mark.parametrize("n", [0, 2])
@pytest.mark.parametrize("beam", [1, 2, 3, 5])
def test_a_finished_hypothesis_keeps_its_slot(beam, n):
    found = search(beam, nbest=beam, n=n)
    for row in range(len(LIMITS)):
        expected = classical(row, beam, n)
        got = [words(t) for t in found.tokens[row] if t.any()]
        assert got == [tokens for _, tokens in expected]
        np.testing.assert_allclose(
            found.scores[row, : len(got)], [v for v, _ in expected], 1e-5
        )


@pytest.mark.parametrize("beam", [2, 3, 5])
@pytest.mark.parametrize("alpha, beta", [(0, 0), (1, 0.2), (3, 0)])
def test_stopping_early_changes_nothing(beam, alpha, beta):
    early = search(beam, nbest=1, alpha=alpha, beta=beta)
    late = search(beam, nbest=beam, alpha=alpha, beta=beta)
    same(early, decoding.Beams(*(value[:, :1] for value in late)))


def test_a_batch_is_its_rows_alone():
    asked = dict(beam=3, nbest=2, n=2, beta=0.2, minimum=1)
    together = search(**asked)
    for row in range(len(LIMITS)):
        alone = search(rows=[row], **asked)
        same(
            alone,
            decoding.Beams(*(value[row : row + 1] for value in together)),
        )


@pytest.mark.parametrize("n, minimum", [(0, 0), (2, 3)])
def test_greedy_is_a_beam_of_one(n, minimum):
    size, units, batch = 1501, 11, 7
    random = tf.random.Generator.from_seed(3)
    kernel = random.normal([units, size]) * 3
    states = random.normal([batch, units])
    embedding = random.normal([size, units]) / 5  # so that it repeats itself

    def step(tokens, states):
        hidden = tf.tanh(tf.gather(embedding, tokens) + states[0])
        looks = tf.nn.softmax(hidden[:, :5])
        # END is likely now and then
        bonus = 30 * tf.nn.relu(hidden[:, :1]) * tf.one_hot(END, size)
        return hidden @ kernel + bonus, [hidden], looks

    @tf.function(autograph=False)
    def run():
        asked = dict(
            limits=tf.range(batch) * 3,
            no_repeat=n,
            minimum=minimum,
            coverage_penalty=0.2,
        )
        start = tf.fill([batch], 2)
        return (
            decoding.greedy(step, [states], start, **asked),
            decoding.beam_search(step, [states], start, beam=1, **asked),
        )

    one, other = run()
    one, other = (
        decoding.Beams(*(v.numpy() for v in found)) for found in (one, other)
    )
    same(one, other)
    assert 4 < one.lengths.max() and one.lengths.min() == 1
    again = [repeats(words(tokens), 2) for tokens in one.tokens[:, 0]]
    assert any(again) == (n == 0)


def test_given_tokens_have_the_log_probability_of_the_search():
    found = search(beam=4, nbest=2)
    states = {"h": tf.repeat(STATES, 2, axis=0)}
    tokens = found.tokens.reshape([8, -1])
    log_p, looks = decoding.forced_decoding(
        step, states, tf.fill([8], 2), tokens
    )
    assert log_p.shape == tokens.shape
    np.testing.assert_allclose(
        tf.reduce_sum(log_p, 1),
        found.log_probabilities.reshape([8]),
        atol=1e-5,
    )
    np.testing.assert_allclose(
        looks, found.attention_weights.reshape(looks.shape), atol=1e-5
    )
    assert not log_p.numpy()[tokens == PAD].any()
    assert (log_p.numpy()[tokens != PAD] < 0).all()
    blindly, none = decoding.forced_decoding(
        blind, states, tf.fill([8], 2), tokens
    )
    np.testing.assert_allclose(log_p, blindly, 1e-6)
    assert none is None


def test_the_formula_to_exact_numbers():
    log_p, lengths = tf.constant([-6.0, -6.0]), tf.constant([7, 1])
    looks = tf.constant([[0.5, 1.5, 0.25], [0.0, 1.0, 1.0]])
    score = decoding.score_hypotheses
    assert score(log_p, lengths).numpy().tolist() == [-3, -6]
    free = score(log_p, lengths, looks, length_penalty=0.0)
    assert free.numpy().tolist() == [-6, -6]
    assert score(log_p, lengths, length_penalty=2.0)[0] == -1.5
    np.testing.assert_allclose(
        score(log_p, lengths, looks, coverage_penalty=2.0),
        [-3 + 2 * np.log(0.5 * 0.25), -6 + 2 * np.log(1e-6)],
        1e-6,
    )
    np.testing.assert_allclose(
        score(
            log_p,
            lengths,
            looks,
            coverage_penalty=2.0,
            visible=tf.constant([[True, True, False], [False, True, True]]),
        ),
        [-3 + 2 * np.log(0.5), -6],
        1e-6,
    )


def test_limits_and_minimum_hold_for_each_row():
    limits = np.array([1, 4, 0, 3])
    found = search(beam=3, nbest=3, limits=limits, minimum=3)
    # nothing but END fits into the first row, and 0 means 1
    for row in (0, 2):
        assert found.tokens[row, 0, 0] == END
        assert found.lengths[row].tolist() == [1, 0, 0]
        total, _ = follow(STATES[row], [END])
        assert np.isclose(found.log_probabilities[row, 0], total)
    assert (found.lengths[1] == 4).all()
    assert (found.lengths[3] == 3).all()


def test_a_row_that_may_take_nothing_else_ends():
    found = search(beam=3, nbest=2, banned=range(VOCABULARY), minimum=2)
    assert found.tokens[:, 0].tolist() == [[END]] * 4
    assert (found.lengths == [1, 0]).all()
    # three words without repetition, and no more though five would fit
    found = search(beam=3, n=1, minimum=4)
    assert found.lengths[[0, 3], 0].tolist() == [4, 4]


@pytest.mark.parametrize("beam", [1, 3])
def test_where_the_end_is_banned_only_the_limit_ends(beam):
    found = search(beam=beam, nbest=beam, banned=(END,))
    assert (found.lengths == LIMITS[:, np.newaxis]).all()
    found = decoding.greedy(
        step,
        {"h": tf.constant(STATES)},
        tf.fill([4], 2),
        limits=LIMITS,
        banned=tf.range(VOCABULARY) == END,
    )
    assert found.lengths[:, 0].numpy().tolist() == LIMITS.tolist()


def test_it_stops_when_nothing_better_can_come():
    calls = []

    def surely(tokens, states):  # runs as Python: there is no graph
        calls.append(len(tokens))
        logits = tf.one_hot(END, 6, 9.0, 0.0) * tf.ones([len(tokens), 1])
        return logits, states

    start, limits = tf.fill([2], 2), tf.constant([50, 90])
    asked = dict(beam=3, limits=limits)
    found = decoding.beam_search(surely, [], start, **asked)
    assert calls == [6] and found.attention_weights is None
    assert found.tokens.numpy().tolist() == [[[END]], [[END]]]
    calls.clear()
    decoding.beam_search(surely, [], start, length_penalty=5.0, **asked)
    assert len(calls) > 1  # a longer one could have had a better score
    calls.clear()
    decoding.greedy(surely, [], start, limits=limits)
    assert calls == [2]


def test_python_numbers_do_as_tensors_do_and_no_looks_are_needed():
    @tf.function(autograph=False)
    def run(states):
        asked = dict(beam=4, limits=LIMITS, nbest=3, minimum=1, no_repeat=2)
        start = tf.fill([4], 2)
        return (
            decoding.beam_search(blind, {"h": states}, start, **asked),
            decoding.greedy(blind, {"h": states}, start, limits=LIMITS),
        )

    blindly, greedily = run(STATES)
    found = search(beam=4, nbest=3, minimum=1, n=2)
    assert (
        blindly.attention_weights is None and greedily.attention_weights is None
    )
    assert (blindly.tokens.numpy() == found.tokens).all()
    np.testing.assert_allclose(blindly.scores, found.scores, 1e-5)
    best = search(beam=1)
    assert (greedily.tokens.numpy() == best.tokens).all()
    np.testing.assert_allclose(greedily.scores, best.scores, 1e-5)


def test_no_rows_are_no_trouble():
    found = search(beam=3, nbest=2, rows=slice(0))
    assert found.tokens.shape[:2] == found.scores.shape == (0, 2)


def test_it_is_the_same_from_a_saved_model(tmp_path):
    module = tf.Module()
    module.search = traced
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    banned = np.zeros(VOCABULARY, bool)
    numbers = [tf.constant(n) for n in (3, 2, 2, 1, 0.7, 0.3)]
    given = [STATES, LIMITS.astype("int32"), VISIBLE, banned]
    found = loaded.search(*map(tf.constant, given), *numbers)
    expected = search(beam=3, nbest=2, n=2, minimum=1, alpha=0.7, beta=0.3)
    assert (found.tokens.numpy() == expected.tokens).all()
    assert (found.scores.numpy() == expected.scores).all()
    assert (found.attention_weights.numpy() == expected.attention_weights).all()


@pytest.mark.parametrize("size", [1, 3, 31, 1023, 1024, 1501])
@pytest.mark.parametrize("count", [1, 4, 70])
def test_the_largest_of_many_are_those_of_top_k(size, count):
    values = np.random.default_rng(size).normal(size=(5, size))
    values[1] = -np.inf
    values[2, : size - 1] = -np.inf
    values = values.astype("float32")
    expected, places = tf.math.top_k(values, min(count, size))
    unknown = tf.function(
        next_tokens.top_k,
        autograph=False,
        input_signature=[
            tf.TensorSpec([None, None]),
            tf.TensorSpec([], tf.int32),
        ],
    )
    for found, where in (
        next_tokens.top_k(tf.constant(values), count),
        unknown(values, count),
    ):
        assert (found.numpy() == expected.numpy()).all()
        assert where.numpy().max() < size
        finite = expected.numpy() > -np.inf
        assert (where.numpy()[finite] == places.numpy()[finite]).all()


@pytest.mark.parametrize("beam", [4, 5, 9, 100])
def test_a_beam_may_be_wider_than_the_vocabulary(beam):
    table = tf.random.stateless_normal([5, 5], [3, 4])
    more = tf.fill([5, 3], -float("inf"))  # places of no token

    def step(tokens, states):
        tf.debugging.assert_less(tokens, 5)
        return tf.gather(tf.concat([table, more], 1), tokens), states

    found = decoding.beam_search(
        step,
        [tf.zeros([2, 1])],
        tf.constant([3, 4]),
        beam=beam,
        nbest=4,
        limits=tf.constant([3, 2]),
    )
    assert tf.reduce_max(found.tokens) < 5
    assert np.isfinite(found.scores[:, 0]).all()
