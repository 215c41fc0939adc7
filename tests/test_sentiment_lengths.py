"""Two classifiers in one, by the length of a text."""

import keras
import numpy as np
import pytest
import reviews

import seqapps
from seqapps.errors import InputError
from seqapps.export.quantize import quantize
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment import pruning

TEXTS = [
    "a fine film " * 9,
    "a fine film",
    "",
    "the plot was not dull , it was clever " * 4,
    "not dull at all",
    "dull . " * 5,  # ten words
    "dull . " * 5 + "dull",  # eleven
]
SHORT = [1, 2, 4, 5]


def build(data, **kwargs):
    keras.utils.set_random_seed(0)
    model = sentiment.build_model(data.codec, embedding=5, dropout=0, **kwargs)
    model.embed.embeddings.assign(model.embed.embeddings * 30)
    return sentiment.Classifier(model, data.codec)


def two(folder):
    path = reviews.write(folder / "toy.csv")
    one = sentiment.load_data(path=path, batch_size=16)
    other = sentiment.load_data(path=path, batch_size=16, ngrams=20, head=12)
    other.codec.temperature = 2.0
    return build(one, units=4), build(other, units=3, stride=2, shortcut=True)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    return two(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def both(parts):
    return sentiment.LengthClassifier(*parts, words=10)


def test_each_text_is_read_by_the_one_for_its_length(both, parts):
    found = both.classify(TEXTS)
    rows = found["probabilities"]
    for i, text in enumerate(TEXTS):
        own, other = parts if i in SHORT else reversed(parts)
        expected = own.classify([text])
        np.testing.assert_allclose(
            rows[i], expected["probabilities"][0], atol=1e-6
        )
        for name in ("label", "unsure"):
            assert found[name][i] == expected[name][0]
        if text:
            different = other.classify([text])["probabilities"][0]
            assert abs(rows[i][0] - different[0]) > 1e-3


@pytest.mark.parametrize("rows", [[], SHORT, [0, 3, 6]], ids=str)
def test_one_of_them_may_have_nothing_to_read(both, rows):
    texts = [TEXTS[i] for i in rows]
    found = both.classify(texts)["probabilities"]
    together = both.classify(TEXTS)["probabilities"]
    for row, i in zip(found, rows, strict=True):
        np.testing.assert_allclose(row, together[i], atol=1e-6)


def test_explanations_are_of_the_one_that_reads(both, parts):
    why = both.explain(TEXTS)
    for i, text in enumerate(TEXTS):
        alone = parts[i not in SHORT].explain([text])
        tokens = [token for token in why["tokens"][i] if token]
        assert tokens == [token for token in alone["tokens"][0] if token]
        for name in ("contributions", "interactions", "interactions_2"):
            row = np.array(why[name][i])
            np.testing.assert_allclose(
                row[: len(tokens)], alone[name][0][: len(tokens)], atol=1e-4
            )
            assert not row[len(tokens) :].any()


def test_both_are_exported_and_quantized(tmp_path):
    parts = two(tmp_path)
    both = sentiment.LengthClassifier(*parts, words=10)
    before = both.classify(TEXTS)["probabilities"]
    assert len(quantize(both.model)) == 2
    both = sentiment.LengthClassifier(*parts, words=10)
    loaded = seqapps.load(seqapps.save(both, tmp_path / "both"))
    found = loaded.classify(TEXTS)
    np.testing.assert_allclose(found["probabilities"], before, atol=0.05)
    ours = both.explain(TEXTS)["contributions"]
    again = loaded.explain(TEXTS)["contributions"]
    np.testing.assert_allclose(again, ours, atol=1e-4)
    assert found["labels"] == ["neg", "pos"]


def test_two_of_other_classes_are_refused(parts, tmp_path):
    path = tmp_path / "other.csv"
    rows = [f"film {i},{'ab'[i % 2]}" for i in range(60)]
    path.write_text("\n".join(["text,label", *rows]))
    other = build(sentiment.load_data(path=path), units=3)
    with pytest.raises(InputError, match="other labels"):
        sentiment.LengthClassifier(parts[0], other)


def test_ngrams_that_say_nothing_are_pruned(tmp_path):
    whole = two(tmp_path)[1]
    model, codec = whole.model, whole.codec
    first = len(codec) - len(codec.ngrams)
    silent = [1, 4, 11]
    weight = model.ratios.numpy()
    weight[[first + i for i in silent]] = 0
    model.ratios.assign(weight)
    expected = whole.classify(TEXTS)["probabilities"]
    small = sentiment.Classifier(
        *pruning.prune_ngrams(model, codec, len(codec.ngrams) - 3)
    )
    left = [key for i, key in enumerate(codec.ngrams) if i not in silent]
    assert small.codec.ngrams == left
    assert small.codec.temperature == codec.temperature
    np.testing.assert_allclose(
        small.classify(TEXTS)["probabilities"], expected, atol=1e-6
    )
    fewer, _ = pruning.prune_ngrams(model, codec, 5)
    assert fewer.embed.embeddings.shape[0] == first + 5
