"""Texts of many sentences, translated by the graph of a saved model."""

import json
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqapps
from seqapps import text
from seqapps.tasks import translation
from seqapps.tasks.translation.codec.base import PairCodec
from seqapps.tasks.translation.codec.quality import FEATURES, Quality
from seqapps.tasks.translation.importers import terms
from seqapps.tasks.translation.importers.toy_pairs import generate_pairs

TEXTS = [
    "Twenty-one.",
    "twenty-one. Four thousand!\n\n  See {x}, https://a.es/b; 5 %s",
    "",
    " \n ",
    "FOUR THOUSAND AND SIX",
    "5 + 3",
    "One <b>two</b> Acme Co",
]
KEPT = ["{x}", "https://a.es/b", "%s", "<b>", "</b>", "Acme Co"]
GLOSSARY = [["Acme Co", "Acme Co"]]
QUALITY = Quality(  # the share of words that are known
    weights=[-2.0 * (name == "unknown words") for name in FEATURES],
    bias=1.0,
    source_weights=[0.0] * len(FEATURES),
    source_bias=30.0,
    low=[-9.0] * len(FEATURES),
    high=[9.0] * len(FEATURES),
    limit=0.3,
)
WITHOUT_KERAS = """
import json, sys
sys.modules["keras"] = None
import tensorflow as tf
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
model = tf.saved_model.load(sys.argv[1])
texts, glossary = map(tf.constant, json.loads(sys.stdin.read()))
found = model.translate(texts, 2, 2, glossary=glossary)["texts"]
print(json.dumps([[t.decode() for t in row] for row in found.numpy()]))
"""


