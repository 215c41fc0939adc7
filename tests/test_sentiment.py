"""Sentiment: kinds of networks, explanations, calibration, pretraining."""

import json

import keras
import numpy as np
import pytest
import reviews
import tensorflow as tf

import seqapps
from seqapps import training
from seqapps.cli import main
from seqapps.export.quantize import quantize
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment.blocks import adversarial
from seqapps.tasks.sentiment.evaluation import attributions
from seqapps.tasks.sentiment.fitting import pretraining

TEXTS = [
    "The food was good, not bad at all",
    "The food was bad, not good at all",
    "",
    "dull",
    "qwertz \N{GRINNING FACE} \N{CJK UNIFIED IDEOGRAPH-4E2D}",
    "Well, the plot was clever.<br /><br />My friend said: don't!" * 9,
]


def build(codec, rate=0.002, **kwargs):
    sizes = {"units": 7, "embedding": 5, "dropout": 0.0}
    keras.utils.set_random_seed(0)
    model = sentiment.build_model(codec, **{**sizes, **kwargs})
    model.optimizer.learning_rate = rate
    return model


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """117 texts to train on: batches of 16, and the last has 5."""
    path = reviews.write(tmp_path_factory.mktemp("toy") / "toy.csv")
    return sentiment.load_data(
        path=path, ngrams=40, order=3, batch_size=16, head=20, tail=11
    )


@pytest.fixture(scope="module")
def trained(toy):
    model = build(toy.codec, rate=0.03, shortcut=True)
    log = model.fit(
        toy.train,
        validation_data=toy.valid,
        epochs=4,
        shuffle=False,
        verbose=0,
    )
    return model, log.history


@pytest.fixture(scope="module")
def classifier(trained, toy):
    return sentiment.Classifier(trained[0], toy.codec)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"cell": "irnn", "pooling": "last", "bidirectional": False},
        {"cell": "layer_norm_lstm", "pooling": "last", "layers": 2},
        {"cell": "peephole_lstm", "pooling": "attention", "word_dropout": 0.1},
        {"cell": "gru", "pooling": "mean-max", "stride": 3},
        {"cell": "lstm", "adversary": 0.2},
        {"kind": "bag"},
        {"kind": "window"},
        {"kind": "big-window", "window": 13},
    ],
    ids=lambda kwargs: "-".join(map(str, kwargs.values())),
)
def test_every_kind_learns_and_reads_alone_as_in_a_batch(toy, kwargs):
    model = build(toy.codec, rate=0.02, **kwargs)
    batch = next(iter(toy.train))
    losses = [float(model.train_on_batch(*batch)[0]) for _ in range(6)]
    assert min(losses[-2:]) < 0.97 * losses[0]
    together = model(toy.codec.inputs(tf.constant(TEXTS)))
    for row, text in zip(together, TEXTS, strict=True):
        alone = model(toy.codec.inputs(tf.constant([text])))[0]
        np.testing.assert_allclose(alone, row, atol=1e-5)


def test_an_adversary_finds_worse_than_chance(trained, toy):
    model, _ = trained
    inputs, _ = next(iter(toy.train))
    mask, x = inputs[..., 0] != 0, model.word_vectors(inputs)
    there = tf.cast(mask, x.dtype)[..., None]

    def classify(x):
        return model.classify(x, mask)

    keras.utils.set_random_seed(1)
    logits = classify(x)
    worst = adversarial.virtual_adversarial_loss(classify, x, logits, 0.1)
    step = tf.random.normal(x.shape) * there
    step *= 0.1 * adversarial._length(x) / adversarial._length(step)
    assert worst > 3 * adversarial._divergence(logits, classify(x + step)) >= 0
    assert (
        adversarial.virtual_adversarial_loss(classify, x, logits, 0.2) > worst
    )


def test_contributions_sum_to_the_change_in_the_log_odds(classifier, toy):
    texts = [*TEXTS, *toy.examples["train"][0][:20]]
    said = classifier.explain(texts)
    sums = [sum(row) for row in said["contributions"]]
    np.testing.assert_allclose(sums, said["change"], rtol=1e-4, atol=1e-4)
    blank = said["tokens"].index([""] * len(said["tokens"][0]))
    assert said["change"][blank] == 0
    assert classifier.classify(texts)["label"] == said["label"]


def test_shares_tend_to_the_sum_by_themselves(classifier, toy):
    """The more points, the less there is to be shared out."""
    model, inputs = classifier.model, toy.codec.inputs(tf.constant(TEXTS))

    @tf.function(autograph=False)
    def shares(steps):
        return attributions.integrated_gradients(model, inputs, 1.0, steps)[1]

    exact, rough, fine = (shares(tf.constant(n)).numpy() for n in (400, 3, 50))
    assert abs(fine - exact).max() < 0.3 * abs(rough - exact).max()
    assert abs(fine - exact).max() < 0.02 * abs(exact).max()


def test_change_is_from_a_text_of_blank_words(classifier):
    model, codec = classifier.model, classifier.codec
    inputs = codec.inputs(tf.constant(["a dull film"]))
    mask, x = inputs[..., 0] != 0, model.word_vectors(inputs)
    full, blank = model.classify(x, mask), model.classify(0 * x, mask)
    odds = (full - blank)[0] / codec.temperature
    said = classifier.explain(["a dull film"])
    expected = float(abs(odds[1] - odds[0]))
    assert abs(said["change"][0]) == pytest.approx(expected, abs=1e-5)


