"""Texts as people write them: cleaned, doubted, neutral; inside the graph."""

import html.entities
import json
import unicodedata

import keras
import numpy as np
import pytest
import reviews
import tensorflow as tf

import seqapps
from seqapps import export
from seqapps.cli import main
from seqapps.errors import InputError
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment.codec import doubts
from seqapps.tasks.sentiment.codec.base import TextCodec
from seqapps.tasks.sentiment.codec.characters import fold
from seqapps.tasks.sentiment.codec.vocabulary import (
    VocabularyLimits,
    build_codec,
)
from seqapps.tasks.sentiment.evaluation import abstention
from seqapps.tasks.sentiment.rendering import page

CODEC = TextCodec(["neg", "pos"], ["good", "bad", "not"], clean=True)
SPLIT = tf.function(
    lambda texts: CODEC.split(texts),
    input_signature=[tf.TensorSpec([None], tf.string)],
    autograph=False,
)


def words(*texts):
    rows = SPLIT(tf.constant(texts, tf.string)).to_list()
    return [" ".join(word.decode() for word in row) for row in rows]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", ""),
        ("Good, not bad!!", "Good , not bad ! !"),
        ("one<br />two", "one two"),
        ("&quot;fine&quot; &amp; caf&eacute;", '" fine " & cafe'),
        ("&#233;t&#xe9; &#XE9; it&#146;s &hellip;", "ete e it 's . . ."),
        ("&amp;quot;twice&amp;quot; &lt;br /&gt;", '" twice "'),
        ("AT&T &bogus; R&D; &#0;", "AT & T & bogus ; R & D ; \ufffd"),
        ("&#xd800;&#99999999;", "\ufffd \ufffd"),
        ("won\u00adder\u00adful", "wonderful"),
        ("\ufeffzero\u200bwidth w&shy;ord", "zerowidth word"),
        ("caf\u00e9 nai\u0308ve \u00dcber", "cafe naive Uber"),
        ("\uff27\uff4f\uff4f\uff44\uff01", "Good !"),
        ("2\u00bd stars\u2026 stra\u00dfe", "2 1 / 2 stars . . . strasse"),
        ("\u201cfine\u201d \u2018so\u2019", "\" fine \" ' so '"),
        ("film\u2014great, film--great", "film - - great , film - - great"),
        ("sooooo goooood, cool!!!", "soo good , cool ! ! !"),
        ("SOOOO Hmmm Rocky III 1000", "SOO Hmm Rocky III 1000"),
        ("fine\u2764\ufe0f\U0001f44d\U0001f3fd", "fine \u2764 \U0001f44d"),
        ("\U0001f469\u200d\U0001f4bb ok", "\U0001f469 ok"),
        ("\U0001f937\U0001f3fd\u200d\u2642\ufe0f", "\U0001f937"),
        ("\U0001f1fa\U0001f1f8\U0001f1eb\U0001f1f7", "\U0001f1fa\U0001f1f8 "
         "\U0001f1eb\U0001f1f7"),
        ("see http://x.com/a?b=1, (www.y.org)", "see , ( )"),
        ("@nbc me@x.org user @ 7 #great C#", "user @ 7 great C #"),
        ("-lrb- ``so'' -RRB- and\\/or", '( " so " ) and / or'),
        (b"bad \xff bytes\0", "bad \ufffd bytes"),
        ("rock o'clock actors' 'quote'", "rock o'clock actors ' ' quote '"),
    ],
    ids=repr,
)  # fmt: skip
def test_words_and_marks(text, expected):
    assert words(text) == [expected]


@pytest.mark.parametrize(
    "raw, tokens",
    [
        ("isn't doesn't wasn't won't", "is n't does n't was n't wo n't"),
        ("isnt doesnt wasnt wont", "is n't does n't was n't wo n't"),
        ("can't cant cannot Didn\u2019t", "ca n't ca n't can not Did n't"),
        ("DON'T dont", "DO N'T do n't"),
        ("it's we're I'm they'll he'd I've", "it 's we 're I 'm they 'll he "
         "'d I 've"),
        ("the film's 1980's", "the film 's 1980 's"),
        ("want vacant front", "want vacant front"),
    ],
)  # fmt: skip
def test_negations_are_words_and_tokens_stay_themselves(raw, tokens):
    assert words(raw, tokens) == [tokens, tokens]


@pytest.mark.parametrize(
    "same, emoji",
    [
        (":) :-) =) :))", "\U0001f642"),
        (":( :-( :((", "\U0001f641"),
        (";) ;-)", "\U0001f609"),
        (":D :-D =D", "\U0001f603"),
        (" xD XD", "\U0001f606"),
        (":/ :-/ :-\\", "\U0001f615"),
        (":P :-p", "\U0001f61b"),
        (":'( ;_; T_T", "\U0001f622"),
        ("<3 <33", "\u2764"),
        ("</3", "\U0001f494"),
    ],
)
def test_an_emoticon_is_an_emoji(same, emoji):
    (row,) = words(f"great{same}")
    assert row.split() == ["great"] + [emoji] * len(same.split())