@pytest.fixture(scope="module", autouse=True)
def unoptimised():
    """Graphs are run as they are: to prepare them takes most of the time."""
    options = {"disable_meta_optimizer": True}
    tf.config.optimizer.set_experimental_options(options)
    yield
    options = {"disable_meta_optimizer": False}
    tf.config.optimizer.set_experimental_options(options)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("toy") / "toy.tsv"
    rows = [f"{t}\t{s}\n" for s, t in generate_pairs(150, 7)]
    path.write_text("".join(rows), "utf-8")
    sizes = {"vocabulary": 60, "target_vocabulary": 20, "batch_size": 16}
    return translation.load_data(
        path=path, sentences=True, language="en", tokens=0, ratio=0,
        validation=0.1, test=0.1, **sizes
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(data, tmp_path_factory):
    keras.utils.set_random_seed(0)
    model = translation.build_model(
        data.codec, units=7, embedding=5, dropout=0.0
    )
    likely = np.random.default_rng(0).normal(0, 2, len(data.codec.target))
    likely[text.END] = 1.0
    model.bias.assign(likely)  # as if it had learned something
    data.codec.set_words(["Twenty", "one", "four", "thousand"])
    data.codec.quality = QUALITY
    translator = translation.Translator(model, data.codec)
    assert terms.are_known(translator)
    path = tmp_path_factory.mktemp("models") / "1"
    return seqapps.save(translator, path, {"task": "translation"})


@pytest.fixture(scope="module")
def elsewhere(folder):
    """A process that translates without Keras, while the tests run."""
    process = subprocess.Popen(
        [sys.executable, "-c", WITHOUT_KERAS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps([TEXTS, GLOSSARY]))
    process.stdin.close()
    process.stdin = None
    yield process
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def translator(folder, elsewhere):
    return seqapps.load(folder)


@pytest.fixture(scope="module")
def found(translator):
    return translator.translate(TEXTS, beam=2, nbest=2, glossary=GLOSSARY)


def test_the_setting_is_left_out_when_it_is_off(data):
    config = data.codec.get_config()
    assert (config["sentences"], config["language"]) == (True, "en")
    assert PairCodec.from_config(config).get_config() == config
    off = PairCodec(config["source"], config["target"])
    assert set(off.get_config()) == {"source", "target", "longest"}


def test_what_is_kept_and_what_stands_between(found):
    texts = [row[0] for row in found["texts"]]
    joined = " ".join(texts)
    assert all(joined.count(value) == 1 for value in KEPT)
    assert not any("\ue000" <= c <= "\uf8ff" for c in joined)
    assert "\n\n  " in texts[1] and texts[1].count("\n") == 2
    assert texts[2:4] == ["", " \n "] and texts[5] == "5 + 3"
    assert texts[4] == texts[4].upper() and not texts[4].endswith(".")


def test_a_batch_is_each_text_alone(translator, found):
    for i in (0, 1, 6):
        alone = translator.translate(
            TEXTS[i : i + 1], beam=2, nbest=2, glossary=GLOSSARY
        )
        assert alone["texts"][0] == found["texts"][i]
        np.testing.assert_allclose(
            alone["scores"][0], found["scores"][i], atol=1e-4
        )


def test_alternatives_are_of_one_sentence(found):
    assert all(found["texts"][0]) and np.isfinite(found["scores"][0]).all()
    for i in (1, 2, 3, 5):
        assert found["texts"][i][1] == ""
        assert found["scores"][i][1] == -np.inf
    assert found["scores"][2][0] == found["scores"][5][0] == 0.0


def test_attention_is_block_by_block(translator, found):
    weights = np.array(found["attention"])[1, 0]
    source = [token for token in found["source_tokens"][1] if token]
    target = [token for token in found["target_tokens"][1][0] if token]
    assert source.count("<end>") == 1 and weights[: len(target)].any(1).all()
    one = translator.translate(["Twenty-one."], beam=2)
    rows = len([t for t in one["target_tokens"][0][0] if t]) - 1
    width = len([t for t in one["source_tokens"][0] if t]) - 1
    assert rows < len(target) and not weights[:rows, width:].any()


def test_the_quality_of_a_text_is_the_mean_of_its_pieces(translator, found):
    def p(unknown):
        return 1 / (1 + np.exp(2 * unknown - 1))

    quality = np.array(found["quality"])
    assert quality.shape == (len(TEXTS), 2)
    np.testing.assert_allclose(quality[0], p(0.0), rtol=1e-4)
    assert quality[2:4].tolist() == [[0.0, 0.0]] * 2  # nothing to translate
    assert quality[5].tolist() == [1.0, 0.0]  # "5 + 3" is as it was
    assert found["unsure"][:4] == [False, False, True, True]
    texts = ["Xyz.", "Four.", "Xyz. Four. Four."]
    alone = translator.translate(texts, beam=2)
    (bad,), (good,), (both,) = alone["quality"]
    assert [bad, good] == pytest.approx([p(1.0), p(0.0)], rel=1e-4)
    assert bad < both < good and alone["unsure"] == [True, False, False]


@pytest.mark.parametrize(
    "text, sure",
    [
        ("?!?!", False),
        ("... --- ...", False),
        ("\U0001f436\U0001f431", False),
        ("a" * 200, False),
        ("12:30", True),
        ("3 1 4", True),
        ("https://example.org", True),
        ("{name}: %s", True),
    ],
)
def test_what_is_given_back_is_sure_if_it_is_to_be_kept(translator, text, sure):
    found = translator.translate([text], nbest=1)
    assert found["texts"] == [[text]]
    assert found["quality"] == [[float(sure)]]
    assert found["unsure"] == [not sure]


def test_the_command_says_what_is_unsure(translator, capsys):
    texts = "Xyz.", "Four."
    translation.translate(translator, *texts, format="json")
    said = capsys.readouterr()
    first, second = map(json.loads, said.out.splitlines())
    reason = "unsure: its quality is 0.27"
    assert first["unsure"][-1] == reason
    assert first["translations"][0]["quality"] == 0.2689
    assert second["translations"][0]["quality"] == 0.7311
    assert f"line 1: {reason}" in said.err.splitlines()
    assert said.err.count("unsure: ") == 1


def test_a_score_is_of_the_whole_text(translator):
    texts = ["One.", "Two hundred?"]
    parts = translator.translate(texts, beam=2, length_penalty=0.0)
    whole = translator.translate([" ".join(texts)], beam=2, length_penalty=0.0)
    assert whole["texts"] == [[" ".join(t[0] for t in parts["texts"])]]
    np.testing.assert_allclose(
        whole["scores"][0], np.sum(parts["scores"]), rtol=1e-5
    )
    several = translator.translate(["One. Six. " * 60], beam=1)
    assert several["texts"][0][0].count(" ") >= 119
    assert max(np.array(several["attention"]).shape) <= 320


def test_saved_it_needs_no_keras(elsewhere, found):
    said, _ = elsewhere.communicate()
    assert elsewhere.returncode == 0
    assert json.loads(said) == found["texts"]


def test_a_translator_takes_a_glossary(translator):
    assert terms.are_known(translator)
    assert translator.translate([], glossary=GLOSSARY)["texts"] == []


def test_a_sentence_has_the_score_of_its_translation(translator, found):
    said = found["texts"][4][0]
    scores = translator.score([TEXTS[4]], [said])["scores"]
    assert np.isfinite(scores).all()
    one = translator.translate(["Twenty-one."], beam=2)
    scores = translator.score(["Twenty-one."], [f"{one['texts'][0][0]}."])
    assert np.isfinite(scores["scores"]).all()


DOCUMENTS = {
    "a.html": "<p>Twenty <b>one</b> &amp; {x}.</p>\r\n<!-- Six -->",
    "a.md": "# Six\n\n- *Ten* `x` [two](b)\n",
    "a.srt": "1\n00:00:01,000 --> 00:00:02,000\n<i>Six</i>\n- Ten\n",
    "a.po": 'msgid "Six %d\\n"\nmsgstr ""\n\nmsgid "Ten"\nmsgstr "10"\n',
    "a.txt": "  Six.\r\n\r\n\tTen\r\n5 + 3",
}
KEPT_BY_DOCUMENTS = {
    "a.html": ["<p>", "<b>", "</b>", "{x}", "</p>\r\n<!-- Six -->"],
    "a.md": ["# ", "\n\n- ", "`x`", "[", "](b)", "\n"],
    "a.srt": ["1\n00:00:01,000 --> 00:00:02,000\n<i>", "</i>\n- ", "\n"],
    "a.po": ['msgid "Six %d\\n"\nmsgstr "', "%d", '\\n"\n\n', 'msgstr "10"'],
    "a.txt": ["  ", "\r\n\r\n\t", "\r\n5 + 3"],
}


def test_documents_keep_their_structure(translator, tmp_path, capfdbinary):
    for name, content in DOCUMENTS.items():
        path, output = tmp_path / name, tmp_path / f"out-{name}"
        path.write_bytes(content.encode())
        translation.translate(translator, input=path, output=output)
        shown = output.read_bytes()
        pattern = ".*".join(map(re.escape, KEPT_BY_DOCUMENTS[name]))
        assert re.search(pattern, shown.decode(), re.S), (name, shown)
        assert shown.decode() != content
        translation.translate(translator, input=path)
        assert capfdbinary.readouterr().out == shown
    for options in ({"format": "json"}, {"explain": tmp_path / "x.png"}):
        with pytest.raises(seqapps.InputError, match="a document takes no"):
            translation.translate(
                translator, input=tmp_path / "a.md", **options
            )
    with pytest.raises(seqapps.InputError, match="no documents such as"):
        translation.translate(object(), input=tmp_path / "a.md")


def test_terms_are_read(tmp_path):
    path = tmp_path / "terms.tsv"
    path.write_text("pan\tloaf\n\nvino tinto\tred wine\n", "utf-8")
    assert terms.read_terms("Acme; Big Co;", path, True) == [
        ("Acme", "Acme"),
        ("Big Co", "Big Co"),
        ("pan", "loaf"),
        ("vino tinto", "red wine"),
    ]
    assert terms.read_terms("", None, False) == []
    with pytest.raises(seqapps.InputError, match="--data.sentences"):
        terms.read_terms("Acme", None, False)
    path.write_text("pan\t\n", "utf-8")
    with pytest.raises(seqapps.InputError, match="'pan' without"):
        terms.read_terms("", path, True)
