"""The network by itself: tunes and single steps, its file, its pointer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapps.tasks.music.network import LanguageModel

BATCH, TIME, TOKENS, CONTEXTS, BACK = 3, 5, 11, (7, 4), 2


def network(**kwargs):
    keras.utils.set_random_seed(0)
    sizes = {"units": 9, "depth": 2, "embedding": 8}
    model = LanguageModel(TOKENS, CONTEXTS, BACK, **{**sizes, **kwargs})
    model.build((None, None, None))
    return model


def tokens(contexts=CONTEXTS, back=BACK):
    highest = [TOKENS, *contexts, *[TOKENS] * back]
    draw = np.random.default_rng(0)
    columns = [draw.integers(0, high, (BATCH, TIME)) for high in highest]
    return np.stack(columns, -1)  # (batch, time, 1 + contexts + lookbacks)


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
@pytest.mark.parametrize(
    "contexts, back", [(CONTEXTS, BACK), ((), 3), (CONTEXTS, 0), ((), 0)]
)
def test_whole_sequence_and_steps_agree(cell, contexts, back):
    keras.utils.set_random_seed(1)
    model = LanguageModel(TOKENS, contexts, back, cell, 9, 2, 8)
    inputs = tokens(contexts, back)
    whole = model(inputs).numpy()
    assert whole.shape == (BATCH, TIME, TOKENS)
    states = model.initial_states(BATCH)
    for t in range(TIME):
        logits, states = model.step(tf.constant(inputs[:, t]), states)
        np.testing.assert_allclose(logits, whole[:, t], atol=1e-5)


@pytest.mark.parametrize("column", range(1 + len(CONTEXTS) + BACK))
def test_every_column_is_read_and_none_ahead_of_its_time(column):
    model, inputs = network(), tokens()
    changed = inputs.copy()
    changed[:, 2, column] = (changed[:, 2, column] + 1) % 4
    assert (changed != inputs).any()
    difference = np.abs(model(inputs) - model(changed)).max((0, 2))  # (time,)
    assert (difference[:2] == 0).all() and (difference[2:] > 1e-6).all()


def test_the_pointer_adds_to_the_tokens_of_the_bars_before():
    model, inputs = network(), tokens()
    before = model(inputs).numpy()
    model.gate.bias.assign([0.25, 2.0])
    added = model(inputs).numpy() - before
    expected = np.zeros_like(added)
    for place in np.ndindex(BATCH, TIME):
        expected[place][inputs[place][-2]] += 0.25
        expected[place][inputs[place][-1]] += 2.0
    np.testing.assert_allclose(added, expected, atol=1e-5)


def test_the_last_of_the_equations():
    """Of one layer, from its states."""
    model, inputs = network(depth=1, cell="simple_rnn"), tokens()
    small = 8 // 4
    embed, place, bar, back = (
        layer.embeddings.numpy() for layer in [model.embed, *model.context]
    )
    kernel, recurrent, bias = (w.numpy() for w in model.recurrent[0].weights)
    assert kernel.shape[0] == 8 + 4 * small
    h = np.zeros((BATCH, 9))
    for u, c1, c2, v1, v2 in np.moveaxis(inputs, 0, -1):
        x = [embed[u], place[c1], bar[c2], back[v1], back[v2]]
        h = np.tanh(np.concatenate(x, 1) @ kernel + h @ recurrent + bias)
    logits = h @ model.head.kernel.numpy() + model.head.bias.numpy()
    gates = h @ model.gate.kernel.numpy() + model.gate.bias.numpy()
    logits += gates[:, :1] * np.eye(TOKENS)[v1]
    logits += gates[:, 1:] * np.eye(TOKENS)[v2]
    np.testing.assert_allclose(model(inputs)[:, -1], logits, atol=1e-5)


def test_dropout_is_for_training_only():
    model, inputs = network(dropout=0.5, recurrent_dropout=0.4), tokens()
    np.testing.assert_array_equal(model(inputs), model(inputs))
    assert np.abs(model(inputs, training=True) - model(inputs)).max() > 1e-3


def test_the_network_survives_its_config_and_a_keras_file(tmp_path):
    model = network(cell="gru", dropout=0.1, recurrent_dropout=0.2, name="n")
    again = LanguageModel.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    assert again.name == "n" and again.arguments["recurrent_dropout"] == 0.2
    model.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    assert loaded.arguments == model.arguments
    np.testing.assert_array_equal(model(tokens()), loaded(tokens()))
