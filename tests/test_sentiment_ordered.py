"""Ordered classes, and classes of equal weight."""

import json

import keras
import numpy as np
import pytest
import reviews
import tensorflow as tf

import seqapps
from seqapps.errors import InputError
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment import command
from seqapps.tasks.sentiment.blocks.ordinal import ProportionalOdds
from seqapps.tasks.sentiment.importers import splitting


def test_thresholds_part_the_classes():
    layer = ProportionalOdds(4)
    z = np.array([[-30.0], [-1.3], [0.2], [2.0], [30.0]], np.float32)
    log_p = layer(z)
    np.testing.assert_allclose(layer.thresholds(), [-1, 0, 1], atol=1e-4)
    layer.distances.assign([-3.0, 2.0])
    theta = layer.thresholds().numpy().astype(float)
    assert (np.diff(theta) > 0).all()
    above = 1 / (1 + np.exp(theta - z))  # P(y > k)
    expected = -np.diff(np.pad(above, [[0, 0], [1, 1]], constant_values=(1, 0)))
    expected[:, -1] = above[:, -1]
    np.testing.assert_allclose(
        np.exp(layer(z))[1:-1], expected[1:-1], rtol=2e-4
    )
    assert np.isfinite(log_p).all()
    np.testing.assert_allclose(np.exp(layer(z)).sum(-1), 1, atol=1e-5)
    two = ProportionalOdds(2)(z)
    np.testing.assert_allclose(two[:, 1] - two[:, 0], z[:, 0], rtol=1e-5)


STARS = ["awful", "weak", "so-so", "fine", "superb"]


def write_stars(path, labels, copies=12):
    rows = [
        f"the {thing} {number} is {word},{label}\n"
        for word, label in zip(STARS, labels, strict=True)
        for number in range(copies)
        for thing in ("film", "plot")
    ]
    path.write_text("text,label\n" + "".join(rows))
    return path


def ordered(path, **kwargs):
    data = sentiment.load_data(path=path, batch_size=16, **kwargs)
    keras.utils.set_random_seed(0)
    model = sentiment.build_model(
        data.codec, kind="bag", embedding=3, dropout=0.0, ordered=True
    )
    return data, model


def test_stars_are_learned_in_their_order(tmp_path, capsys):
    labels = ["8", "9", "10", "11", "12"]
    data, model = ordered(write_stars(tmp_path / "stars.csv", labels))
    assert data.codec.labels == labels  # as numbers, not as strings
    model.optimizer.learning_rate = 0.1
    model.fit(data.train, epochs=12, shuffle=False, verbose=0)
    classifier = sentiment.Classifier(model, data.codec)
    texts = [f"the film is {word}" for word in STARS]
    said = classifier.classify(texts)
    np.testing.assert_allclose(np.sum(said["probabilities"], 1), 1, rtol=1e-5)
    expected = np.array(said["probabilities"]) @ np.arange(1, 6)
    np.testing.assert_allclose(said["expected"], expected, rtol=1e-5)
    assert (np.diff(said["expected"]) > 0.3).all()
    loaded = seqapps.load(seqapps.save(classifier, tmp_path / "stars"))
    again = loaded.classify(texts)
    np.testing.assert_allclose(again["expected"], expected, rtol=1e-5)
    command.classify(loaded, texts[4], format="json")
    row = json.loads(capsys.readouterr().out)
    assert row["expected"] == pytest.approx(expected[4], rel=1e-5)
    measures = sentiment.score(loaded, data)
    names, test = data.codec.labels, data.examples["test"]
    found = loaded.classify(test[0])["label"]
    off = [
        abs(names.index(a) - names.index(b))
        for a, b in zip(found, test[1], strict=True)
    ]
    assert measures["mean absolute error"] == pytest.approx(np.mean(off))
    assert "mean absolute error, NB-SVM of pairs" in measures
    model.save(tmp_path / "stars.keras")
    twin = keras.saving.load_model(tmp_path / "stars.keras")
    inputs = data.codec.inputs(tf.constant(texts))
    np.testing.assert_array_equal(twin(inputs), model(inputs))


def test_an_order_is_given_or_refused(tmp_path):
    names = ["E", "D", "C", "B", "A"]
    path = write_stars(tmp_path / "marks.csv", names)
    with pytest.raises(InputError, match="--data.class-order: A,B,C,D,E"):
        ordered(path)
    with pytest.raises(InputError, match="each class once"):
        ordered(path, class_order="E,D,C,B")
    data, _ = ordered(path, class_order="E, D,C,B,A")
    assert data.codec.labels == names
    assert type(data.codec).from_config(data.codec.get_config()).ranked


def test_classes_can_weigh_the_same(tmp_path):
    from sklearn.utils.class_weight import compute_class_weight

    classes = np.array([0] * 7 + [1] * 2 + [2] * 3)
    each = compute_class_weight("balanced", classes=np.arange(3), y=classes)
    weights = splitting.balanced_weights(np.eye(3, dtype=np.float32)[classes])
    np.testing.assert_allclose(weights, each[classes], rtol=1e-6)
    soft = np.array([[0.5, 0.5], [1, 0]], np.float32)
    of_soft = splitting.balanced_weights(soft)
    np.testing.assert_allclose(of_soft, [0.5 * 2 / 3 + 0.5 * 2, 2 / 3])

    rows = reviews.rows(80)
    rows = [row for i, row in enumerate(rows) if row[1] == "pos" or i % 8 == 0]
    path = tmp_path / "few.tsv"
    lines = "".join(f"{text}\t{label}\n" for text, label in rows)
    path.write_text("text\tlabel\n" + lines)
    data = sentiment.load_data(
        path=path, class_weights="balanced", batch_size=16
    )
    y, weights = zip(*[(y, w) for _, y, w in data.train], strict=True)
    per_class = np.concatenate(weights) @ np.concatenate(y)
    np.testing.assert_allclose(per_class, sum(map(len, y)) / 2, rtol=1e-5)
    assert len(data.valid.element_spec) == len(data.test.element_spec) == 2
    model = sentiment.build_model(
        data.codec, kind="bag", embedding=3, dropout=0.0
    )
    model.optimizer.learning_rate = 0.1
    log = model.fit(data.train, epochs=2, shuffle=False, verbose=0).history
    assert log["loss"][1] < log["loss"][0]
    measures = model.evaluate(data.valid, verbose=0, return_dict=True)
    assert set(measures) == {"loss", "accuracy"}
