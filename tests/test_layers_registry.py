"""The registry of cells: one table for the tasks, the tests and `make_cell`."""

import keras
import numpy as np
import pytest
from cells import close, numbers

from seqapps import layers
from seqapps.tasks import music, sentiment, translation
from seqapps.tasks.music.network import LanguageModel
from seqapps.tasks.sentiment.network import TextNetwork
from seqapps.tasks.translation.network import TranslationNetwork

NAMES = layers.cell_names()
IDS = np.random.default_rng(3).integers(1, 11, (3, 5))
every_name = pytest.mark.parametrize("name", NAMES)


@pytest.mark.parametrize("task", [music, sentiment, translation])
def test_every_task_offers_every_cell(task):
    choices = task.build_model.__annotations__["cell"].__args__
    assert list(choices) == NAMES


def test_a_cell_is_made_by_its_name():
    cell = layers.make_cell("peephole_lstm", 5, dropout=0.25, name="mine")
    assert type(cell) is layers.PeepholeLSTMCell
    assert (cell.units, cell.dropout, cell.name) == (5, 0.25, "mine")
    with pytest.raises(ValueError, match="one of simple_rnn, .*: 'ltsm'"):
        layers.make_cell("ltsm", 5)


def test_a_cell_without_recurrent_weights_takes_no_recurrent_dropout():
    layers.make_cell("min_gru", 5, recurrent_dropout=0.0)
    with pytest.raises(ValueError, match="recurrent_dropout"):
        layers.make_cell("min_gru", 5, recurrent_dropout=0.5)


@every_name
def test_the_output_has_the_size_units(name):
    cell = layers.make_cell(name, 5)
    y, states = cell(numbers(3, 2), cell.get_initial_state(3))
    assert y.shape == (3, 5) and cell.output_size == 5
    assert len(states) == len(cell.get_initial_state(3))


def test_irnn():
    cell = layers.make_cell("irnn", 5)
    cell.build((None, 2))
    assert cell.activation is keras.activations.relu
    np.testing.assert_array_equal(cell.recurrent_kernel, np.eye(5))


def test_projection_lstm():
    cell = layers.make_cell("projection_lstm", 5)
    assert (cell.units, cell.projection) == (10, 5)
    cell = layers.make_cell("projection_lstm", 5, projection=3)
    assert (cell.units, cell.projection) == (10, 3)


@every_name
def test_music(name):
    """Whole sequences and single steps agree."""
    model = LanguageModel(11, (), 0, name, 7, 1, 6)
    model.build((None, None, 1))
    logits, states = model(IDS[..., None]), model.initial_states(3)
    for t in range(5):
        one, states = model.step(IDS[:, t, None], states)
        close(one, logits[:, t])


@every_name
def test_sentiment(name):
    model = TextNetwork(11, cell=name, units=7, embedding=6)
    model.build((None, None, 1))
    assert model(IDS[..., None]).shape == (3, 2)


@every_name
def test_translation(name):
    """Whole sequences and single steps agree."""
    model = TranslationNetwork(11, 11, name, 7, 1, 6)
    model.build([(None, None), (None, None)])
    logits = model([IDS, IDS])
    memory, states = model.encode(IDS)
    for t in range(5):
        one, states, _ = model.step(IDS[:, t], states, memory)
        close(one[:, :11], logits[:, t])


def test_states_by_name():
    """A cell that is given names returns them; layers have lists."""
    cell = layers.LSTMCell(5)
    states = cell.get_initial_state(3)
    assert type(states) is list
    x = numbers(3, 2)
    y, named = cell(x, layers.LSTMState(*states))
    assert isinstance(named, layers.LSTMState)
    assert named.h.shape == (3, 5)
    z, plain = cell(x, states)
    assert type(plain) is list
    close([y, *named], [z, *plain])