def test_what_looks_like_an_emoticon():
    texts = ["at 10:30", "note:(a)", "a: Dog, b:Pat", "under <30", "and/or"]
    expected = ["at 10 : 30", "note : ( a )", "a : Dog , b : Pat"]
    assert words(*texts) == [*expected, "under < 30", "and / or"]


def test_every_name_of_html_is_known():
    named = {k: v for k, v in html.entities.html5.items() if k.endswith(";")}
    cleaner = CODEC._cleaner._entities
    found = cleaner(tf.constant([f"a&{name}b" for name in named])).numpy()
    expected = [f"a{character}b" for character in named.values()]
    assert [text.decode() for text in found] == expected
    latin = html.entities.name2codepoint.items()
    assert set(named) >= {f"{name};" for name, _ in latin}


def test_characters_are_folded_as_one_by_one():
    codes = [*range(0xA0, 0x2FF), 0xFB01, 0x1D400, 0x4E2D, 0xE0100, 0xAC00]
    pieces = [f"a{chr(code)}b" for code in codes]
    folded = CODEC._cleaner._folding(tf.constant([*pieces, ""])).numpy()
    expected = [f"a{fold(chr(code))}b" for code in codes]
    expected[codes.index(0xE0100)] = "ab"
    assert [text.decode() for text in folded] == [*expected, ""]


@pytest.mark.parametrize("text", ["caf\u00e9 \u00dcber", "\ud55c\uae00 \u0439"])
def test_both_forms_of_unicode_are_the_same(text):
    forms = [unicodedata.normalize(f, text) for f in ("NFC", "NFD", "NFKC")]
    assert len(set(words(*forms))) == 1


def test_a_text_alone_is_as_in_a_batch():
    texts = ["caf\u00e9", "", "&amp; soooo", ":) http://x.y", "plain", "ooo"]
    texts += ["o", "oo", "aaa", "aaaa", "aab"]  # runs end with their text
    assert words(*texts) == [words(text)[0] for text in texts]
    assert words() == []


def test_an_older_configuration_is_as_it_was():
    old = TextCodec(["a", "b"], ["good"])
    assert not {"clean", "english"} & set(old.get_config())
    again = TextCodec.from_config(old.get_config())
    (row,) = again.split(tf.constant(["don't caf\u00e9 :)"])).to_list()
    assert [w.decode() for w in row] == ["don't", "caf\u00e9", ":", ")"]
    rows = again.split(tf.constant(["", "!!!"]))
    assert again.unsure(rows, again.ids(rows)).numpy().tolist() == [b"", b""]
    new = TextCodec.from_config(CODEC.get_config())
    assert new.get_config()["clean"] is True


# a vocabulary as of reviews: frequent English, then whatever is rare
RARE = [f"rare{i}" for i in range(10_000)]
FREQUENT = [*doubts._ENGLISH.split()[:70], *"a film movie good bad".split()]
MIDDLE = "loved plot actor boring merci para".split()
ENGLISH = [*FREQUENT, *MIDDLE, *RARE]


@pytest.fixture(scope="module")
def unsure():
    codec = TextCodec(["a", "b"], ENGLISH, clean=True, english=True)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def judge(texts):
        rows = codec.split(texts)
        return codec.unsure(rows, codec.ids(rows))

    return lambda *texts: [x.decode() for x in judge(tf.constant(texts))
                           .numpy()]  # fmt: skip


def test_english_is_not_doubted(unsure):
    texts = ["Loved it", "meh good", "La La film", "The film was not good."]
    texts += ["Les Miserables, good", "good :)", "Bad!", "Das Boot is good"]
    assert unsure(*texts) == [""] * len(texts)
    assert unsure("The plot of Qwertz Uiopa is bad") == [""]


def test_other_languages_are_named(unsure):
    texts = [
        "La película es muy mala y no me gusta",
        "Der Film war wirklich langweilig.",
        "Ce film est une perte de temps",
        "Um filme muito bom",
        "Отличный фильм",
        "这部电影很好",
        "لا أحب هذا الفيلم",
    ]
    assert unsure(*texts) == [doubts.NOT_ENGLISH] * len(texts)


def test_no_words_are_named(unsure):
    texts = ["", "  ", "!!! ...", "qwertz", "qwertz uiop"]
    assert unsure(*texts) == [doubts.NO_WORDS] * len(texts)


