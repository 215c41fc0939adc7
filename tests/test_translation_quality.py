"""How likely a translation is good: what is seen of it, and the fit."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from seqapps.tasks.translation.codec import casing, quality
from seqapps.tasks.translation.codec.subwords import SubwordTokenizer
from seqapps.tasks.translation.fitting import estimate, logistic, unlike

PIECES = ["▁a", "b", "▁c", "d", "<0x80>"]  # ids 3, 4, 5, 6, 7


def codec(words=("a", "Cd")):
    tokenizer = SubwordTokenizer(PIECES, [-1.0] * len(PIECES))
    return SimpleNamespace(
        source=tokenizer, target=tokenizer, casing=casing.Casing(words)
    )


def seen(texts, sources, targets, attention, log_p, of=None):
    found = quality.features(
        of or codec(),
        tf.constant(texts),
        tf.constant(sources),
        tf.constant(targets),
        tf.constant(attention, tf.float32),
        tf.constant(log_p, tf.float32),
    )
    names = quality.FEATURES
    return [
        [dict(zip(names, row, strict=True)) for row in rows]
        for rows in found.numpy()
    ]


def test_what_is_seen_of_a_translation():
    # "ab cd ab" of five sub-words and END; "a d" and END, and padding
    sources = [[3, 4, 5, 6, 3, 1], [7, 2, 1, 0, 0, 0]]
    targets = [[[3, 6, 1, 0]], [[5, 1, 0, 0]]]
    attention = np.zeros((2, 1, 4, 6))
    attention[0, 0, 0, 0] = attention[0, 0, 2, 5] = 1.0
    attention[0, 0, 1, 2:4] = 0.5
    attention[1, 0, :2, 0] = 1.0
    (one,), (two,) = seen(
        ["a, CD x!", ""], sources, targets, attention, [[-0.5], [-2.0]]
    )
    wanted = {
        "log-probability": -0.5,
        "uncovered": 3 / 5 - 0.2 * 0 + (0.5 + 0.5) / 5 - 0.2,
        "sharpness": 2.5 / 3,
        "entropy": np.log(2) / 3,
        "length": np.log(6),
        "length ratio": np.log(4 / 7),
        "length distance": -np.log(4 / 7),
        "source pieces": 5 / 3,
        "target pieces": 2.0,
        "unknown words": 1 / 3,
        "unknown letters": 0.0,
        "repeated": 1 / 5,
        "copied": 1.0,
    }
    assert set(one) == set(wanted)
    for name, value in wanted.items():
        assert one[name] == pytest.approx(value, abs=1e-5), name
    assert two["unknown letters"] == 1.0 and two["copied"] == 0.0
    assert two["unknown words"] == 0.0 and two["uncovered"] == 0.5


def test_padding_changes_nothing():
    sources, targets = [[3, 4, 1]], [[[5, 6, 1]]]
    attention = np.full((1, 1, 3, 3), 1 / 3)
    found = seen(["ab"], sources, targets, attention, [[-1.0]])
    padded = np.pad(attention, ((0, 0), (0, 0), (0, 2), (0, 1)))
    again = seen(["ab"], [[3, 4, 1, 0]], [[[5, 6, 1, 0, 0]]], padded, [[-1.0]])
    assert again[0][0] == pytest.approx(found[0][0], abs=1e-6)


def test_what_is_fitted_is_what_the_graph_says():
    draw = np.random.default_rng(0)
    rows = draw.normal(0, (1, 20, 0.1), (400, 3)) + (0, 5, 0)
    p = 1 / (1 + np.exp(-(2 * rows[:, 0] - 0.1 * rows[:, 1] + 0.3)))
    good = (draw.random(400) < p).astype(float)
    low, high = logistic.limits(rows)
    fitted = logistic.fit(np.clip(rows, low, high), good, np.full(400, 1 / 400))
    assert fitted.weights[0] > 1 and fitted.weights[1] < -0.03
    assert np.corrcoef(fitted.predict(rows), p)[0, 1] > 0.98
    said = quality.Quality(
        list(fitted.weights),
        fitted.bias,
        [0.0, 0.5, 0.0],
        -1.0,
        list(low),
        list(high),
        0.5,
    )
    rows = np.concatenate([rows[:5], [[9, 900, -9], [-np.inf, 0, 0]]])
    cut = np.clip(rows, low, high)
    expected = fitted.predict(cut) / (1 + np.exp(1 - 0.5 * cut[:, 1]))
    np.testing.assert_allclose(
        said(tf.constant(rows, tf.float32)), expected, atol=1e-4
    )
    again = quality.Quality(**said.get_config())
    assert again.get_config() == said.get_config()


def test_texts_that_cannot_be_translated():
    texts = ["uno dos tres", "cuatro"]
    made = unlike.make(texts, 20, 3)
    assert made == unlike.make(texts, 20, 3) != unlike.make(texts, 20, 4)
    assert {len(t.split()) for t in made["letters"]} == {1, 3}
    assert all(set(t.split()) <= set("uno dos tres cuatro".split())
               and len(t.split()) > 2 for t in made["repeated"])  # fmt: skip
    assert all(
        sorted(t.replace(" ", "")) in [sorted("unodostres"), sorted("cuatro")]
        for t in made["shuffled"]
    )


def test_the_estimate_tells_good_from_bad_and_marks_what_is_unlike():
    pytest.importorskip("sacrebleu")
    draw = random.Random(0)
    words = "uno dos tres cuatro cinco seis siete ocho".split()

    def pairs(count):
        texts = [" ".join(draw.sample(words, 4)) for _ in range(count)]
        return [(text, text.upper()) for text in texts]

    def observe(texts):
        """Translates what has known words; the worse, the less sure it is."""
        said, rows = [], []
        for text in texts:
            unknown = sum(word not in words for word in text.split())
            sure = draw.random() if not unknown else 0.0
            said.append(text.upper() if sure > 0.4 else "-")
            row = [np.log(sure + 0.01), *[0.0] * (len(quality.FEATURES) - 1)]
            row[quality.FEATURES.index("unknown words")] = unknown / 4
            rows.append(row)
        return tf.constant(said), tf.constant(rows, tf.float32)

    settings = estimate.fit_quality(
        observe, {"validation": pairs(200), "other": pairs(50)}, 40
    )
    said = quality.Quality(**settings)
    texts, rows = observe([source for source, _ in pairs(200)])
    p = said(rows).numpy()
    good = texts.numpy() != b"-"
    assert p[good].mean() > p[~good].mean() + 0.2
    _, rows = observe(unlike.make(words, 30, 1)["letters"])
    assert (said(rows).numpy() < settings["limit"]).mean() > 0.9
    assert (p[good] >= settings["limit"]).mean() > 0.7
