"""Pairs of words that say more together than each alone."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqapps
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment.codec.base import TextCodec
from seqapps.tasks.sentiment.evaluation import interactions as pairs
from seqapps.tasks.sentiment.network import TextNetwork
from seqapps.tasks.sentiment.rendering import page

TEXTS = ["a bad b not bad a", "not bad", "bad", "", "b not a bad not not a"]
WORDS = ["a", "b", "not", "bad"]


def codec(order=2):
    plain = TextCodec(["neg", "pos"], WORDS, head=9, tail=9)
    base, ids = plain.base, {word: 3 + i for i, word in enumerate(WORDS)}
    not_bad = ids["not"] * base + ids["bad"]
    keys = [not_bad, ids["a"] * base**2 + ids["bad"] * base + ids["b"]]
    config = {**plain.get_config(), "ngrams": keys, "ratios": [1.0, 2.0]}
    return TextCodec.from_config({**config, "order": 3, "temperature": 1.7})


def network(texts, kind="recurrent", **kwargs):
    keras.utils.set_random_seed(0)
    model = TextNetwork(
        len(texts), 3, 2, kind, units=5, embedding=4, shortcut=True, **kwargs
    )
    model.build((None, None, 3))
    model.embed.embeddings.assign(model.embed.embeddings * 30)
    return model


def odds(model, texts, rows, mask, predicted):
    """The log-odds of the predicted class, by NumPy."""
    logits = model.classify(model.word_vectors(rows), mask) / texts.temperature
    return float(logits[0, predicted] - logits[0, 1 - predicted])


@pytest.mark.parametrize("rows", [128, 64])
def test_interactions_are_second_differences(rows, monkeypatch):
    monkeypatch.setattr(pairs, "_ROWS", rows)
    texts = codec()
    model = network(texts, stride=2)
    inputs = texts.inputs(tf.constant(TEXTS))
    found = pairs.interactions(model, inputs, texts.temperature)
    assert [part.shape for part in found] == [inputs.shape[:2]] * 2
    for row, text in enumerate(TEXTS):
        one = texts.inputs(tf.constant([text]))
        mask = one[..., 0] != 0
        length = len(text.split())
        predicted = int(tf.argmax(model(one), -1)[0])

        @functools.cache
        def without(*blank, one=one, mask=mask, predicted=predicted):
            left = one.numpy()
            for t in blank:
                left[0, t] = 0
                for column in (1, 2):  # n-grams that end after t and hold it
                    left[0, t : t + column + 1, column] = 0
            return odds(model, texts, left, mask, predicted)

        for gap, values in zip((1, 2), found, strict=True):
            for t in range(inputs.shape[1]):
                expected = 0.0
                if t + gap < length:
                    expected = without() - without(t) - without(t + gap)
                    expected += without(t, t + gap)
                assert float(values[row, t]) == pytest.approx(
                    expected, abs=2e-4
                ), (text, gap, t)
    assert np.abs(found[0]).max() > 0.1


def test_a_bag_of_words_has_no_interactions_but_its_ngrams():
    texts = codec()
    model = network(texts, kind="bag")
    inputs = texts.inputs(tf.constant(TEXTS))
    for part in pairs.interactions(model, inputs, texts.temperature):
        np.testing.assert_allclose(part, 0, atol=1e-4)


class Older:
    """A saved model that tells nothing of pairs."""

    def __init__(self, classifier):
        self.classifier = classifier

    def explain(self, texts):
        said = self.classifier.explain(texts)
        names = ("interactions", "interactions_2")
        return {key: said[key] for key in said if key not in names}


def test_pairs_are_exported_and_shown(tmp_path):
    texts = codec()
    ours = sentiment.Classifier(network(texts, cell="irnn"), texts)
    loaded = seqapps.load(seqapps.save(ours, tmp_path / "pairs"))
    said, again = ours.explain(TEXTS), loaded.explain(TEXTS)
    for name in ("interactions", "interactions_2"):
        assert np.shape(said[name]) == np.shape(said["contributions"])
        np.testing.assert_allclose(again[name], said[name], atol=1e-4)
    explained = page.explain(loaded, TEXTS[:1])
    assert len(explained[0].interactions) == len(explained[0].tokens) == 6
    assert 'class="chip' in page.html(explained, "why")
    older = page.html(page.explain(Older(ours), TEXTS), "why")
    assert 'class="chip' not in older and "strongest" in older


def test_the_strongest_pairs_are_chips():
    explanation = page.Explanation(
        ["not", "<b>", "bad"], [0.0, 0.0, 0.0], "pos", 0.9, 0.0
    )
    assert "together: " not in page.html([explanation], "why")
    explanation = page.Explanation(
        *(["not", "<b>", "bad"], [0.0, 0.0, 0.0], "pos", 0.9, 0.0),
        interactions=[-1.05, 0.01, 7.0],
        interactions_2=[2.1, 7.0, 7.0],
    )
    html = page.html([explanation], "why")
    strong = 'class="chip w for" style="--a:0.75">not … bad +2.10</span>'
    weak = 'class="chip w against" style="--a:0.38">not · &lt;b&gt; -1.05<'
    assert strong in html and weak in html and html.count("chip w") == 2
