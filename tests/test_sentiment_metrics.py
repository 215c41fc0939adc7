"""Every measure to an exact number, and the pictures of them."""

import numpy as np
import pytest
import reviews

from seqapps.tasks import sentiment
from seqapps.tasks.sentiment import metrics
from seqapps.tasks.sentiment.evaluation import baselines, calibration
from seqapps.tasks.sentiment.fitting import calibrated
from seqapps.tasks.sentiment.rendering import page


def test_measures_of_a_few_texts():
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6], [0.2, 0.8]])
    classes = np.array([0, 0, 1, 1])
    counts = metrics.confusion_matrix(classes, probabilities.argmax(-1), 2)
    assert counts.tolist() == [[1, 1], [0, 2]]
    assert metrics.macro_f1(counts) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert metrics.roc_auc(probabilities, classes) == pytest.approx(3.5 / 4)
    correct = probabilities.argmax(-1) == classes
    error = calibration.expected_calibration_error(
        probabilities.max(-1), correct
    )
    assert error == pytest.approx((0.1 + 0.2 + 2 * 0.1) / 4)


def test_a_class_of_nothing_counts_not():
    probabilities = np.array([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2]])
    assert metrics.roc_auc(probabilities, np.array([0, 1])) == 1
    assert np.isnan(metrics.roc_auc(probabilities, np.array([0, 0])))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_temperature_is_found_again(temperature):
    chance = np.random.default_rng(0)
    logits = chance.normal(size=(20000, 3)) * 2
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    drawn = (probabilities.cumsum(-1) > chance.random((20000, 1))).argmax(-1)
    found = calibration.fit_temperature(logits * temperature, np.eye(3)[drawn])
    assert found == pytest.approx(temperature, rel=0.04)


def test_baselines_learn_what_is_easy():
    texts, labels = zip(*reviews.rows(200), strict=True)
    asked, right = zip(*reviews.rows(60, seed=5), strict=True)
    of_pairs = baselines.nb_svm(texts, labels, asked)
    of_words = baselines.bag_of_words(texts, labels, asked)

    def share(said):
        return np.mean([a == b for a, b in zip(said, right, strict=True)])

    assert share(of_pairs) > 0.9 and share(of_pairs) > share(of_words)
    three = [f"{labels[i]}{len(text) > 60}" for i, text in enumerate(texts)]
    assert set(baselines.nb_svm(texts, three, asked)) <= set(three)
    assert set(baselines.bag_of_words(texts, three, asked)) <= set(three)


def test_score_measures_and_draws(tmp_path):
    path = reviews.write(tmp_path / "toy.csv")
    data = sentiment.load_data(path=path, batch_size=16)
    model = sentiment.build_model(data.codec, kind="bag", embedding=3)
    calibrated.calibrate(model, data)
    classifier = sentiment.Classifier(model, data.codec)
    found = sentiment.score(classifier, data, output=tmp_path / "out")
    assert found["test texts"] == len(data.examples["test"][0])
    assert {"accuracy", "macro F1", "accuracy, NB-SVM of pairs"} <= set(found)
    for name in ("reliability.png", "confusion.png"):
        assert (tmp_path / "out" / name).read_bytes()[1:4] == b"PNG"
    assert "but it is" in (tmp_path / "out/mistakes.html").read_text("utf-8")


def test_the_page_is_whole_and_says_what_it_shows():
    explanation = page.Explanation(
        ["not", "<b>", "."], [-1.5, 0.5, 0.001], "neg", 0.75, -0.999, "pos"
    )
    html = page.html([explanation], "Why & how")
    assert "Why &amp; how" in html and "&lt;b&gt;" in html
    assert "neg 75.0%, but it is pos" in html
    assert 'class="w against" style="--a:0.75" title="-1.500">not<' in html
    assert 'class="w for" style="--a:0.25" title="+0.500">' in html
    assert '<span title="+0.001">.</span>' in html
    assert "together -1.00<" in html
    assert "http" not in html and "src=" not in html