def test_embeddings_of_8_bits_say_nearly_the_same(
    trained, toy, classifier, tmp_path
):
    twin = build(toy.codec, shortcut=True)
    twin.set_weights(trained[0].get_weights())
    assert quantize(twin) == [twin.embed.name]
    small = sentiment.Classifier(twin, toy.codec)
    assert twin.embed.variables[0].dtype == "int8"
    loaded = seqapps.load(seqapps.save(small, tmp_path / "small"))
    np.testing.assert_allclose(
        loaded.classify(TEXTS)["probabilities"],
        classifier.classify(TEXTS)["probabilities"],
        atol=0.02,
    )


def test_a_run_is_scaled_and_repeats_itself(tmp_path, monkeypatch, capfd):
    path = reviews.write(tmp_path / "toy.csv", 90)
    words = (
        f"train --data.path {path} --model.units 5 --model.embedding 4 "
        "--data.batch-size 16 --data.ngrams 20 --fit.decay-epochs 0 "
        "--model.dropout 0.3 --fit.epochs 2 --fit.seed 3"
    )
    logs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        main(sentiment.TASK, words.split())
        (run,) = (tmp_path / name / "runs/sentiment").iterdir()
        logs.append((run / "log.csv").read_text())
        codec = json.loads((run / "codec.json").read_text())
    assert logs[0] == logs[1]
    again, info = training.restore(sentiment.TASK, run)
    assert again.codec.temperature == codec["config"]["temperature"] != 1
    assert info["task"] == "sentiment"
    assert info["recipe"]["data"]["path"] == "toy.csv"  # no folder of ours


@pytest.mark.parametrize(
    "kwargs",
    [
        {"units": 0},
        {"layers": 4},
        {"stride": 0},
        {"dropout": 1.0},
        {"word_dropout": -0.1},
        {"adversary": -0.1},
    ],
    ids=str,
)
def test_senseless_sizes_are_refused(toy, kwargs):
    with pytest.raises(seqapps.InputError):
        build(toy.codec, **kwargs)


def test_the_network_survives_a_keras_file(trained, toy, tmp_path):
    model, _ = trained
    model.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    inputs = toy.codec.inputs(tf.constant(TEXTS))
    np.testing.assert_array_equal(model(inputs), again(inputs))


def test_a_language_model_first_learns_which_word_comes(toy):
    model = build(toy.codec, stride=2, word_dropout=0.3)
    before = model.recurrent[0].get_weights()
    losses = pretraining.pretrain(
        model,
        toy.codec,
        toy.examples["train"][0],
        epochs=6,
        seed=0,
        batch_size=16,
        learning_rate=0.02,
    )
    assert losses[-1] < losses[0] - 0.2
    after = model.recurrent[0].get_weights()
    assert all(
        abs(a - b).max() > 1e-3 for a, b in zip(after, before, strict=True)
    )


def test_a_language_model_does_not_see_what_it_names(toy):
    model = build(toy.codec, stride=2)
    reader = pretraining.LanguageModel(model, len(toy.codec) - 40)
    seen = []
    reader._loss = lambda h, ids: seen.append(h) or tf.zeros(1)
    ids = tf.constant([[[3], [4], [5], [6], [7], [8], [9]]])
    inputs = tf.pad(ids, [[0, 0], [0, 0], [0, 2]])
    reader(inputs)
    other = tf.tensor_scatter_nd_update(inputs, [[0, 4, 0]], [12])
    reader(other)  # word 4 is in the third of four steps
    forward, backward = seen[0] - seen[2], seen[1] - seen[3]
    changed = [abs(h[0].numpy()).max(-1) > 1e-6 for h in (forward, backward)]
    assert changed[0].tolist() == [False, False, True]  # of steps 1, 2, 3
    assert changed[1].tolist() == [True, True, False]  # of steps 2, 3, 4


def test_what_ships_reads_sentences_and_reviews():
    classifier = seqapps.load(seqapps.export.shipped_model("sentiment"))
    good = "A wonderful film: funny, moving and beautifully acted. "
    bad = "A terrible film: boring, badly acted and a waste of time. "
    texts = [good, bad, 40 * good, 40 * bad, ""]
    said = classifier.classify(texts)
    assert said["label"][:4] == ["pos", "neg", "pos", "neg"]
    assert min(said["probability"][:4]) > 0.9
    assert said["probability"][4] < 0.7  # nothing is known of nothing
    for i, text in enumerate(texts):
        alone = classifier.classify([text])
        np.testing.assert_allclose(
            alone["probabilities"][0], said["probabilities"][i], atol=1e-5
        )
    why = classifier.explain([good, bad])
    np.testing.assert_allclose(
        np.sum(why["contributions"], 1), why["change"], rtol=1e-3
    )


def test_every_served_output_has_the_batch_first(classifier):
    for count in (1, 2, 3, 5):
        texts = tf.constant(["a fine film"] * count)
        found = classifier.functions["serving_default"](texts)
        assert {len(value) for value in found.values()} == {count}
        assert found["labels"].shape == found["probabilities"].shape
