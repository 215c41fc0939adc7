"""Translation: kinds of networks, scores, attention, averaged weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqapps
from seqapps import layers as recurrent
from seqapps import training
from seqapps.cli import main
from seqapps.export.quantize import quantize
from seqapps.layers.cells import registry
from seqapps.tasks import translation
from seqapps.tasks.translation.codec.base import shift_right
from seqapps.tasks.translation.importers.toy_pairs import generate_pairs
from seqapps.tasks.translation.options import TranslateOptions

TEXTS = [
    "twenty-one",
    "",
    "four thousand and seventeen",
    "the twenty-first of november, two thousand and twenty-six",
    "?? \N{GRINNING FACE} \N{CJK UNIFIED IDEOGRAPH-4E2D} one",
    "seven " * 70,
]


def build(codec, rate=0.002, **kwargs):
    sizes = {"units": 11, "embedding": 7, "dropout": 0.0}
    keras.utils.set_random_seed(0)
    model = translation.build_model(codec, **{**sizes, **kwargs})
    model.optimizer.learning_rate = rate
    return model


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Some 270 pairs to train on."""
    path = tmp_path_factory.mktemp("toy") / "toy.tsv"
    rows = [
        f"{target}\t{source}\n" for source, target in generate_pairs(300, 7)
    ]
    path.write_text("".join(rows), "utf-8")
    return translation.load_data(
        path=path,
        validation=0.05,
        test=0.05,
        vocabulary=70,
        target_vocabulary=20,
        batch_size=32,
        tokens=0,
        ratio=0,
    )


@pytest.fixture(scope="module")
def trained(toy):
    model = build(toy.codec, rate=0.02)
    log = model.fit(
        toy.train,
        validation_data=toy.valid,
        epochs=4,
        steps_per_epoch=18,
        shuffle=False,
        verbose=0,
    )
    return model, log.history


@pytest.fixture(scope="module")
def translator(trained, toy):
    return translation.Translator(trained[0], toy.codec)


