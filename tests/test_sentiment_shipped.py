"""What the shipped classifier says of what people type first."""

import sys
import unicodedata
from pathlib import Path

import pytest

import seqapps
from seqapps.export.shipped import shipped_model

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
import first_contact  # noqa: E402

GOOD = [
    "The food was good, not bad at all",
    "Not bad at all.",
    "I can't recommend this enough.",
    "I couldn't be happier with this phone.",
    "Never a dull moment!",
]
BAD = [
    "The food was bad, not good at all",
    "Not good at all.",
    "I can't recommend this.",
    "It isn't funny.",
    "The room was anything but clean.",
]


@pytest.fixture(scope="module")
def classifier():
    return seqapps.load(shipped_model("sentiment"))


def test_negation_turns_the_label(classifier):
    labels = classifier.classify([*GOOD, *BAD])["label"]
    assert list(labels) == ["pos"] * len(GOOD) + ["neg"] * len(BAD)


def test_the_suite_is_right_as_often_as_the_card_says(classifier):
    assert first_contact.suite_accuracy(classifier) > 0.92
    both, same_words = first_contact.pairs_right(classifier)
    assert both.mean() > 0.85 and both[same_words].mean() > 0.9


@pytest.mark.parametrize(
    "write",
    [
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace("delightful", "de\u00adlight\u00adful"),
        lambda text: text.replace("'", "\u2019"),
        lambda text: text.replace("'", "&#39;"),
        lambda text: text.replace("delightful", "délightful"),
        str.upper,
    ],
    ids=["NFD", "soft hyphen", "curly", "entity", "accent", "capitals"],
)
def test_the_same_text_written_otherwise_is_the_same(classifier, write):
    text = "A delightful café, and it isn't expensive."
    p = first_contact.positive(classifier, [text, write(text)])
    assert p[0] == pytest.approx(p[1], abs=1e-6)


def test_texts_that_cannot_be_judged_say_so(classifier):
    texts = [
        "Das Essen war wirklich nicht schlecht.",
        "La comida estaba muy buena, gracias por todo.",
        "Ce film était vraiment très mauvais.",
        "",
        "?!?",
        "A fine film.",
    ]
    unsure = list(classifier.classify(texts)["unsure"])
    assert unsure == ["not English"] * 3 + ["no words"] * 2 + [""]


def test_texts_without_an_opinion_are_neutral(classifier):
    texts = ["The train leaves at nine.", "The food was delicious."]
    answer = classifier.classify(texts, neutral=0.2)
    assert list(answer["label"]) == ["neutral", "pos"]