def test_only_a_large_english_vocabulary_knows_english():
    assert doubts.is_english(ENGLISH)
    assert not doubts.is_english(ENGLISH[:9_000])
    assert not doubts.is_english(RARE + ENGLISH)
    limits = VocabularyLimits(20_000, 0, 1, 1)
    template = TextCodec(["a", "b"], [], clean=True)
    text = " ".join([*FREQUENT * 3, *RARE])
    one = np.eye(2)[:1]
    assert build_codec([text], one, template, limits).english
    assert not build_codec(["a b"], one, template, limits).english
    plain = TextCodec(["a", "b"], [])
    assert not build_codec([text], one, plain, limits).english


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    path = reviews.write(tmp_path_factory.mktemp("toy") / "toy.csv")
    data = sentiment.load_data(path=path, batch_size=16)
    assert data.codec.clean and not data.codec.english
    keras.utils.set_random_seed(0)
    model = sentiment.build_model(data.codec, kind="bag", embedding=3)
    return sentiment.Classifier(model, data.codec)


@pytest.fixture(scope="module")
def loaded(classifier, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "1"
    return seqapps.load(export.save(classifier, folder))


TEXTS = ["a fine film", "It isn't dull :)", "&eacute; \u00e9 soooo", ""]


def test_what_is_exported_cleans_and_doubts(classifier, loaded):
    ours, theirs = classifier.classify(TEXTS), loaded.classify(TEXTS)
    assert theirs["unsure"] == ["", "", "no words", "no words"]
    assert ours["unsure"] == theirs["unsure"]
    np.testing.assert_allclose(
        ours["probabilities"], theirs["probabilities"], atol=1e-6
    )
    tokens = loaded.explain(TEXTS)["tokens"]
    assert tokens[1][:5] == ["It", "is", "n't", "dull", "\U0001f642"]
    served = loaded.serving_default(TEXTS)
    assert served["label"] == theirs["label"]
    assert served["unsure"] == theirs["unsure"]
    assert list(loaded.functions["serving_default"].function_type.parameters) \
        == ["texts"]  # fmt: skip


def test_neutral_is_a_band_inside_the_graph(classifier, loaded):
    sure = loaded.classify(TEXTS)
    edge = sorted(sure["probability"])[1] - 0.5
    for model in (classifier, loaded):
        result = model.classify(TEXTS, neutral=edge + 1e-4)
        expected = [
            "neutral" if p - 0.5 < edge + 1e-4 else label
            for label, p in zip(sure["label"], sure["probability"], strict=True)
        ]
        assert result["label"] == expected and "neutral" in expected
        assert result["probability"] == pytest.approx(sure["probability"])
        assert model.classify(TEXTS, neutral=0.0)["label"] == sure["label"]
        with pytest.raises(InputError, match="neutral is 0 to 0.5, not 0.7"):
            model.classify(TEXTS, neutral=0.7)


@pytest.mark.parametrize(
    "labels", [["neg", "neutral"], ["bad", "fair", "good"]], ids=len
)
def test_neutral_needs_a_middle(labels):
    codec = TextCodec(labels, ["good", "bad"], clean=True)
    model = sentiment.build_model(codec, kind="bag", embedding=3)
    classifier = sentiment.Classifier(model, codec)
    label = classifier.classify(["good"], neutral=0)["label"][0]
    assert label in labels
    with pytest.raises(InputError, match="two labels, neither"):
        classifier.classify(["good"], neutral=0.2)
    with pytest.raises(InputError, match="two labels, neither"):
        abstention.is_neutral([0.6, 0.4], labels, 0.2)
    assert not abstention.is_neutral([0.6, 0.4], labels, 0)


class Older:
    """A model of before: no argument `neutral`, no output "unsure"."""

    def __init__(self, classifier):
        self.explain, self._classify = classifier.explain, classifier.classify

    def classify(self, texts):
        outputs = self._classify(texts)
        del outputs["unsure"]
        return outputs


@pytest.mark.parametrize("older", [False, True])
def test_the_command_says_neutral_and_unsure(
    older, classifier, monkeypatch, capfd, tmp_path
):
    model = Older(classifier) if older else classifier
    monkeypatch.setattr("seqapps.cli.verbs._predictor", lambda *_: model)
    monkeypatch.chdir(tmp_path)

    def run(*flags):
        main(sentiment.TASK, ["classify", "a fine film", "", *flags])
        return capfd.readouterr().out.splitlines()

    lines = run("--neutral", ".5", "--explain", "why.html")
    assert [line.split()[0] for line in lines] == ["neutral"] * 2
    assert ("[no words]" in lines[1]) != older
    assert "<h2>neutral " in (tmp_path / "why.html").read_text("utf-8")
    rows = [json.loads(line) for line in run("--format", "json")]
    assert {row["label"] for row in rows} <= {"neg", "pos"}
    if older:
        assert "unsure" not in rows[0]
    else:
        assert [row["unsure"] for row in rows] == ["", "no words"]
    first, *_ = run("--neutral", ".5", "--abstain", ".5")
    assert first.split()[0] == "unsure"


def test_the_page_takes_a_model_of_before(classifier):
    (found,) = page.explain(Older(classifier), ["a fine film"])
    assert found.label in ("neg", "pos")
