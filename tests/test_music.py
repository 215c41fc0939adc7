"""Music: requests, seeds and cells; its contract is in test_contract.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqapps
from seqapps.tasks import music

REQUEST = {"key": "D", "meter": "6/8", "count": 3, "seed": 7}
PRIMER = "X:1\nT:x\nM:6/8\nL:1/8\nK:G\n|:D|GAB c2d|__b7/4z/4A2 z2|"


def build(codec, rate=0.002, **kwargs):
    sizes = {"units": 13, "embedding": 7, "layers": 2, "dropout": 0.0}
    keras.utils.set_random_seed(0)
    model = music.build_model(codec, **{**sizes, **kwargs})
    model.optimizer.learning_rate = rate
    return model


@pytest.mark.parametrize("cell", ["gru", "simple_rnn"])
def test_every_cell_learns(toy, cell):
    model = build(toy.codec, cell=cell, rate=0.03)
    batch = next(iter(toy.train))
    losses = [float(model.train_on_batch(*batch)) for _ in range(5)]
    assert losses[-1] < 0.9 * losses[0]


def test_few_tunes_are_the_first_of_many(composer, toy):
    tune = toy.examples["validation"][0]
    few = composer.generate(**{**REQUEST, "count": 1})
    assert few == composer.generate(**REQUEST)[:1]
    varied = composer.vary(tune, 0.5, count=3, seed=5)["abc"]
    assert composer.vary(tune, 0.5, count=1, seed=5)["abc"] == varied[:1]


def test_a_seed_repeats_itself(composer):
    once = composer.generate(**REQUEST)
    assert composer.generate(**REQUEST) == once
    other = composer.generate(**{**REQUEST, "seed": 8})
    assert not set(once) & set(other) and len(set(once)) == 3


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        {"primer": PRIMER, "bars": 9, "count": 3, "seed": 2},
        {"primer": PRIMER, "bars": 12, "form": "AABA", "top_k": 5},
        {"form": "AAB", "meter": "2/4", "temperature": 1.5, "top_p": 0.9},
        {"constrained": False, "bars": 4, "seed": 3},
    ],
    ids=lambda request: " ".join(request),
)
def test_exported_composes_as_in_process(composer, loaded, request_):
    assert loaded.generate(**request_) == composer.generate(**request_)


def test_a_saved_model_says_what_it_takes(composer, saved, loaded):
    text = seqapps.inspect(saved)
    for name in ("generate(", "vary(", "score(", "serving_default("):
        assert name in text
    assert {"generate", "vary", "score"} <= set(dir(loaded))
    with pytest.raises(seqapps.InputError, match="exists"):
        seqapps.save(composer, saved)


@pytest.mark.parametrize(
    "request_, message",
    [
        ({"key": "H"}, "unknown key H"),
        ({"mode": "blue"}, "unknown mode blue"),
        ({"meter": "7/8"}, "unknown meter 7/8"),
        ({"bars": -1}, "bars must be"),
        ({"count": 0}, "count must be 1 or more"),
        ({"count": -1}, "count must be 1 or more"),
        ({"temperature": 0.0}, "temperature must be above 0"),
        ({"top_k": -1}, "top_k"),
        ({"top_p": 1.5}, "top_p"),
        ({"form": "AAAB"}, "repeated once at most"),
        ({"primer": "GAB"}, "the key of the ABC"),
        ({"primer": PRIMER, "key": "D"}, "the key of the ABC is G"),
    ],
    ids=str,
)
def test_bad_requests_say_what_is_wrong(composer, loaded, request_, message):
    for predictor in (composer, loaded):
        for seed in range(5):  # whatever in the graph runs first
            with pytest.raises(seqapps.InputError, match=message):
                predictor.generate(**request_, seed=seed)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"units": 0},
        {"layers": 4},
        {"dropout": 1.0},
    ],
)
def test_senseless_sizes_are_refused(toy, kwargs):
    with pytest.raises(seqapps.InputError):
        build(toy.codec, **kwargs)


def test_the_network_survives_a_keras_file(toy, tmp_path):
    network = build(toy.codec)
    network.train_on_batch(*next(iter(toy.train)))  # so Adam has its moments
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    inputs = toy.codec.inputs(tf.constant([[3, 4, 5]]))
    np.testing.assert_array_equal(network(inputs), again(inputs))
    for moment, same in zip(
        network.optimizer.variables, again.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(moment, same)