@pytest.fixture(scope="module")
def saved(translator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "translation" / "1"
    return seqapps.save(translator, folder, {"task": "translation"})


def test_files_of_every_split_are_taken_as_they_are(tmp_path, capsys):
    pairs = generate_pairs(140, 7)  # a target, its source
    parts = {"": pairs[:120], "valid_": pairs[120:130], "test_": pairs[130:]}
    parts["test_"] = [*parts["test_"], pairs[0]]
    given = {}
    for name, rows in parts.items():
        for side, column in (("target", 0), ("source", 1)):
            path = given[name + side] = tmp_path / f"{name}{side}.txt"
            path.write_text(
                "".join(f"{row[column]}\n" for row in rows), "utf-8"
            )
    data = translation.load_data(
        **given, vocabulary=60, target_vocabulary=40, tokens=0, ratio=0
    )
    known = [{row[i] for row in pairs[:120]} for i in (0, 1)]

    def shared(rows):
        return sum(
            any(x in y for x, y in zip(r, known, strict=True)) for r in rows
        )

    said = capsys.readouterr().err
    assert len(data.examples["validation"][0]) == 10
    assert data.examples["test"][1] == [row[0] for row in parts["test_"]]
    assert (
        f"of the test pairs {shared(parts['test_'])} share a sentence" in said
    )
    assert ("of the validation" in said) == bool(shared(parts["valid_"]))


@pytest.mark.parametrize(
    "kwargs",
    [
        {"cell": "lstm", "attention": "additive", "layers": 2},
        {"cell": "layer_norm_gru", "attention": "dot"},
        {"cell": "simple_rnn", "attention": "none"},
        {"cell": "gru", "attention": "general", "word_dropout": 0.05},
    ],
    ids=lambda kwargs: "-".join(map(str, kwargs.values())),
)
def test_every_kind_learns_and_steps_as_it_walks(toy, kwargs):
    model = build(toy.codec, rate=0.02, **kwargs)
    batch = next(iter(toy.train))
    losses = [float(model.train_on_batch(*batch)[0]) for _ in range(8)]
    assert min(losses[-2:]) < 0.97 * losses[0]
    source = toy.codec.inputs(tf.constant(TEXTS))
    said = toy.codec.targets(tf.constant(["2021", "", "4", "1 2", "x", "77"]))
    logits, attention = model.call_with_attention(
        (source, shift_right(said))
    )  # whole sequences
    memory, states = model.encode(source)
    token = tf.ones([len(TEXTS)], tf.int32)
    for t in range(said.shape[1]):
        one, states, weights = model.step(token, states, memory)
        there = said[:, t] != 0
        one, more = tf.split(one, [logits.shape[-1], -1], axis=1)
        assert np.all(more == -np.inf)  # never said
        np.testing.assert_allclose(one[there], logits[:, t][there], atol=2e-5)
        np.testing.assert_allclose(
            weights[there], attention[:, t][there], atol=2e-5
        )
        token = said[:, t]
    for row, text, told in zip(logits, TEXTS, said, strict=True):
        alone = toy.codec.inputs(tf.constant([text]))
        alone, _ = model.call_with_attention(
            (alone, shift_right(told[tf.newaxis]))
        )
        np.testing.assert_allclose(alone[0], row, atol=2e-5)


class Gated(recurrent.GRUCell):
    """A stranger's cell, which projects by two products."""

    def build(self, shape):
        super().build(shape)
        self.gate = self.add_weight((shape[-1], 3 * self.units), name="gate")

    def project(self, inputs, noise, matmul=keras.ops.matmul):
        p = super().project(inputs, noise, matmul)
        return p * keras.ops.sigmoid(matmul(inputs, self.gate))


class Squashed(recurrent.GRUCell):
    """One whose products are not of its inputs themselves."""

    def project(self, inputs, noise, matmul=keras.ops.matmul):
        return super().project(keras.ops.tanh(inputs), noise, matmul)


@pytest.mark.parametrize("cell", [Gated, Squashed])
def test_a_step_projects_as_the_cell_does(cell, toy, monkeypatch):
    monkeypatch.setattr(
        registry, "make_cell", lambda name, units, **rest: cell(units, **rest)
    )
    model = build(toy.codec, cell="gru")
    source = toy.codec.inputs(tf.constant(TEXTS[:1]))
    said = toy.codec.targets(tf.constant(["2021"]))
    logits, _ = model.call_with_attention((source, shift_right(said)))
    memory, states = model.encode(source)
    token = tf.ones([1], tf.int32)
    for t in range(said.shape[1]):
        one, states, _ = model.step(token, states, memory)
        one = one[:, : logits.shape[-1]]
        np.testing.assert_allclose(one, logits[:, t], atol=2e-5)
        token = said[:, t]


def test_scores_are_those_of_forced_decoding(translator):
    how = {"length_penalty": 0.7, "coverage_penalty": 0.2}
    said = translator.translate(TEXTS, beam=6, nbest=6, **how)
    checked = 0
    for text, found, scores in zip(
        TEXTS, said["texts"], said["scores"], strict=True
    ):
        real = [(f, s) for f, s in zip(found, scores, strict=True) if s > -1e9]
        assert scores == sorted(scores, reverse=True)
        assert len({f for f, _ in real}) == len(real)  # none twice
        forced = translator.score(
            [text] * len(real), [f for f, _ in real], **how
        )
        np.testing.assert_allclose(
            forced["scores"], [s for _, s in real], atol=1e-4
        )
        checked += len(real)
    assert checked > 20
    assert all(n >= 1 for n in forced["tokens"])


def test_attention_sums_to_one_over_the_source(translator):
    said = translator.translate(TEXTS, beam=3, nbest=2)
    for text, tokens, names, looks in zip(
        range(len(TEXTS)),
        said["source_tokens"],
        said["target_tokens"],
        said["attention"],
        strict=True,
    ):
        length = tokens.index("<end>") + 1
        for row, look in zip(names, np.array(looks), strict=True):
            spoken = np.array(row) != ""
            sums = look[:, :length].sum(-1)
            np.testing.assert_allclose(sums[spoken], 1, atol=1e-5)
            assert (look[:, length:] == 0).all(), text
            assert (sums[~spoken] == 0).all()
            if spoken.any():
                assert row[spoken.sum() - 1] == "<end>"


def test_a_translation_has_its_least_length_and_repeats_nothing(translator):
    said = translator.translate(TEXTS, minimum=5, no_repeat=2)
    for row in said["target_tokens"]:
        tokens = [name for name in row[0] if name]
        pairs = list(zip(tokens, tokens[1:], strict=False))
        assert len(set(pairs)) == len(pairs)
        if len(tokens) > 1:  # an empty text has an empty translation
            # what is shown is the text's own cut, which may have fewer
            # sub-words than were written, but has all their letters
            assert tokens[-1] == "<end>"
            assert len("".join(tokens[:-1])) >= 5


def test_an_exported_model_has_defaults_and_checks_arguments(translator, saved):
    loaded = seqapps.load(saved)
    assert (
        loaded.translate(["seven"])["texts"]
        == (
            translator.translate(["seven"], beam=TranslateOptions.beam)["texts"]
        )
    )
    scores = [p.score(["six"], ["6"])["scores"] for p in (translator, loaded)]
    np.testing.assert_allclose(*scores, atol=1e-5)
    with pytest.raises(seqapps.InputError, match="beam is 1 to 100, not 0"):
        loaded.translate(["seven"], beam=0)
    with pytest.raises(seqapps.InputError, match="nbest"):
        loaded.translate(["seven"], beam=2, nbest=3)
    with pytest.raises(seqapps.InputError, match="translation for each"):
        loaded.score(["six"], ["6", "7"])
    for word in ("translate(", "score(", "serving_default("):
        assert word in seqapps.inspect(saved)


def test_embeddings_of_8_bits_say_nearly_the_same(trained, toy, tmp_path):
    twin = build(toy.codec)
    twin.set_weights(trained[0].get_weights())
    full = translation.Translator(trained[0], toy.codec)
    expected = full.score(TEXTS[:4], ["21", "", "4017", "2026-11-21"])
    assert len(quantize(twin)) == 2
    small = translation.Translator(twin, toy.codec)
    path = seqapps.save(small, tmp_path / "small")
    found = seqapps.load(path).score(
        TEXTS[:4], ["21", "", "4017", "2026-11-21"]
    )
    np.testing.assert_allclose(
        found["log_probability"],
        expected["log_probability"],
        rtol=0.05,
        atol=0.1,
    )


def test_the_network_survives_a_keras_file(trained, toy, tmp_path):
    model, _ = trained
    model.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    x = toy.codec.inputs(tf.constant(TEXTS[:3])), tf.ones([3, 2], tf.int32)
    np.testing.assert_array_equal(model(x), again(x))


def words(folder, *more):
    path = folder / "toy.tsv"
    rows = [
        f"{source}\t{target}\n" for source, target in generate_pairs(150, 1)
    ]
    path.write_text("".join(rows), "utf-8")
    return [
        *f"--data.path {path} --data.source-column 1 --data.target-column 2 "
        "--data.validation 0.1 --data.test 0.1 --data.vocabulary 500 "
        "--data.no-sentences --data.batch-size 16 "
        "--data.sampling 0.5 --data.tokens 0 --data.ratio 0 "
        "--model.units 6 --model.embedding 4 "
        "--fit.average 0.7 --model.dropout 0.2 --fit.seed 3 "
        "--model.cell simple_rnn --fit.steps-per-epoch 5 "
        "--fit.warmup-epochs 0 --fit.decay-epochs 0".split(),
        *more,
    ]


def test_resumed_equals_unbroken(tmp_path, monkeypatch, capfd):
    ways = {
        "whole": [["--fit.epochs", "2"]],
        "halves": [["--fit.epochs", "1"], ["--fit.epochs", "2"]],
    }
    states, best = {}, {}
    for name, parts in ways.items():
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        for i, part in enumerate(parts):
            more = ["--resume"] if i else []
            main(translation.TASK, ["train", *words(tmp_path, *part), *more])
        (run,) = (tmp_path / name / "runs/translation").iterdir()
        with np.load(run / "state.npz") as arrays:
            states[name] = [arrays[k] for k in arrays if k != "about"]
        best[name] = training.restore(translation.TASK, run)[0]
    for one, two in zip(*states.values(), strict=True):
        np.testing.assert_array_equal(one, two)
    # what is kept is the mean of the weights
    rows = [p.model.get_weights() for p in best.values()]
    for one, two in zip(*rows, strict=True):
        np.testing.assert_array_equal(one, two)
    last = states["whole"][: len(rows[0])]
    assert any(
        abs(a - b).max() > 1e-4 for a, b in zip(rows[0], last, strict=True)
    )


@pytest.mark.parametrize(
    "kwargs",
    [
        {"units": 0},
        {"layers": 4},
        {"dropout": 1.0},
        {"label_smoothing": -0.1},
    ],
    ids=str,
)
def test_senseless_sizes_are_refused(toy, kwargs):
    with pytest.raises(seqapps.InputError):
        build(toy.codec, **kwargs)


@pytest.mark.parametrize(
    "kwargs, said",
    [
        ({"vocabulary": 5}, "vocabulary"),
        ({"validation": 0.0}, "shares"),
        ({"batch_size": 0}, "batch_size"),
        ({"sampling": -1.0}, "sampling"),
        ({"source": "toy.tsv"}, "not|or"),
    ],
    ids=str,
)
def test_data_that_cannot_be_used_are_refused(tmp_path, kwargs, said):
    path = tmp_path / "toy.tsv"
    rows = [f"{target}\t{source}\n" for source, target in generate_pairs(90, 7)]
    path.write_text("".join(rows), "utf-8")
    with pytest.raises(seqapps.InputError, match=said):
        translation.load_data(
            **{"path": path, "validation": 0.1, "test": 0.1, **kwargs}
        )


def test_what_ships_translates():
    translator = seqapps.load(seqapps.export.shipped_model("translation"))
    texts = [
        "\N{INVERTED QUESTION MARK}D\xf3nde est\xe1 la biblioteca?",
        "Hace mucho fr\xedo.",
        "El perro que compraste ayer no quiere comer.",
        "",
    ]
    said = translator.translate(texts, beam=5, nbest=3)
    assert [found[0] for found in said["texts"]] == [
        "Where is the library?",
        "It's very cold.",
        "The dog you bought yesterday doesn't want to eat.",
        "",
    ]
    for i, text in enumerate(texts[:3]):
        alone = translator.translate([text], beam=5, nbest=3)
        assert alone["texts"][0] == said["texts"][i]
        forced = translator.score([text] * 3, said["texts"][i])
        np.testing.assert_allclose(
            forced["scores"], said["scores"][i], atol=1e-4
        )
    # each word was looked for where it stands
    english = said["target_tokens"][2][0]
    spanish = said["source_tokens"][2]
    looks = np.array(said["attention"][2][0])
    for word, there in (("dog", "perro"), ("yesterday", "ayer")):
        row = looks[english.index(f"\u2581{word}")]
        assert spanish[row.argmax()] == f"\u2581{there}"
